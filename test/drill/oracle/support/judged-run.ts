import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgeRun } from '../../../../src/drill/oracle/judge-run.js';
import { DEFAULT_BUDGETS, LOT, type OracleContext } from '../../../../src/drill/oracle/oracle-context.js';
import type { InvariantId, InvariantResult } from '../../../../src/drill/oracle/oracle-report.js';
import { loadScenario } from '../../../../src/faults/load-scenario.js';
import type { JournalEvent, JournalRecord } from '../../../../src/journal/journal-event.js';
import { drill } from '../../../../src/run/drill.js';
import { executorNamed } from '../../../../src/run/executors.js';
import type { SimulatedRun } from '../../../../src/run/simulated-run.js';
import type { TapeEvent } from '../../../../src/sim/tape-event.js';

export type TapeOf<T extends TapeEvent['type']> = Extract<TapeEvent, { type: T }>;
export type JournalOf<T extends JournalEvent['type']> = Extract<JournalEvent, { type: T }>;

/** A run's tape and journal, free to be doctored, and what is known of it besides. */
export interface Evidence {
  tape: TapeEvent[];
  journal: JournalRecord[];
  context: OracleContext;
}

export interface RunOf {
  /** A shipped scenario's id, or the text of one. */
  readonly scenario: string;
  readonly executor?: 'reference' | 'naive' | 'letter';
  readonly seed?: string;
  readonly withFaults?: boolean;
}

const known = new Map<string, Promise<SimulatedRun>>();

/** Runs a scenario once; asked again it gives the same run. */
export function runOf(options: RunOf): Promise<SimulatedRun> {
  const key = JSON.stringify(options);
  const run = known.get(key) ?? simulate(options);
  known.set(key, run);
  return run;
}

async function simulate({ scenario, executor = 'reference', seed = '1', withFaults = true }: RunOf): Promise<SimulatedRun> {
  const isText = scenario.includes('\n');
  const dir = isText ? mkdtempSync(join(tmpdir(), 'hedgedrill-oracle-')) : '';
  try {
    const id = /^id: (\S+)/m.exec(scenario)?.[1] ?? '';
    const file = isText ? join(dir, `${id}.yaml`) : `scenarios/${scenario}.yaml`;
    if (isText) writeFileSync(file, scenario);
    const resolved = await loadScenario(file, { scenariosDir: 'scenarios' });
    return await drill({ scenario: resolved, executor: await executorNamed(executor), seed, withFaults });
  } finally {
    if (isText) rmSync(dir, { recursive: true, force: true });
  }
}

/** What the oracle reads of a run, copied, so that a test may doctor it. */
export function evidenceOf(run: SimulatedRun, context: Partial<OracleContext> = {}): Evidence {
  return {
    tape: run.tape.events.map((event) => ({ ...event })),
    journal: run.journal.map(({ seq, event }) => ({ seq, event: { ...event } })),
    context: {
      capabilities: ['journal', 'marks', 'alerts', 'lock'],
      tolerance: 0n as never,
      lot: LOT,
      isFaultFree: false,
      lastFaultAt: run.facts.lastFaultAt,
      permanent: [],
      budgets: DEFAULT_BUDGETS,
      rules: { upbit: {}, binance: {} },
      idReuse: { upbit: 'never', binance: 'after-close' },
      unhandled: [],
      waivers: [],
      ...context,
    },
  };
}

export function resultOf(evidence: Evidence, id: InvariantId): InvariantResult {
  const found = judgeRun(evidence).results.find((result) => result.id === id);
  if (found === undefined) throw new Error(`there is no invariant ${id}`);
  return found;
}

/** The events of one type that fit. */
export function pick<T extends TapeEvent['type']>(
  tape: readonly TapeEvent[],
  type: T,
  fits: (event: TapeOf<T>) => boolean = () => true,
): TapeOf<T>[] {
  return tape.filter((event): event is TapeOf<T> => event.type === type && fits(event as TapeOf<T>));
}

/** The first of them; a doctored run without one would prove nothing. */
export function first<T extends TapeEvent['type']>(tape: readonly TapeEvent[], type: T, fits?: (event: TapeOf<T>) => boolean): TapeOf<T> {
  const [found] = pick(tape, type, fits);
  if (found === undefined) throw new Error(`the tape has no such ${type}`);
  return found;
}

/** Changes fields of an event in place. */
export function change<T extends TapeEvent>(event: T, fields: Partial<Record<keyof T, unknown>>): void {
  Object.assign(event, fields);
}

/** Puts an event right behind another one, at its time unless it has its own. */
export function insertAfter(evidence: Evidence, place: TapeEvent, event: TapeEvent): void {
  evidence.tape.splice(evidence.tape.indexOf(place) + 1, 0, event);
}

export function drop(evidence: Evidence, ...events: readonly TapeEvent[]): void {
  evidence.tape = evidence.tape.filter((event) => !events.includes(event));
}

export function dropJournal(evidence: Evidence, gone: (event: JournalEvent) => boolean): void {
  evidence.journal = evidence.journal.filter(({ event }) => !gone(event));
}

/** The first journal event of a type that fits. */
export function believed<T extends JournalEvent['type']>(
  evidence: Evidence,
  type: T,
  fits: (event: JournalOf<T>) => boolean = () => true,
): JournalOf<T> {
  const found = evidence.journal.find(({ event }) => event.type === type && fits(event as JournalOf<T>))?.event;
  if (found === undefined) throw new Error(`the journal has no such ${type}`);
  return found as JournalOf<T>;
}
