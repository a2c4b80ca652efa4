import { fixedFromNumber, type Btc, type Krw } from '../core/money.js';
import { abs } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import type { Executor } from '../executor/ports.js';
import type { FlowFact, ScenarioFacts } from '../faults/expectation.js';
import type { ScenarioFaultSession } from '../faults/scenario-faults.js';
import type { JournalRecord } from '../journal/journal-event.js';
import type { Mark } from '../journal/marks.js';
import { analyseEpisodes } from '../report/analysis.js';
import { TOLERANCE_DEFAULT } from '../report/run-facts.js';
import type { Simulation } from '../sim/simulation.js';
import type { TapeEvent } from '../sim/tape-event.js';
import type { EndsByFlow } from './scenario-steps.js';

export interface FactsInput {
  readonly trades: boolean;
  readonly tape: readonly TapeEvent[];
  readonly journal: readonly JournalRecord[];
  readonly simulation: Simulation;
  readonly session: ScenarioFaultSession;
  readonly ends: EndsByFlow;
  /** undefined: the process is down at the end. */
  readonly executor: Executor | undefined;
  /** Codes of what people were really told. */
  readonly told: readonly string[];
  /** Whether the run came to its end by itself. */
  readonly ended: boolean;
  /** Marks of what the oracle found broken. */
  readonly violations: readonly string[];
}

const ORDER_METHODS: ReadonlySet<string> = new Set(['createOrder']);

/** Works out what a scenario's expectations are judged by: truth from the tape, belief only where the executor declares it. */
export function scenarioFacts(input: FactsInput): ScenarioFacts {
  const { tape, journal, simulation, session, executor } = input;
  const { facts, episodes } = analyseEpisodes({ tape, journal });
  const repaired = episodes.filter(({ kind }) => kind !== 'legging');
  const unwound = episodes.filter(({ unwoundBtc }) => unwoundBtc > 0);
  const capable = new Set(executor?.capabilities ?? []);
  const events = journal.map(({ event }) => event);
  const costBps = unwound.flatMap(({ costBps: bps }) => (typeof bps === 'number' ? [bps] : []));
  return {
    trades: input.trades,
    flows: flowFacts(tape, input.ends),
    spot: simulation.spot(),
    perp: simulation.perp(),
    openOrders: simulation.openOrders(),
    // An executor that buys by cost leaves dust that no venue takes; the reference trades on the common grid.
    tolerance: capable.has('journal') ? undefined : TOLERANCE_DEFAULT,
    entryLocked: capable.has('lock') ? executor?.halted !== undefined : undefined,
    maxUnhedged: facts.positions.reduce<Btc>((most, { residual }) => (abs(residual) > most ? abs(residual) : most), 0n as Btc),
    longestUnhedgedMs: facts.episodes.reduce((longest, { start, end }) => Math.max(longest, (end ?? facts.to) - start), 0),
    nakedKrwSeconds: fixedFromNumber<Krw>(Math.round(episodes.reduce((sum, { exposure }) => sum + exposure.krwSeconds, 0))),
    rollbacks: repaired.length,
    rollbacksProven: repaired.filter(({ provenWithinDeadline }) => provenWithinDeadline).length,
    rollbackCostBp: costBps.length === 0 ? undefined : Math.max(...costBps),
    rollbackCostKrw: fixedFromNumber<Krw>(Math.round(unwound.reduce((sum, { costKrw }) => sum + costKrw, 0))),
    orders: facts.orders.filter(({ request }) => ORDER_METHODS.has(request.method)).length,
    requests: tape.filter(({ type }) => type === 'request').length,
    alerts: capable.has('alerts') ? [...events.flatMap((event) => (event.type === 'alert' ? [event.alert] : [])), ...input.told] : undefined,
    marks: capable.has('marks') ? [...events.flatMap((event) => (event.type === 'mark' ? [event.mark] : [])), ...marksOf(tape)] : undefined,
    violations: input.violations,
    tally: session.tally(),
    lastFaultAt: session.lastStruckAt(),
    terminalAt: input.ended ? terminalAt(tape, simulation) : undefined,
  };
}

/** Marks of what an instance may not journal, since the lease is not its own. */
function marksOf(tape: readonly TapeEvent[]): readonly Mark[] {
  return tape.some((event) => event.type === 'process' && event.event === 'refused') ? ['lease.second-instance-refused'] : [];
}

function flowFacts(tape: readonly TapeEvent[], ends: EndsByFlow): readonly FlowFact[] {
  const facts = new Map<number, { -readonly [K in keyof FlowFact]: FlowFact[K] }>();
  const running = new Set<number>();
  for (const event of tape) {
    if (event.type === 'flow.begin') {
      facts.set(event.flow, { flow: event.flow, kind: event.kind, begunAt: event.t, ends: ends.get(event.flow) });
      running.add(event.flow);
    }
    if (event.type === 'flow.end') {
      const fact = facts.get(event.flow);
      if (fact !== undefined) {
        fact.endedAt = event.t;
        fact.outcome = event.outcome;
      }
      running.delete(event.flow);
    }
    if (event.type !== 'fault') continue;
    for (const flow of running) {
      const fact = facts.get(flow);
      if (fact !== undefined) fact.lastFaultAt = event.t;
    }
  }
  return [...facts.values()];
}

/** The last instant at which truth changed: a flow, an order or a position. */
function terminalAt(tape: readonly TapeEvent[], simulation: Simulation): EpochMs | undefined {
  if (simulation.openOrders() > 0) return undefined;
  const changes = new Set<TapeEvent['type']>(['flow.begin', 'flow.end', 'order.accepted', 'fill', 'order.ended', 'forced']);
  return tape.findLast(({ type }) => changes.has(type))?.t;
}
