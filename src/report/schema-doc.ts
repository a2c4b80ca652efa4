import { z } from 'zod';
import { reportSchema, SCHEMA_VERSION } from './report-json.js';

/** The parts of JSON Schema that zod writes for this report. */
interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly additionalProperties?: Node | boolean;
}

/** docs/report-schema.md: every field of report.json, written from the schema that the report is checked against. */
export function reportSchemaMarkdown(): string {
  const rows: string[] = [];
  walk(z.toJSONSchema(reportSchema) as Node, '', rows);
  return `# report.json, schema version ${SCHEMA_VERSION}

Money is a decimal string with two places. Statistics are numbers, rounded to a fixed number of places, so that the
same run writes the same bytes. A figure that the run or its data cannot support is \`{"na": "reason"}\`. Samples
(\`tails\`) hold n, censored (cases that never came to an end), mean, p50, p95, p99 and max; quantiles are nearest-rank
and null when n is 0. Instants are milliseconds since 1970, UTC.

| field | type | meaning |
| --- | --- | --- |
${rows.join('\n')}
`;
}

function walk(node: Node, path: string, rows: string[]): void {
  if (path !== '' && path !== 'sensitivity.half' && path !== 'sensitivity.double') rows.push(row(path, node));
  if (isTails(node) || path.startsWith('sensitivity.')) return;
  const inner = objectIn(node);
  for (const [name, child] of Object.entries(inner?.properties ?? {})) walk(child, path === '' ? name : `${path}.${name}`, rows);
  const items = node.items === undefined ? undefined : objectIn(node.items);
  for (const [name, child] of Object.entries(items?.properties ?? {})) walk(child, `${path}[].${name}`, rows);
}

/** The object that a node is or may be (an object or a reason, an object or null). */
function objectIn(node: Node): Node | undefined {
  if (node.properties !== undefined) return node;
  return node.anyOf?.find((option) => option.properties !== undefined && !isReason(option));
}

const isReason = (node: Node): boolean => Object.keys(node.properties ?? {}).join() === 'na';
const isTails = (node: Node): boolean => node.properties?.['censored'] !== undefined && node.properties['p99'] !== undefined;

function row(path: string, node: Node): string {
  return `| \`${path}\` | ${typeName(node)} | ${(node.description ?? '').replaceAll('|', '\\|')} |`;
}

function typeName(node: Node): string {
  if (isTails(node)) return 'tails';
  if (isReason(node)) return 'N/A';
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeName))].join(' or ');
  if (node.enum !== undefined) return node.enum.join(', ');
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.pattern !== undefined) return 'KRW';
  if (node.type === 'array') return node.items === undefined ? 'list' : `list of ${typeName(node.items)}`;
  if (node.type === 'object' && typeof node.additionalProperties === 'object') return `map to ${typeName(node.additionalProperties)}`;
  return node.type ?? 'any';
}
