import { RandomStreams } from '../core/random.js';
import { addMs, durationMs, epochMs, type EpochMs, type VenueId } from '../core/units.js';
import { profileAt } from '../exchange/venue-profiles.js';
import type { StressedSession } from '../faults/stress/stressed-session.js';
import type { StressSpec } from '../faults/stress/stress-spec.js';
import type { VenueWorld } from '../faults/world.js';
import type { PremiumBars } from '../market/bars.js';
import { createBarMarket } from '../market/liquidity/bar-market.js';
import type { BookLevel, BookSnapshot } from '../market/market-view.js';
import { DelaySampler } from '../sim/delay.js';
import { installAmbientGuard } from '../sim/ambient-guard.js';
import { VenueLiquidity } from '../sim/liquidity.js';
import { Simulation } from '../sim/simulation.js';
import { MemoryTape } from '../sim/tape.js';
import type { TapeEvent } from '../sim/tape-event.js';
import { rulesOf } from '../sim/venue-rules.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { packageVersion } from './package-version.js';
import { stressOver } from './run-session.js';

export interface ProbeOptions {
  readonly bars: PremiumBars;
  readonly stress: StressSpec;
  readonly venues: Readonly<Record<VenueId, VenueWorld>>;
  readonly seed: string;
  /** Instants that are looked at, evenly over the data. */
  readonly probes: number;
}

/** What one look at one venue found. */
export interface VenueSample {
  readonly level: number;
  /** Undefined where nothing trades: a gap of the data, a halt. */
  readonly spreadBp: number | undefined;
  /** BTC a side within 20 bp of the mid. */
  readonly depthBtc: number | undefined;
  /** Of a read, as its client waits for it when nothing cuts the waiting short; undefined when no answer comes. */
  readonly latencyMs: number | undefined;
  readonly http: number | undefined;
  /** How long a change that happens now stays hidden from reads. */
  readonly visibilityMs: number;
}

export interface Probe {
  readonly samples: Readonly<Record<VenueId, readonly VenueSample[]>>;
  readonly session: StressedSession;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

const VENUES = ['upbit', 'binance'] as const;
/** The probe itself never gives up: it measures how long an answer takes. */
const PATIENCE_MS = 120_000;
const NEAR = 0.002;

/** Looks at both simulated venues at many instants: at their books, and through one read each that goes the way of every request. */
export async function probeStress(options: ProbeOptions): Promise<Probe> {
  installAmbientGuard();
  const { bars, stress, seed } = options;
  const from = epochMs(bars.time[0] ?? 0);
  const to = epochMs(bars.time[bars.length - 1] ?? 0);
  const seeds = new RandomStreams(seed);
  const market = createBarMarket(bars, seeds);
  const session = stressOver({ faults: [], stress, seeds, start: from, market }, stress);
  const patient = (world: VenueWorld): VenueWorld => ({ ...world, timeoutMs: PATIENCE_MS, recvWindowMs: undefined });
  const venues = { upbit: patient(options.venues.upbit), binance: patient(options.venues.binance) };
  const clock = new VirtualClock(from);
  const tape = new MemoryTape();
  const run = { version: packageVersion(), seed, mode: 'probe', executor: 'probe' };
  const simulation = new Simulation({ clock, market, world: { start: from, venues }, faults: session, seeds, tape, run });
  const clients = {
    upbit: simulation.connect('upbit', { enableRateLimit: false, incarnation: 0 }),
    binance: simulation.connect('binance', { enableRateLimit: false, incarnation: 0 }),
  };
  const books = { upbit: bookReader('upbit', market, session), binance: bookReader('binance', market, session) };
  const sampler = new DelaySampler();
  const lagKeys = { upbit: seeds.key('probe/lag/upbit'), binance: seeds.key('probe/lag/binance') };
  type Look = Omit<VenueSample, 'latencyMs' | 'http'>;
  const looks: Record<VenueId, Look[]> = { upbit: [], binance: [] };
  const look = async (venue: VenueId, index: number): Promise<void> => {
    const at = clock.now();
    const lag = sampler.draw(venues[venue].visibilityLag, lagKeys[venue], `${index}`);
    const visibilityMs = session.stretch?.(venue, 'visibility', lag, at) ?? lag;
    looks[venue].push({ level: session.process.levels(at)[venue], ...books[venue](at), visibilityMs });
    // What was answered stands on the tape.
    await clients[venue].fetchBalance().catch(() => undefined);
  };
  await clock.run(async () => {
    const asked: Promise<void>[] = [];
    for (let index = 0; index < options.probes; index += 1) {
      // A moment beside the closes of bars, so that no instant is special.
      const due = addMs(from, Math.floor(((to - from) * (index + 0.5)) / options.probes) + 37);
      if (due > clock.now()) await clock.sleep(durationMs(due - clock.now()));
      asked.push(...VENUES.map((venue) => look(venue, index)));
    }
    await Promise.all(asked);
  });
  const answers = answersOf(tape.events);
  const joined = (venue: VenueId): readonly VenueSample[] =>
    looks[venue].map((each, index) => ({ latencyMs: undefined, http: undefined, ...each, ...answers[venue][index] }));
  return { samples: { upbit: joined('upbit'), binance: joined('binance') }, session, from, to };
}

type Answer = Pick<VenueSample, 'latencyMs' | 'http'>;

/** What came of each venue's requests, in the order in which they left. */
function answersOf(tape: readonly TapeEvent[]): Readonly<Record<VenueId, readonly Answer[]>> {
  const sent = new Map<number, { readonly venue: VenueId; readonly index: number; readonly at: EpochMs }>();
  const answers: Record<VenueId, Answer[]> = { upbit: [], binance: [] };
  for (const event of tape) {
    if (event.type === 'request') {
      const index = answers[event.venue].push({ latencyMs: undefined, http: undefined }) - 1;
      sent.set(event.request, { venue: event.venue, index, at: event.t });
    }
    const request = event.type === 'answer' ? sent.get(event.request) : undefined;
    if (event.type !== 'answer' || request === undefined) continue;
    const isSilence = !event.ok && event.http === undefined;
    answers[request.venue][request.index] = { latencyMs: isSilence ? undefined : event.t - request.at, http: event.http };
  }
  return answers;
}

type BookFigures = Pick<VenueSample, 'spreadBp' | 'depthBtc'>;

function bookReader(venue: VenueId, market: ReturnType<typeof createBarMarket>, session: StressedSession): (at: EpochMs) => BookFigures {
  const rules = rulesOf(profileAt(venue, market.from), {});
  const liquidity = new VenueLiquidity({
    venue,
    market,
    windows: (at) => session.windows(venue, at),
    tick: (price) => rules.tick(price),
    quantityStep: rules.quantityStep,
  });
  return (at) => {
    const book = liquidity.halted(at) ? undefined : liquidity.book(at);
    const mid = liquidity.mid(at);
    return book === undefined || mid === undefined ? { spreadBp: undefined, depthBtc: undefined } : figuresOf(book, mid);
  };
}

function figuresOf({ bids, asks }: BookSnapshot, mid: number): BookFigures {
  const price = (level: BookLevel): number => Number(level.price) / 1e8;
  const [bid, ask] = [bids[0], asks[0]];
  const near = [...bids, ...asks].filter((level) => Math.abs(price(level) / mid - 1) <= NEAR);
  return {
    spreadBp: bid === undefined || ask === undefined ? undefined : ((price(ask) - price(bid)) / mid) * 10_000,
    depthBtc: near.reduce((sum, { quantity }) => sum + Number(quantity) / 1e8, 0) / 2,
  };
}
