import { RandomStreams } from '../../../src/core/random.js';
import { fixedFromNumber, type Btc } from '../../../src/core/money.js';
import type { FaultSession } from '../../../src/faults/fault-session.js';
import { NO_FAULTS } from '../../../src/faults/no-faults.js';
import type { World } from '../../../src/faults/world.js';
import { createStaticMarket } from '../../../src/market/liquidity/static-market.js';
import type { MarketView } from '../../../src/market/market-view.js';
import type { BinanceClient } from '../../../src/sim/binance-client.js';
import { Simulation } from '../../../src/sim/simulation.js';
import { MemoryTape } from '../../../src/sim/tape.js';
import type { TapeEvent } from '../../../src/sim/tape-event.js';
import type { UpbitClient } from '../../../src/sim/upbit-client.js';
import { VirtualClock } from '../../../src/sim/virtual-clock.js';
import { worldWith } from './world.js';

export const SPOT = 'BTC/KRW';
export const PERP = 'BTC/USDT:USDT';
export const btc = (value: number): Btc => fixedFromNumber<Btc>(value);

export interface Bench {
  readonly clock: VirtualClock;
  readonly sim: Simulation;
  readonly tape: MemoryTape;
  readonly upbit: UpbitClient;
  readonly binance: BinanceClient;
}

export interface SimulateOptions {
  readonly world?: World;
  readonly market?: MarketView;
  readonly faults?: FaultSession;
  readonly seed?: string;
  readonly enableRateLimit?: boolean;
  /** Loads the markets of both clients before `act`, so that request numbers start with the test's own calls. */
  readonly preload?: boolean;
}

export interface Run<T> extends Bench {
  readonly value: T;
}

/** Runs `act` on simulated venues and closes the books, which proves conservation in every test. */
export async function simulate<T>(options: SimulateOptions, act: (bench: Bench) => Promise<T>): Promise<Run<T>> {
  const world = options.world ?? worldWith();
  const seed = options.seed ?? '7';
  const seeds = new RandomStreams(seed);
  const clock = new VirtualClock(world.start);
  const tape = new MemoryTape();
  const sim = new Simulation({
    clock,
    market: options.market ?? createStaticMarket(world, seeds),
    world,
    faults: options.faults ?? NO_FAULTS,
    seeds,
    tape,
    run: { version: 'test', seed, mode: 'drill', executor: 'test' },
  });
  const connection = { enableRateLimit: options.enableRateLimit ?? false, incarnation: 0 };
  const bench: Bench = { clock, sim, tape, upbit: sim.connect('upbit', connection), binance: sim.connect('binance', connection) };
  const value = await clock.run(async () => {
    if (options.preload !== false) await Promise.all([bench.upbit.loadMarkets(), bench.binance.loadMarkets()]);
    return act(bench);
  });
  sim.finish();
  return { ...bench, value };
}

export function eventsOf<T extends TapeEvent['type']>(tape: MemoryTape, type: T): Extract<TapeEvent, { type: T }>[] {
  return tape.events.filter((event): event is Extract<TapeEvent, { type: T }> => event.type === type);
}

export const decision = (clock: VirtualClock) => ({
  decidedAt: clock.now(),
  upbitMid: 130_000_000,
  binanceMid: 89_500,
  usdKrw: 1_450,
  premium: 0.0017,
});
