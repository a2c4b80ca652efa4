import { RandomStreams } from '../core/random.js';
import { durationMs, type EpochMs } from '../core/units.js';
import { judgeRun, type OracleInput } from '../drill/oracle/judge-run.js';
import { LOT } from '../drill/oracle/oracle-context.js';
import { brokenOf, type OracleReport } from '../drill/oracle/oracle-report.js';
import type { ExecutorFactory } from '../executor/ports.js';
import { judgeExpectation } from '../faults/judge-expectation.js';
import type { Finding, ScenarioFacts } from '../faults/expectation.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { ProcessStep } from '../faults/fault-session.js';
import type { ScenarioFaultSession } from '../faults/scenario-faults.js';
import { stressCard } from '../faults/stress/stress-effects.js';
import { isStressed } from '../faults/stress/stress-spec.js';
import type { World } from '../faults/world.js';
import type { JournalEvent, JournalRecord } from '../journal/journal-event.js';
import type { MarketView } from '../market/market-view.js';
import { installAmbientGuard } from '../sim/ambient-guard.js';
import { SimulatedStreams } from '../sim/simulated-streams.js';
import { Simulation } from '../sim/simulation.js';
import { MemoryTape } from '../sim/tape.js';
import { VirtualClock, VirtualClockError } from '../sim/virtual-clock.js';
import { AlarmChannel } from './alarm-channel.js';
import { decisionMarket } from './decision-market.js';
import { ExecutorHost } from './executor-host.js';
import { FlowRunner } from './flow-runner.js';
import { Machine } from './machine.js';
import type { ConnectedVenues, OpenExchange } from './exchange-choice.js';
import { oracleContext } from './oracle-context.js';
import { packageVersion } from './package-version.js';
import { ProcessFaults } from './process-faults.js';
import { RecordingNotifier } from './recording-notifier.js';
import { RejectionWatch } from './rejection-watch.js';
import { runSession } from './run-session.js';
import { scenarioFacts } from './scenario-facts.js';
import { operate, runSteps, type EndsByFlow } from './scenario-steps.js';

/** What a trading run adds: called once both venues and the executor are up, inside virtual time. */
type Trade = (parts: RunParts) => Promise<void>;

/** What one run is made of. */
interface RunParts {
  readonly clock: VirtualClock;
  readonly tape: MemoryTape;
  readonly session: ScenarioFaultSession;
  readonly market: MarketView;
  readonly simulation: Simulation;
  readonly host: ExecutorHost;
  /** What people were told. */
  readonly people: RecordingNotifier;
  readonly flows: FlowRunner;
  /** Where the clients come from that are not the simulation's own. */
  readonly venues: ConnectedVenues | undefined;
  /** How many events the tape had when each intent was durable, by client order id. */
  readonly durableAt: ReadonlyMap<string, number>;
}

export interface SimulatedRunOptions {
  readonly mode: 'backtest' | 'drill' | 'duel';
  readonly seed: string;
  readonly executor: { readonly name: string; readonly factory: ExecutorFactory };
  readonly policy: Readonly<Record<string, unknown>>;
  readonly world: World;
  readonly market: (seeds: RandomStreams) => MarketView;
  /** Steps, faults and expectations; a run without one only trades. */
  readonly scenario?: ResolvedScenario | undefined;
  /** False: the control, the same run with the faults removed. */
  readonly withFaults: boolean;
  readonly trade?: Trade | undefined;
  readonly start: EpochMs;
  readonly maxVirtualMs?: number | undefined;
  readonly dataHash?: string | undefined;
  readonly onBlock?: ((now: EpochMs) => void) | undefined;
  /** Events that are due at one instant meet in a seeded order instead of the one they were set in. */
  readonly shuffled?: boolean | undefined;
  /** Sees every step at which the executor's process could die. */
  readonly onStep?: ((step: ProcessStep) => void) | undefined;
  /** Makes the executor's clients over the simulation; its own object-level ones when absent. */
  readonly exchange?: OpenExchange | undefined;
  /** Plants an invariant that always breaks (meta check M2). */
  readonly canary?: boolean | undefined;
}

export interface SimulatedRun {
  readonly tape: MemoryTape;
  readonly journal: readonly JournalRecord[];
  readonly facts: ScenarioFacts;
  readonly findings: readonly Finding[];
  /** Every invariant: held, broken, vacuous, waived, or why it was not judged. */
  readonly oracle: OracleReport;
  /** What the oracle read, so that the run can be judged again. */
  readonly evidence: OracleInput;
  /** Why the run did not come to its end: the executor's error at start, a limit of virtual time, a deadlock. */
  readonly stopped: string | undefined;
  /** Flows in which the executor threw instead of answering; how the specification reports a failed entry. */
  readonly thrown: readonly string[];
  readonly card: readonly string[];
  /** Requests that a wire is not emulated for, as `METHOD path`. */
  readonly unlisted: readonly string[];
  /** What the executor declares. */
  readonly capabilities: readonly string[];
}

/**
 * Runs an executor against both simulated venues, from its start through a scenario's steps (or a strategy's trades) to
 * the final balances, and judges the end by what the scenario expects.
 */
export async function simulatedRun(options: SimulatedRunOptions): Promise<SimulatedRun> {
  installAmbientGuard();
  const parts = assemble(options);
  const { clock, tape, simulation, host, session, market } = parts;
  const { scenario } = options;
  let ends: EndsByFlow = new Map();
  const rejections = new RejectionWatch().start();
  const run = (): Promise<void> =>
    clock.run(async () => {
      await host.start();
      ends = await goThrough(options, parts);
      await host.stop();
    });
  const stopped = await untilStopped(run, options.withFaults && scenario !== undefined && scenario.faults.length > 0);
  rejections.stop();
  simulation.finish();
  const journal = host.journal.records();
  const { thrown } = parts.flows;
  const evidence: OracleInput = {
    tape: tape.events,
    journal,
    told: parts.people.messages,
    context: oracleContext({
      tape: tape.events,
      scenario,
      withFaults: options.withFaults,
      world: options.world,
      session,
      capabilities: host.capabilities,
      durableAt: parts.durableAt,
      unhandled: [...thrown, ...rejections.found],
      canary: options.canary,
    }),
  };
  const oracle = judgeRun(evidence);
  const facts = scenarioFacts({
    trades: scenario?.trades ?? true,
    tape: tape.events,
    journal,
    simulation,
    session,
    ends,
    executor: host.isAlive ? host.executor : undefined,
    told: parts.people.messages.map(({ code }) => code),
    ended: stopped === undefined,
    violations: oracle.marks,
  });
  const realIo = thrown.filter((text) => text.includes('RealIoError')).map(realIoFinding);
  const findings = scenario === undefined ? realIo : [...judgeExpectation(scenario.expect, facts), ...oracleFindings(oracle), ...realIo];
  return {
    tape,
    journal,
    facts,
    findings: stopped === undefined ? findings : [...findings, stopFinding(stopped)],
    oracle,
    evidence,
    stopped,
    thrown,
    card: [...market.card, ...simulation.card, ...(options.withFaults && isStressed(options.world.stress) ? stressCard(options.world.stress) : [])],
    unlisted: parts.venues?.unlisted() ?? [],
    capabilities: host.capabilities,
  };
}

/** The steps of the scenario, or the strategy's trades when there is none. */
async function goThrough({ scenario, trade }: SimulatedRunOptions, parts: RunParts): Promise<EndsByFlow> {
  const act = trade === undefined ? undefined : (): Promise<void> => trade(parts);
  if (scenario === undefined) {
    await act?.();
    return new Map();
  }
  const ends = await runSteps(scenario, { trade: act, ...parts });
  await parts.clock.sleep(durationMs(scenario.clock.quietPeriodMs));
  return ends;
}

/** Faults that can take a lease away; without one of them nobody competes for it. */
const LEASE_FAULTS: ReadonlySet<string> = new Set(['twin', 'stall']);

/** Builds clock, venues, faults and the process of one run, and ties them to one another. */
function assemble(options: SimulatedRunOptions): RunParts {
  const { scenario, seed, executor } = options;
  const seeds = new RandomStreams(seed);
  const clock = new VirtualClock(options.start, {
    shuffle: options.shuffled === true ? seeds.key('interleaving') : undefined,
    ...(options.maxVirtualMs === undefined ? {} : { maxVirtualMs: options.maxVirtualMs }),
  });
  clock.onBlock = () => options.onBlock?.(clock.now());
  const tape = new MemoryTape();
  const market = options.market(seeds);
  const { stress } = options.world;
  const faults = options.withFaults ? (scenario?.faults ?? []) : [];
  const session = runSession({ faults, stress: options.withFaults ? stress : undefined, seeds, start: options.start, market });
  const met = (fault: string, what: string): void => session.met(fault, what);
  const streams = options.world.streams === true ? new SimulatedStreams({ clock, tape, world: options.world, seeds, met }) : undefined;
  const machine = new Machine({
    clock,
    hasLease: faults.some(({ inject }) => LEASE_FAULTS.has(inject.action.kind)),
    streams: streams === undefined ? undefined : (process) => streams.connect(process),
  });
  const people = new RecordingNotifier(() => clock.now());
  const alarms = new AlarmChannel({ people, now: () => clock.now(), met });
  const simulation = new Simulation({
    clock,
    market,
    world: options.world,
    faults: session,
    seeds,
    tape,
    run: { version: packageVersion(), seed, mode: options.mode, executor: executor.name, scenario: scenario?.id, dataHash: options.dataHash },
    onStep: options.onStep,
    onCrash: (_fault, { unsynced, restartAfter }) => host.crash(unsynced, restartAfter),
    onProcess: (fault, action, venue) => processFaults.apply(fault, action, venue),
  });
  const durableAt = new Map<string, number>();
  const venues = options.exchange?.(simulation);
  const host: ExecutorHost = new ExecutorHost({
    clock,
    connect: venues === undefined ? undefined : (venue, connection) => venues.connect(venue, connection),
    machine,
    simulation,
    factory: executor.factory,
    policy: options.policy,
    seeds,
    notifier: alarms,
    onJournal: (event) => tellAnchors(event, simulation, clock.now()),
    onDurable: (event) => {
      if (event.type === 'intent') durableAt.set(event.clientOrderId, tape.events.length);
    },
  });
  const processFaults = new ProcessFaults({
    clock,
    machine,
    host,
    alarms,
    streams,
    met,
    operate: (level) => void operate(level, { host, simulation }),
  });
  const flows = new FlowRunner({ clock, simulation, market: decisionMarket(market, session), host, tape, lot: LOT });
  return { clock, tape, session, market, simulation, host, people, flows, durableAt, venues };
}

/** Anchors of faults wait for durable intents; the journal is where the harness sees them. */
function tellAnchors(event: JournalEvent, simulation: Simulation, at: EpochMs): void {
  if (event.type === 'intent') simulation.observe({ event: 'intent.written', at, leg: event.leg });
}

/**
 * @param hasFaults - what an executor takes for a user's mistake is one only where nothing was made to fail.
 * @returns why the run stopped early; undefined when it came to its end.
 */
async function untilStopped(run: () => Promise<void>, hasFaults: boolean): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (error instanceof VirtualClockError) return error.message;
    if (error instanceof Error && error.name !== 'InternalError' && (hasFaults || error.name !== 'InputError'))
      return `${error.name}: ${error.message}`;
    throw error;
  }
}

const realIoFinding = (found: string): Finding => ({
  key: 'executor',
  verdict: 'broken',
  expected: 'the world is reached through the ports only',
  found,
});

/** What of the oracle decides about the run; the whole report is beside it. */
function oracleFindings(report: OracleReport): readonly Finding[] {
  return brokenOf(report).map(({ id, name, breaks, broken }) => ({
    key: `oracle.${id}`,
    verdict: 'broken',
    expected: `${name}: ${broken.expected}`,
    found: `${broken.found} (at ${broken.at}, ${placeOf(broken)}${breaks > 1 ? `, first of ${breaks}` : ''})`,
  }));
}

const placeOf = ({ tapeSeq, journalSeq }: { readonly tapeSeq?: number | undefined; readonly journalSeq?: number | undefined }): string =>
  [tapeSeq === undefined ? [] : [`tape ${tapeSeq}`], journalSeq === undefined ? [] : [`journal ${journalSeq}`]].flat().join(', ') || 'end of the run';

const stopFinding = (stopped: string): Finding => ({ key: 'run', verdict: 'broken', expected: 'the run comes to its end', found: stopped });

/** Whether every expectation that could be judged held. */
export function passed(run: SimulatedRun): boolean {
  return run.findings.every(({ verdict }) => verdict !== 'broken');
}
