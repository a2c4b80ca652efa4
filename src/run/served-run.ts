import type { Clock } from '../clock/clock.js';
import { InputError } from '../core/input-error.js';
import { RandomStreams } from '../core/random.js';
import type { DurationMs, EpochMs, VenueId } from '../core/units.js';
import { LOT } from '../drill/oracle/oracle-context.js';
import type { FaultRule } from '../faults/fault-rule.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { ScenarioFaultSession } from '../faults/scenario-faults.js';
import type { World } from '../faults/world.js';
import type { PremiumBars } from '../market/bars.js';
import { createBarMarket } from '../market/liquidity/bar-market.js';
import { createStaticMarket } from '../market/liquidity/static-market.js';
import type { MarketView } from '../market/market-view.js';
import { originAfter, shiftedMarket } from '../market/shifted-market.js';
import { RealTimePacer } from '../sim/real-time-pacer.js';
import { Simulation } from '../sim/simulation.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { emulatedVenues } from '../wire/emulated-venues.js';
import { VenueServer, type VenueServerOptions } from '../wire/server/venue-server.js';
import { emulatedStreams } from '../wire/streams/emulated-streams.js';
import { streamUpgrades } from '../wire/streams/stream-upgrades.js';
import type { WireKeys } from '../wire/wire-keys.js';
import { decisionMarket } from './decision-market.js';
import { packageVersion } from './package-version.js';
import { runSession } from './run-session.js';
import { servedFaults } from './served-faults.js';
import { ServedFlows } from './served-flows.js';
import { SpilledTape } from './spilled-tape.js';

export interface ServedRunOptions {
  readonly scenario: ResolvedScenario | undefined;
  /** The venues and what is in their accounts; its start is the server's. */
  readonly world: Omit<World, 'start'>;
  /** Their history goes by; constant books of the world when absent. */
  readonly bars: PremiumBars | undefined;
  /** How much of the bars lies before the start, as the venues' past; none when absent. */
  readonly historyMs?: DurationMs | undefined;
  readonly speed: number;
  readonly seed: string;
  readonly keys: WireKeys;
  readonly wall: Clock;
  /** Where the tape is written while it grows. */
  readonly tapeFile: string;
  readonly limits?: VenueServerOptions['limits'];
  /** Told of what must end the run: an error of ours, or a full disk. */
  readonly onFailure: (error: unknown) => void;
  /** Told of a request that the emulation itself fails on; it was answered 500. */
  readonly onProblem: (error: unknown) => void;
}

/** Both venues behind sockets, and what has been true of them since they opened. */
export interface ServedRun {
  readonly start: EpochMs;
  readonly world: World;
  readonly market: MarketView;
  readonly simulation: Simulation;
  readonly session: ScenarioFaultSession;
  readonly tape: SpilledTape;
  readonly pacer: RealTimePacer;
  readonly flows: ServedFlows;
  readonly servers: Readonly<Record<VenueId, VenueServer>>;
  /** The faults that are injected, on the server's own dates. */
  readonly faults: readonly FaultRule[];
  /** What of the scenario cannot happen here, one sentence each. */
  readonly remarks: readonly string[];
  /** Ends every stream and takes no more. */
  readonly endStreams: () => void;
  unlisted(): readonly string[];
  /** Requests so far, by venue and method. */
  counts(): Readonly<Record<string, number>>;
}

/** How often windows in which connections are refused are looked at. */
const REFUSAL_CHECK_MS = 20;
/** How often the tape is handed to the system. */
const FLUSH_MS = 1_000;

/** Composes the simulation, its real-time clock and a server for each venue; nothing listens yet. */
export function servedRun(options: ServedRunOptions): ServedRun {
  const { scenario, seed, wall, bars } = options;
  const start = wall.now();
  const world: World = { ...options.world, start };
  const clock = new VirtualClock(start);
  const seeds = new RandomStreams(seed);
  const market = bars === undefined ? createStaticMarket(world, seeds) : shownMarket(bars, seeds, start, options);
  const { rules, remarks } = servedFaults(scenario?.faults ?? [], scenario?.clock.start ?? start, start);
  const session = runSession({ faults: rules, stress: world.stress, seeds, start, market });
  const tape = new SpilledTape(options.tapeFile, options.onFailure);
  const run = { version: packageVersion(), seed, mode: 'serve', executor: 'client', scenario: scenario?.id, dataHash: bars?.source.hash };
  const simulation = new Simulation({
    clock,
    market,
    world,
    faults: session,
    seeds,
    tape,
    run,
    onProcess: (fault, action, venue) => {
      if (action.kind === 'stream' && venue !== undefined) streams.strike(fault, action, venue);
    },
  });
  const streams = emulatedStreams(simulation.streamSources, (fault, what) => session.met(fault, what), options.keys);
  const pacer = new RealTimePacer(clock, wall, options.onFailure);
  const quantities = (scenario?.flow ?? []).flatMap((step) => (step.do === 'enter' ? [step.quantity] : []));
  const flows = new ServedFlows({ clock, simulation, market: decisionMarket(market, session), tape, lot: LOT, quantities });
  const counted = new Map<string, number>();
  const wires = emulatedVenues(simulation.gates, options.keys, (venue, call) => {
    const name = `${venue} ${call.method}`;
    counted.set(name, (counted.get(name) ?? 0) + 1);
    flows.called(venue, call);
  });
  const enter = (act: () => void): void => guarded(() => pacer.enter(act), options.onProblem);
  const upgrades = { upbit: streamUpgrades(streams.upbit, { enter }), binance: streamUpgrades(streams.binance, { enter }) };
  const server = (venue: VenueId): VenueServer =>
    new VenueServer({ venue, wire: wires[venue], pacer, onUpgrade: upgrades[venue].upgrade, limits: options.limits, onError: options.onProblem });
  const servers = { upbit: server('upbit'), binance: server('binance') };
  pacer.start();
  every(pacer, FLUSH_MS, () => tape.flush());
  if (rules.some(refusesConnections)) every(pacer, REFUSAL_CHECK_MS, () => refuseConnections(session, servers, clock.now(), options.onFailure));
  const unlisted = (): readonly string[] => [...wires.upbit.unlisted, ...wires.binance.unlisted];
  return {
    start,
    world,
    market,
    simulation,
    session,
    tape,
    pacer,
    flows,
    servers,
    faults: rules,
    remarks,
    endStreams: () => [upgrades.upbit, upgrades.binance].forEach((each) => each.close()),
    unlisted,
    counts: () => Object.fromEntries(counted),
  };
}

const MINUTE_MS = 60_000;

/** @throws InputError when the bars end before the past that is asked for does. */
function shownMarket(bars: PremiumBars, seeds: RandomStreams, start: EpochMs, { historyMs, speed }: ServedRunOptions): MarketView {
  const market = createBarMarket(bars, seeds);
  if (historyMs === undefined) return shiftedMarket(market, { start, speed });
  const origin = originAfter(market, historyMs, start, bars.stepMs || MINUTE_MS);
  if (origin >= market.to)
    throw new InputError(
      `${bars.source.name} is ${Math.floor((market.to - market.from) / MINUTE_MS)} minutes long: nothing of it would be left to serve`,
      { key: '--history' },
      'name less, or more data',
    );
  return shiftedMarket(market, { start, speed, origin });
}

/** A bug in one stream's session is told and costs nobody else anything. */
function guarded(act: () => void, onProblem: (error: unknown) => void): void {
  try {
    act();
  } catch (error) {
    onProblem(error);
  }
}

function every(pacer: RealTimePacer, periodMs: number, act: () => void): void {
  pacer.after(periodMs, () => {
    act();
    every(pacer, periodMs, act);
  });
}

const refusesConnections = ({ inject: { action } }: FaultRule): boolean => action.kind === 'outage' && action.as === 'refused';

/** A port that refuses takes no request, so that the server itself looks whether it should, and says that it did. */
function refuseConnections(
  session: ScenarioFaultSession,
  servers: Readonly<Record<VenueId, VenueServer>>,
  at: EpochMs,
  onFailure: (error: unknown) => void,
): void {
  for (const [venue, server] of Object.entries(servers) as [VenueId, VenueServer][]) {
    const window = session.windows(venue, at).find(({ action }) => action.kind === 'outage' && action.as === 'refused');
    if (window === undefined) server.accept().catch(onFailure);
    else if (server.isListening) {
      session.hit(window, at, 0);
      server.refuse();
    }
  }
}
