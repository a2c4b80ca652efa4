import type { Tails } from '../metrics/tails.js';
import { figureText } from '../number-text.js';

/** Text that stands in a Markdown cell or line as it is. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>|]/g, (mark) => `\\${mark}`).replace(/[\r\n]+/g, ' ');
}

/** A table; the first column is text, the others are figures. */
export function grid(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  const rule = `| ${columns.map((_, index) => (index === 0 ? '---' : '---:')).join(' | ')} |`;
  return [line(columns), rule, ...rows.map(line)].join('\n');
}

export const tailsRow = (name: string, tails: Tails, decimals: number): string[] => [
  name,
  String(tails.n),
  String(tails.censored),
  ...[tails.mean, tails.p50, tails.p95, tails.p99, tails.max].map((value) => figureText(value, decimals, '')),
];
/** `never`: cases that never came to an end, such as orders that did not fill. */
export const TAIL_COLUMNS = ['', 'n', 'never', 'mean', 'p50', 'p95', 'p99', 'max'] as const;
