/** docs/mutants.md, made of the catalogue and of what the last full attack found; written by `npm run mutants -- --document`. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { markdownRow } from '../src/core/markdown.js';
import { GROUPS, type Mutant } from './mutants/catalogue.js';
import { oneFaultOf, share, tallyOf, type Result } from './mutants/tally.js';

export const MUTANTS_DOCUMENT = new URL('../docs/mutants.md', import.meta.url);
const RESULTS = new URL('../docs/mutants-results.json', import.meta.url);

/** What a result belongs to: a patch that is written anew has none yet. */
export const patchHash = ({ patches }: Mutant): string => createHash('sha256').update(JSON.stringify(patches)).digest('hex').slice(0, 12);

interface KeptResult extends Result {
  readonly patch: string;
}

export const readResults = (): ReadonlyMap<string, KeptResult> =>
  new Map((JSON.parse(readFileSync(RESULTS, 'utf8')) as readonly KeptResult[]).map((result) => [result.id, result]));

function rowOf({ id, wrong, losesMoney, survives }: Mutant, result: Result | undefined): string {
  const end =
    result?.level === undefined
      ? `survives: ${survives ?? 'no reason is known'}`
      : `${result.level}, run ${result.runs}, ${result.seconds.toFixed(0)} s: \`${result.promise ?? ''}\` in \`${result.where ?? ''}\``;
  return markdownRow([`\`${id}\``, wrong, losesMoney ? 'money' : '', end, oneFaultOf(result) ?? '']);
}

/** The text of docs/mutants.md. */
export async function mutantsDocument(mutants: readonly Mutant[], results: ReadonlyMap<string, Result>): Promise<string> {
  const { killed, of, byOneFault, bySingles, money, slowest } = tallyOf(mutants, results);
  const tables = GROUPS.map((group) => {
    const rows = mutants.filter((mutant) => mutant.group === group).map((mutant) => rowOf(mutant, results.get(mutant.id)));
    const head = ['mutant', 'what somebody could have got wrong', 'loses', 'how it dies', 'by one fault'];
    return `## ${group === 'executor' ? 'The executor and what it decides with' : 'The simulated venues'}\n\n${[markdownRow(head), markdownRow(head.map(() => '---')), ...rows].join('\n')}\n`;
  });
  const text = `# Mutants

Generated from what ran by \`npm run mutants -- --document\`; do not edit. ${mutants.length} mistakes that a review could miss, each made in a copy of the real
program ([mutants/](../mutants)). The explorer and the drills have to find them with the invariants that every run is judged by. A kill counts only
when the unchanged program makes the same run without breaking anything.

| goal | found |
| --- | --- |
| killed of those that are not equivalent: at least 95 % | ${killed} of ${of} (${share(killed, of)}) |
| killed of those that lose money: all | ${money.killed} of ${money.of} (${share(money.killed, money.of)}) |
| of the executor's by one fault alone, without a shipped scenario: at least 60 % | ${byOneFault.killed} of ${byOneFault.of} (${share(byOneFault.killed, byOneFault.of)}); by the level \`singles\` ${bySingles.killed} |
| each within 60 s of processor time | the slowest took ${slowest.toFixed(0)} s |

\`clean\` are the flows without a fault, the explorer's own first step. Then come the \`random-client\` (venues only), the \`singles\` at
orders, the shipped \`scenarios\`, \`grid\`, \`crash\`, \`permanent\`, the singles at other reads, \`boundaries\`, \`swarm\` and \`pairs\`, the large ones in
part. The attack on a mutant ends with its first broken promise, so a mutant that a scenario kills may be one that a later level would have killed, too: the last column says
which of the levels with one fault (\`clean\`, \`singles\`, \`crash\`, \`permanent\`, \`boundaries\`) kills it where no scenario is tried. \`npm run mutants -- --only ID\` makes one of them again.

${tables.join('\n')}`;
  return format(text, { parser: 'markdown', printWidth: 150 });
}

/** @param results - of what was attacked now; for the other mutants the kept results stay, as long as their patches are the same. */
export async function writeMutantsDocument(mutants: readonly Mutant[], results: ReadonlyMap<string, Result>): Promise<void> {
  const before = keptResults(mutants);
  await keep(
    mutants,
    mutants.flatMap((mutant) => {
      const kept = before.get(mutant.id);
      const result = results.get(mutant.id) ?? kept;
      return result === undefined ? [] : [{ ...result, oneFault: kept?.oneFault, patch: patchHash(mutant) }];
    }),
  );
}

/** @param results - of an attack with one fault only; what is known of the whole attack stays. */
export async function noteOneFault(mutants: readonly Mutant[], results: ReadonlyMap<string, Result>): Promise<void> {
  const kept = [...keptResults(mutants).values()];
  await keep(
    mutants,
    kept.map((result) => (results.has(result.id) ? { ...result, oneFault: results.get(result.id)?.level } : result)),
  );
}

function keptResults(mutants: readonly Mutant[]): ReadonlyMap<string, KeptResult> {
  if (!existsSync(RESULTS)) return new Map();
  const results = readResults();
  return new Map(
    mutants.flatMap((mutant) => {
      const result = results.get(mutant.id);
      return result === undefined || result.patch !== patchHash(mutant) ? [] : [[mutant.id, result] as const];
    }),
  );
}

async function keep(mutants: readonly Mutant[], kept: readonly KeptResult[]): Promise<void> {
  writeFileSync(RESULTS, await format(JSON.stringify(kept), { parser: 'json', printWidth: 150 }));
  writeFileSync(MUTANTS_DOCUMENT, await mutantsDocument(mutants, new Map(kept.map((result) => [result.id, result]))));
}
