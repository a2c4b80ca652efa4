/**
 * Writes docs/oracle.md: `npx tsx scripts/oracle-doc.ts`. What an invariant needs, reads and is bounded by is found out by
 * judging real runs, with capabilities taken away and with evidence that remembers who looked at it. A test compares the
 * document with what this writes.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { markdownRow } from '../src/core/markdown.js';
import { formatFixed } from '../src/core/money.js';
import { Belief } from '../src/drill/oracle/belief.js';
import { type Invariant, isNotJudged, Probe } from '../src/drill/oracle/invariant.js';
import { INVARIANTS, judgeRun, type OracleInput } from '../src/drill/oracle/judge-run.js';
import { DEFAULT_BUDGETS, LOT, type OracleBudgets } from '../src/drill/oracle/oracle-context.js';
import type { InvariantResult } from '../src/drill/oracle/oracle-report.js';
import { Truth } from '../src/drill/oracle/truth.js';
import { loadScenario } from '../src/faults/load-scenario.js';
import { drill } from '../src/run/drill.js';
import { executorNamed } from '../src/run/executors.js';
import { scenarioPath, scenariosDir } from '../src/run/package-paths.js';
import type { TapeEvent } from '../src/sim/tape-event.js';

export const ORACLE_DOCUMENT = new URL('../docs/oracle.md', import.meta.url);

/** Runs of the reference executor (the first seed) that between them give every invariant something to be held against. */
const RUNS = [
  { name: 'duel-lost-reply', withFaults: false },
  { name: 'duel-lost-reply', withFaults: true },
  { name: 'case-a-spot-filled-perp-refused', withFaults: true },
  { name: 'ban-during-rollback', withFaults: true },
  { name: 'crash-between-legs', withFaults: true },
  { name: 'rollback-order-itself-fails', withFaults: true },
  { name: 'kill-switch-during-entry', withFaults: true },
  { name: 'families/p6-clock-jump-ahead', withFaults: true },
] as const;
const CAPABILITIES = ['journal', 'alerts', 'marks', 'lock'] as const;
const WIRE: ReadonlySet<string> = new Set<TapeEvent['type']>(['request', 'arrived', 'answer']);
/** What of a belief comes from the alerts; everything else comes from the journal. */
const ALERTS: ReadonlySet<string> = new Set(['alerts', 'alertIn', 'onlyTold']);

interface DocumentedRun {
  readonly name: string;
  readonly withFaults: boolean;
  readonly evidence: OracleInput;
}

/** What was learnt of one invariant. */
interface Findings {
  readonly sources: Set<string>;
  readonly budgets: Set<keyof OracleBudgets>;
  readonly usesLot: Set<string>;
  readonly needs: Set<string>;
  readonly uses: Set<string>;
  readonly whyNot: Set<string>;
  /** In one of the runs at least. */
  isJudged: boolean;
}

async function runs(): Promise<readonly DocumentedRun[]> {
  const executor = await executorNamed('reference');
  const made: DocumentedRun[] = [];
  for (const { name, withFaults } of RUNS) {
    const scenario = await loadScenario(scenarioPath(name), { scenariosDir: scenariosDir() });
    const { evidence } = await drill({ scenario, executor, seed: String(scenario.seeds[0]), withFaults });
    made.push({ name, withFaults, evidence });
  }
  return made;
}

/** Tells `seen` of every property that is looked at. Methods keep their own `this`, since classes hide fields from a proxy. */
function watched<T extends object>(target: T, seen: (key: string) => void): T {
  return new Proxy(target, {
    get: (of, key) => {
      const value: unknown = Reflect.get(of, key, of);
      if (typeof key === 'string') seen(key);
      return typeof value === 'function' ? (value.bind(of) as unknown) : value;
    },
  });
}

/** One pass over the tape for one invariant alone, as `judgeRun` makes it for all, with evidence that remembers. */
function observe(invariant: Invariant, { tape, journal, told, context }: OracleInput, found: Findings): void {
  const truth = new Truth(tape, context);
  const budgets = watched(context.budgets, (key) => found.budgets.add(key as keyof OracleBudgets));
  const scene = {
    context: watched({ ...context, budgets }, (key) => (key === 'lot' || key === 'tolerance' ? found.usesLot.add(key) : undefined)),
    truth: watched(truth, () => found.sources.add('tape')),
    belief: watched(new Belief(journal, told), (key) => found.sources.add(ALERTS.has(key) ? 'alerts' : 'journal')),
    endAt: tape.at(-1)?.t ?? (0 as never),
  };
  const watch = invariant.watch(scene, new Probe());
  if (isNotJudged(watch)) return;
  for (const type of Object.keys(watch.on ?? {})) found.sources.add(WIRE.has(type) ? 'wire' : 'tape');
  for (const event of tape) {
    if (event.type !== 'request') truth.apply(event);
    (watch.on?.[event.type] as ((event: TapeEvent) => void) | undefined)?.(event);
    if (event.type === 'request') truth.apply(event);
  }
  watch.end?.();
}

/** The run judged as if the executor declared no more than `capabilities`. */
function judged({ tape, journal, told, context }: OracleInput, capabilities: readonly string[]): readonly InvariantResult[] {
  const kept = capabilities.includes('journal') ? journal : [];
  return judgeRun({ tape, journal: kept, told: capabilities.includes('alerts') ? told : [], context: { ...context, capabilities } }).results;
}

function findingsOf(invariant: Invariant, made: readonly DocumentedRun[]): Findings {
  const found: Findings = {
    sources: new Set(),
    budgets: new Set(),
    usesLot: new Set(),
    needs: new Set(),
    uses: new Set(),
    whyNot: new Set(),
    isJudged: false,
  };
  const mine = (results: readonly InvariantResult[]): InvariantResult | undefined => results.find(({ id }) => id === invariant.id);
  for (const { evidence } of made) {
    observe(invariant, evidence, found);
    const whole = mine(judged(evidence, CAPABILITIES));
    if (whole?.verdict === 'not judged' && whole.why !== undefined) found.whyNot.add(whole.why);
    if (whole === undefined || whole.verdict === 'not judged') continue;
    found.isJudged = true;
    for (const taken of CAPABILITIES) {
      const rest = mine(
        judged(
          evidence,
          CAPABILITIES.filter((each) => each !== taken),
        ),
      );
      if (rest?.verdict === 'not judged') found.needs.add(taken);
      else if (rest?.evaluated !== whole.evaluated || rest.verdict !== whole.verdict) found.uses.add(taken);
    }
  }
  return found;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [markdownRow(head), markdownRow(head.map(() => '---')), ...rows.map(markdownRow)].join('\n');
const listed = (words: Iterable<string>, none: string): string => [...words].join(', ') || none;

function boundText({ budgets, usesLot }: Findings): string {
  const times = [...budgets].map((key) => {
    const value = DEFAULT_BUDGETS[key];
    if (typeof value === 'object')
      return `${key} ${Object.entries(value)
        .map(([venue, ms]) => `${venue} ${ms / 1_000} s`)
        .join(', ')}`;
    if (value === undefined) return undefined;
    return key.endsWith('Ms') ? `${key} ${Number(value) / 1_000} s` : `${key} ${value}`;
  });
  const amounts = [...usesLot].map((key) => (key === 'lot' ? `a lot of ${formatFixed(LOT)} BTC` : 'the tolerance of the run'));
  return listed([...times.filter((text) => text !== undefined), ...amounts], 'none');
}

function needsText({ needs, uses, isJudged }: Findings): string {
  if (!isJudged) return 'is judged elsewhere';
  const more = uses.size === 0 ? '' : `; sees more with ${[...uses].join(', ')}`;
  return `${needs.size === 0 ? 'black box' : `needs ${[...needs].join(' and ')}`}${more}`;
}

const SOURCES = ['tape', 'wire', 'journal', 'alerts'];

function invariantRow(invariant: Invariant, found: Findings): readonly string[] {
  const { id, name, promise, against } = invariant;
  const sources = SOURCES.filter((source) => found.sources.has(source));
  const { whyNot } = found;
  return [id, name, promise, needsText(found), listed(sources, '-'), boundText(found), `no ${against}`, listed(whyNot, '-')];
}

/** `12`: held against so many; `v`: vacuous; `-`: not judged. */
function cellOf(result: InvariantResult | undefined): string {
  if (result === undefined || result.verdict === 'not judged') return '-';
  return result.verdict === 'held' ? String(result.evaluated) : result.verdict === 'vacuous' ? 'v' : result.verdict;
}

/** The text of docs/oracle.md. */
export async function oracleDocument(): Promise<string> {
  const made = await runs();
  const rows = INVARIANTS.map((invariant) => invariantRow(invariant, findingsOf(invariant, made)));
  const all = made.map(({ evidence }) => ({ full: judged(evidence, CAPABILITIES), blackBox: judged(evidence, []) }));
  const counts = INVARIANTS.map(({ id }) => [
    id,
    ...all.map(({ full, blackBox }) => {
      const [declared, seen] = [full, blackBox].map((results) => cellOf(results.find((result) => result.id === id)));
      return declared === seen ? (declared ?? '') : `${declared ?? ''} / ${seen ?? ''}`;
    }),
  ]);
  const text = `# What the oracle promises

Generated from the code by \`npx tsx scripts/oracle-doc.ts\`; do not edit. Every run of a drill, an exploration or a backtest with a scenario is held
against these ${INVARIANTS.length} invariants, safety I1 to I16 and liveness L1 to L6, in one pass over its tape. The oracle never reads an executor's memory.

- **Needs**: what an executor must declare, found out by judging the runs below with one capability after the other taken away. A *black box* declares
  nothing and is judged by what the venues saw. *Sees more with*: it is judged without, by less.
- **Evidence**: the *tape* (truth at the venues), the *wire* (requests and answers, on the tape as well), the *journal* and the *alerts* that reached people.
- **Bound**: the budgets of \`DEFAULT_BUDGETS\` (\`src/drill/oracle/oracle-context.ts\`) that were looked at.
- **Vacuous when**: the run holds nothing of the kind, so that the invariant says nothing about it. **Not judged when**: beside what is needed, in the runs below.

${table(['id', 'name', 'promise', 'needs', 'evidence', 'bound', 'vacuous when the run has', 'not judged when'], rows)}

## Judged runs

How often each invariant was held against something in runs of the reference executor (first seed): \`v\` is vacuous, \`-\` not judged. Where a black box
with the same tape is judged otherwise, its cell follows after the slash.

${table(['', ...made.map(({ name, withFaults }) => (withFaults ? name : `${name} without its faults`))], counts)}
`;
  return format(text, { parser: 'markdown', printWidth: 150 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(ORACLE_DOCUMENT, await oracleDocument());
