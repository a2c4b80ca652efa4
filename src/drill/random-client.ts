import { RandomStreams } from '../core/random.js';
import { parseFixed, type Fixed } from '../core/money.js';
import { epochMs, type VenueId } from '../core/units.js';
import type { FaultHost, FaultSession } from '../faults/fault-session.js';
import { NO_FAULTS } from '../faults/no-faults.js';
import type { VenueWorld, World } from '../faults/world.js';
import { Simulation } from '../sim/simulation.js';
import { MemoryTape } from '../sim/tape.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { BinanceReference } from './random-client/binance-account.js';
import { BACK_MS, THERE_MS } from './random-client/client-calls.js';
import { ClientSession } from './random-client/client-session.js';
import { drawStep, type ClientStep } from './random-client/client-step.js';
import { ReferenceBook } from './random-client/reference-book.js';
import type { Deviation } from './random-client/reference-order.js';
import { MATCHING_MS } from './random-client/reference-venue.js';
import { UpbitReference } from './random-client/upbit-account.js';
import { smallestFailing } from './smallest-failing.js';
import { STAND_MS, wanderingMarket } from './random-client/wandering-market.js';

export interface RandomClientOptions {
  readonly venue: VenueId;
  readonly seed: string;
  /** How many steps are drawn; or the steps themselves, to run a trace again. */
  readonly steps: number | readonly ClientStep[];
  /** Cuts the trace of a deviation down to what it needs; on by default. */
  readonly shrink?: boolean | undefined;
}

/** A deviation of the venue from the reference model, and the step after which it showed. */
export interface ClientViolation extends Deviation {
  readonly step: number;
}

export interface RandomClientResult {
  readonly venue: VenueId;
  readonly seed: string;
  /** What was done, up to the first deviation. */
  readonly steps: readonly ClientStep[];
  /** All that differed after the last step; the model is of no use beyond it. */
  readonly violations: readonly ClientViolation[];
  /** The smallest part of the steps that still breaks the same rule first. */
  readonly shrunk?: readonly ClientStep[] | undefined;
  /** What was met on the way: a run that met nothing proves nothing. */
  readonly met: {
    readonly calls: number;
    readonly orders: number;
    readonly trades: number;
    readonly turnedAway: number;
    readonly banned: number;
    /** Refused orders by code. */
    readonly refusals: Readonly<Record<string, number>>;
    readonly virtualMs: number;
  };
}

const START = epochMs(Date.parse('2025-09-03T01:00:00Z'));
const BALANCES = { upbit: { KRW: '300000000', BTC: '1.5' }, binance: { USDT: '150000' } };

/**
 * A seeded client that does legal and illegal things to one simulated venue, with a reference model beside it that was
 * written from the venue's rules and not from the simulator (meta check M4). After each step every order, balance,
 * position, limit and ban that the client can see must be what the model says.
 */
export async function runRandomClient(options: RandomClientOptions): Promise<RandomClientResult> {
  const { venue, seed } = options;
  const result = await attempt(venue, seed, options.steps);
  const rule = result.violations[0]?.rule;
  if (rule === undefined || options.shrink === false) return result;
  const shrunk = await smallestFailing(result.steps, async (steps) => (await attempt(venue, seed, steps)).violations[0]?.rule === rule);
  return { ...result, shrunk };
}

async function attempt(venue: VenueId, seed: string, steps: RandomClientOptions['steps']): Promise<RandomClientResult> {
  const seeds = new RandomStreams(seed);
  const clock = new VirtualClock(START);
  const { simulation, session } = assemble(venue, seeds, clock);
  const uniform = seeds.stream(`random-client/${venue}`);
  const count = typeof steps === 'number' ? steps : steps.length;
  const done: ClientStep[] = [];
  let violations: readonly ClientViolation[] = [];
  const tell = (deviations: readonly Deviation[]): void => {
    violations = deviations.map((deviation) => ({ ...deviation, step: done.length }));
  };
  try {
    await clock.run(async () => {
      await session.prepare();
      while (done.length < count && violations.length === 0) {
        const step = typeof steps === 'number' ? drawStep(venue, uniform) : steps[done.length];
        if (step === undefined) return;
        done.push(step);
        tell(await session.carryOut(step));
      }
    });
    simulation.finish();
  } catch (error) {
    // The simulator's own assertions speak of money that appeared or vanished.
    if (violations.length === 0)
      tell([{ rule: 'conservation', expected: 'books that add up', found: error instanceof Error ? error.message : String(error) }]);
  }
  return { venue, seed, steps: done, violations, met: metBy(session, clock) };
}

function metBy(session: ClientSession, clock: VirtualClock): RandomClientResult['met'] {
  const orders = [...session.venue.orders.values()];
  return {
    calls: session.calls.sent,
    orders: orders.length,
    trades: orders.reduce((sum, { trades }) => sum + trades.length, 0),
    turnedAway: session.calls.turnedAway,
    banned: session.calls.banned,
    refusals: Object.fromEntries(session.refusals),
    virtualMs: clock.now() - START,
  };
}

function assemble(venue: VenueId, seeds: RandomStreams, clock: VirtualClock): { readonly simulation: Simulation; readonly session: ClientSession } {
  const world = clientWorld();
  const market = wanderingMarket(world, seeds);
  let host: FaultHost | undefined;
  const faults: FaultSession = { ...NO_FAULTS, start: (given) => void (host = given) };
  const simulation = new Simulation({
    clock,
    market,
    world,
    faults,
    seeds,
    tape: new MemoryTape(),
    run: { version: '', seed: '', mode: 'random-client', executor: 'random client' },
  });
  const step = venue === 'upbit' ? 1n : 100_000n;
  const book = new ReferenceBook(market, venue, step, (at) => START + Math.floor((at - START) / STAND_MS) * STAND_MS);
  const amount = (text: string): bigint => parseFixed<Fixed<string>>(text);
  const account =
    venue === 'upbit'
      ? new UpbitReference(amount(BALANCES.upbit.KRW), amount(BALANCES.upbit.BTC), book)
      : new BinanceReference(amount(BALANCES.binance.USDT), book);
  const client = simulation.connect(venue, { enableRateLimit: false, incarnation: 0 });
  const transfer = (asset: string, total: string): void => host?.apply('transfer', { kind: 'account', balance: { [asset]: total } }, venue);
  return { simulation, session: new ClientSession({ venue, client, clock, market, account, book, transfer }) };
}

/** Fixed times everywhere: when a thing happens at the venue is then known from outside. */
function clientWorld(): World {
  const fixed = (ms: number): { readonly '*': { readonly kind: 'fixed'; readonly ms: number } } => ({ '*': { kind: 'fixed', ms } });
  const common: Omit<VenueWorld, 'balances' | 'idReuse'> = {
    latency: { request: fixed(THERE_MS), response: fixed(BACK_MS) },
    timeoutMs: 10_000,
    visibilityLag: { kind: 'fixed', ms: 0 },
    matchingDelay: { kind: 'fixed', ms: MATCHING_MS },
    recvWindowMs: 5_000,
    clockSkewMs: 0,
    errorBody: 'json',
    overloadSparesReduceOnly: true,
    positionMode: 'oneway',
    marginMode: 'isolated',
    leverage: 1,
    rules: {},
  };
  return {
    start: START,
    venues: {
      upbit: { ...common, balances: BALANCES.upbit, idReuse: 'never' },
      binance: { ...common, balances: BALANCES.binance, idReuse: 'after-close' },
    },
    books: { upbit: { mid: '130000000', spreadBp: 2, depth: '1.5' }, binance: { mid: '89500', spreadBp: 0.2, depth: '6' } },
    usdKrw: '1450',
  };
}
