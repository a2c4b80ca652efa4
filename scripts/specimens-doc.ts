/**
 * Writes docs/specimens.md from what the specimens did in the scenarios of their cards: `npx tsx scripts/specimens-doc.ts`.
 * With `--suite` each of them, or those named behind it, first goes through every shipped scenario that needs no data (some
 * minutes), and what caught it is kept in docs/specimens-suite.json. A test compares the document with what this writes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { markdownRow } from '../src/core/markdown.js';
import { listScenarios, loadScenario } from '../src/faults/load-scenario.js';
import { caughtBy } from '../src/run/caught-by.js';
import { drillWithControl, type DrillVerdict } from '../src/run/drill.js';
import { scenarioPath, scenariosDir } from '../src/run/package-paths.js';
import { SPECIMENS } from '../src/specimens/catalogue.js';
import { createSmallExecutor, type Specimen } from '../src/specimens/specimen.js';

export const SPECIMENS_DOCUMENT = new URL('../docs/specimens.md', import.meta.url);
const SUITE_FILE = new URL('../docs/specimens-suite.json', import.meta.url);

/** What the whole suite caught, with the first seed of each scenario. */
interface Suite {
  readonly scenarios: readonly string[];
  readonly caughtIn: Readonly<Record<string, readonly string[]>>;
  /** Of the executors that are wrong as a whole: the promises that each breaks, by scenario. */
  readonly broken: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** The sound executor that every `bug-` one was made from: what catches it as well is not the defect's. */
const BASE = { card: { id: 'small' }, factory: createSmallExecutor };

/** The executors that are wrong as a whole, and where each of them fails for a reason of its own. */
export const WHOLES = SPECIMENS.flatMap((specimen) => (specimen.card.alone === undefined ? [] : [{ ...specimen, alone: specimen.card.alone }]));

/** An executor as it goes through scenarios. */
type Entrant = Pick<Specimen, 'factory'> & { readonly card: Pick<Specimen['card'], 'id' | 'alone'> };

async function verdictOf({ card, factory }: Entrant, scenarioName: string): Promise<DrillVerdict> {
  const scenario = await loadScenario(scenarioPath(scenarioName), { scenariosDir: scenariosDir() });
  return drillWithControl({ scenario, executor: { name: card.id, factory }, seed: String(scenario.seeds[0]) });
}

/** What an executor breaks, by name; not that a fault has met nothing, which says that it did not call. */
export function brokenPromises({ broken, notJudged }: DrillVerdict): readonly string[] {
  if (notJudged !== undefined) return [];
  const names = broken.map(({ key, expected }) => (/^(never|sometimes|alerts)$/.test(key) ? `${key}: ${expected}` : key));
  return [...new Set(names.filter((name) => !name.startsWith('faults.')))];
}

export const readSuite = (): Suite => JSON.parse(readFileSync(SUITE_FILE, 'utf8')) as Suite;

const listOf = (scenarios: readonly string[]): string => scenarios.map((scenario) => `[${scenario}](../scenarios/${scenario}.yaml)`).join(', ');

const tableOf = (head: readonly string[], rows: readonly string[]): string =>
  [markdownRow(head), markdownRow(head.map(() => '---')), ...rows].join('\n');

function endOf(verdict: DrillVerdict): string {
  const caught = caughtBy(verdict);
  const [first] = caught === undefined ? verdict.controlBroken : [caught];
  if (first === undefined) return 'not caught';
  const words = `\`${first.key}\`: expected ${first.expected}, found ${first.found}`;
  return caught === undefined ? `fails without the faults: ${words}` : words;
}

/** The scenarios that caught an executor, of a defect those that spare its base. */
function caughtOnlyIn(id: string, { caughtIn }: Suite): readonly string[] {
  const caught = caughtIn[id] ?? [];
  return id.startsWith('bug-') ? caught.filter((scenario) => caughtIn[BASE.card.id]?.includes(scenario) !== true) : caught;
}

async function rowOf(specimen: Specimen, suite: Suite): Promise<string> {
  const { id, source, wrong, scenario } = specimen.card;
  const end = endOf(await verdictOf(specimen, scenario));
  const count = `${caughtOnlyIn(id, suite).length}`;
  return markdownRow([
    `\`${id}\``,
    source,
    wrong,
    `[${scenario}](../scenarios/${scenario}.yaml)`,
    end,
    count,
    `\`npx hedgedrill drill ${scenario} --executor ${id}\``,
  ]);
}

/** What each of the wholes breaks where one of them is alone. */
async function aloneRow({ card: { id }, alone: { scenario, promise } }: (typeof WHOLES)[number]): Promise<string> {
  const cells: string[] = [];
  for (const other of WHOLES) {
    const broken = brokenPromises(await verdictOf(other, scenario));
    cells.push(broken.length === 0 ? '-' : broken.map((name) => `\`${name}\``).join(', '));
  }
  return markdownRow([`\`${id}\``, `[${scenario}](../scenarios/${scenario}.yaml)`, `\`${promise}\``, ...cells]);
}

/** The text of docs/specimens.md. */
export async function specimensDocument(): Promise<string> {
  const suite = readSuite();
  const rows: string[] = [];
  for (const specimen of SPECIMENS) rows.push(await rowOf(specimen, suite));
  const aloneRows: string[] = [];
  for (const whole of WHOLES) aloneRows.push(await aloneRow(whole));
  const aloneHead = ['specimen', 'scenario', 'promise that it alone breaks', ...WHOLES.map(({ card }) => `broken by \`${card.id}\``)];
  const head = ['specimen', 'source', 'what is wrong', 'scenario', 'first broken promise', 'caught in the suite', 'command'];
  const text = `# Executors that must fail

Generated from what ran by \`npx tsx scripts/specimens-doc.ts\`; do not edit. ${SPECIMENS.length} executors, each wrong in its own way. The \`bug-\` ones are one small
sound executor (\`--executor small\`) with a decision made as published code made it: the small executor passes the scenario, the defect fails it, and
without the faults the defect passes too, so that the failure is the decision's. The \`port-\` ones are patterns of published code in our own words.

A specimen counts as caught only by money or the final state, and only if it passes the same run without the faults. \`letter\` and \`null\` fail
nearly everything without any fault: next to nothing counts as a catch for them. The last figure is in how many of the ${suite.scenarios.length} scenarios without
market data (first seed) that was so when the suite last ran (\`--suite\`). For a \`bug-\` one it leaves out those in which the small executor is caught as well: ${listOf(suite.caughtIn[BASE.card.id] ?? [])}.

${tableOf(head, rows)}

## Wrong as a whole, each in its own way

${WHOLES.map(({ card }) => `\`${card.id}\``).join(', ')} are no defects of one decision. A suite that failed them all for the same reason would say nothing about
three of them, so each has a scenario with a promise that it breaks and the others keep (they pass, or break another one).

${tableOf(aloneHead, aloneRows)}
`;
  return format(text, { parser: 'markdown', printWidth: 150 });
}

async function runSuite(only: readonly string[]): Promise<Suite> {
  const scenarios = (await listScenarios(scenariosDir())).filter(({ trades }) => !trades).map(({ file }) => file.replace(/\.yaml$/, ''));
  const before = only.length === 0 ? undefined : readSuite();
  const caughtIn: Record<string, readonly string[]> = { ...before?.caughtIn };
  const broken: Record<string, Readonly<Record<string, readonly string[]>>> = { ...before?.broken };
  const entrants: readonly Entrant[] = [BASE, ...SPECIMENS];
  for (const entrant of entrants.filter(({ card }) => before === undefined || only.includes(card.id))) {
    const { id, alone } = entrant.card;
    const caught: string[] = [];
    const promises: Record<string, readonly string[]> = {};
    for (const scenario of before?.scenarios ?? scenarios) {
      const verdict = await verdictOf(entrant, scenario);
      if (caughtBy(verdict) !== undefined) caught.push(scenario);
      promises[scenario] = brokenPromises(verdict);
    }
    caughtIn[id] = caught;
    if (alone !== undefined) broken[id] = promises;
  }
  return { scenarios: before?.scenarios ?? scenarios, caughtIn, broken };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [option, ...only] = process.argv.slice(2);
  if (option === '--suite') writeFileSync(SUITE_FILE, await format(JSON.stringify(await runSuite(only)), { parser: 'json', printWidth: 150 }));
  writeFileSync(SPECIMENS_DOCUMENT, await specimensDocument());
}
