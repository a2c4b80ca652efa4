/**
 * `npm run mutants`: makes every mistake of the catalogue in a copy of the program and lets the explorer, the drills and
 * the random client look for it. `npm run mutants -- --help` names the options. Exits with 1 when a mutant survives
 * without a reason, with 2 for a stale patch or a wrong option.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { InputError } from '../src/core/input-error.js';
import { suggest } from '../src/core/suggest.js';
import { patched, readCatalogue, ROOT, type Mutant } from './mutants/catalogue.js';
import { Hunt, type Outcome } from './mutants/hunt.js';
import { Sandboxes } from './mutants/sandbox.js';
import { share, tallyOf, type Result } from './mutants/tally.js';
import { LEVELS, ONE_FAULT_LEVELS, type AttackLevel } from './mutants/verdict.js';
import { noteOneFault, writeMutantsDocument } from './mutants-doc.js';

const HELP = `npm run mutants -- [options]
  --list         name the mutants and stop
  --only ID      only this one; may be given again
  --group NAME   only the executor's or only the venues'
  --jobs N       attacks at once (2)
  --seconds N    processor time for each (60)
  --levels A,B   only these levels of the attack (all; clean is always the first)
  --out FOLDER   finished results; the next start goes on from them (reports/mutants)
  --fresh        forget finished results
  --one-fault    only the explorer's levels with one fault, without the shipped scenarios
  --document     write docs/mutants.md; what was not attacked now keeps its last result
`;

const EXIT = { ok: 0, survivor: 1, badInput: 2 } as const;

function optionsOf(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        list: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        group: { type: 'string' },
        jobs: { type: 'string', default: '2' },
        seconds: { type: 'string', default: '60' },
        levels: { type: 'string', default: LEVELS.join(',') },
        out: { type: 'string', default: join(ROOT, 'reports', 'mutants') },
        'one-fault': { type: 'boolean', default: false },
        fresh: { type: 'boolean', default: false },
        document: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error), {}, HELP);
  }
}

function numberOf(name: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InputError(`expected a whole number from 1, found "${text}"`, { key: `--${name}` });
  return Number(text);
}

function levelsOf(text: string): readonly AttackLevel[] {
  const words = ['clean', ...text.split(',')];
  for (const word of words)
    if (!LEVELS.some((level) => level === word))
      throw new InputError(`there is no level "${word}"`, { key: '--levels' }, `levels: ${LEVELS.join(', ')}`);
  return LEVELS.filter((level) => words.includes(level));
}

function chosen(catalogue: readonly Mutant[], only: readonly string[], group: string | undefined): readonly Mutant[] {
  const ids = catalogue.map(({ id }) => id);
  for (const id of only) {
    if (ids.includes(id)) continue;
    const meant = suggest(id, ids);
    throw new InputError(`there is no mutant "${id}"`, { key: '--only' }, meant === undefined ? 'see --list' : `did you mean "${meant}"?`);
  }
  if (group !== undefined && group !== 'executor' && group !== 'venues')
    throw new InputError(`there is no group "${group}"`, { key: '--group' }, 'executor or venues');
  return catalogue.filter((mutant) => (only.length === 0 || only.includes(mutant.id)) && (group === undefined || mutant.group === group));
}

const resultOf = ({ id, kill, runs, seconds, stoppedIn }: Outcome, isUnsound: boolean): Result => ({
  id,
  level: isUnsound ? undefined : kill?.level,
  promise: kill?.promise,
  where: kill?.where,
  runs,
  seconds,
  stoppedIn,
});

function row(mutant: Mutant, outcome: Outcome): string {
  const { kill, runs, seconds, stoppedIn, lost } = outcome;
  const name = mutant.id.padEnd(38);
  if (lost !== undefined) return `LOST      ${name} ${lost}`;
  if (kill !== undefined)
    return `killed    ${name} ${kill.level.padEnd(13)} ${kill.promise.padEnd(18)} ${String(runs).padStart(5)} runs ${seconds.toFixed(1).padStart(5)} s  ${kill.where}`;
  const after = `after ${runs} runs, ${seconds.toFixed(1)} s${stoppedIn === undefined ? '' : `, time up in ${stoppedIn}`}`;
  return mutant.survives === undefined ? `SURVIVED  ${name} ${after}` : `survived  ${name} ${after}: ${mutant.survives}`;
}

function closing(mutants: readonly Mutant[], results: ReadonlyMap<string, Result>): string {
  const { killed, of, money, slowest } = tallyOf(mutants, results);
  const survivors = mutants.filter(({ id }) => results.get(id)?.level === undefined);
  const lines = [
    '',
    `${killed} of ${of} killed (${share(killed, of)}); of those that lose money ${money.killed} of ${money.of} (${share(money.killed, money.of)})`,
    `the slowest kill took ${slowest.toFixed(1)} s`,
    ...survivors.map(
      ({ id, losesMoney, wrong, survives }) => `  survivor${losesMoney ? ' (money)' : ''}: ${id}: ${survives ?? `UNEXPECTED: ${wrong}`}`,
    ),
    ...mutants
      .filter(({ id, survives }) => survives !== undefined && results.get(id)?.level !== undefined)
      .map(({ id }) => `  ${id} was said to survive and does not: take "survives" out of the catalogue`),
  ];
  return lines.join('\n');
}

async function main(): Promise<number> {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) {
    console.log(HELP);
    return EXIT.ok;
  }
  const catalogue = readCatalogue();
  const mutants = chosen(catalogue, options.only, options.group);
  if (options.list) {
    for (const { id, group, losesMoney, wrong } of mutants)
      console.log(`${group.padEnd(9)} ${losesMoney ? 'money' : '     '} ${id.padEnd(38)} ${wrong}`);
    return EXIT.ok;
  }
  // Every patch is tried before the first attack: a stale one must not come after an hour of the others.
  for (const mutant of mutants) patched(mutant, (file) => readFileSync(join(ROOT, file), 'utf8'));
  const jobs = numberOf('jobs', options.jobs);
  const seconds = numberOf('seconds', options.seconds);
  const levels = options['one-fault'] ? ONE_FAULT_LEVELS : levelsOf(options.levels);
  const file = join(options.out, 'results.jsonl');
  if (options.fresh) rmSync(file, { force: true });
  const { outcomes, unsound } = await hunted(mutants, { jobs, seconds, levels, file });
  for (const [id, { promise, found }] of unsound) console.log(`UNSOUND   ${id.padEnd(38)} the unchanged program breaks ${promise}, too: ${found}`);
  const results = new Map(outcomes.map((outcome) => [outcome.id, resultOf(outcome, unsound.has(outcome.id))]));
  console.log(closing(mutants, results));
  if (options.document) await (options['one-fault'] ? noteOneFault(catalogue, results) : writeMutantsDocument(catalogue, results));
  const isBad = unsound.size > 0 || outcomes.some(({ lost }) => lost !== undefined);
  return isBad || mutants.some(({ id, survives }) => survives === undefined && results.get(id)?.level === undefined) ? EXIT.survivor : EXIT.ok;
}

interface Hunted {
  readonly outcomes: readonly Outcome[];
  readonly unsound: Awaited<ReturnType<Hunt['unsound']>>;
}

async function hunted(
  mutants: readonly Mutant[],
  options: { jobs: number; seconds: number; levels: readonly AttackLevel[]; file: string },
): Promise<Hunted> {
  const sandboxes = new Sandboxes();
  const hunt = new Hunt({ sandboxes, mutants, ...options, onOutcome: (mutant, outcome) => console.log(row(mutant, outcome)) });
  const end = (code: number) => (): void => {
    hunt.stop();
    sandboxes.removeAll();
    process.exit(code);
  };
  process.once('SIGINT', end(130));
  process.once('SIGTERM', end(143));
  try {
    const outcomes = await hunt.run();
    return { outcomes, unsound: await hunt.unsound(outcomes) };
  } finally {
    hunt.stop();
    sandboxes.removeAll();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    console.error(`error: ${error.message}`);
    process.exitCode = EXIT.badInput;
  }
}
