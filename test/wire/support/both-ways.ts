import { RandomStreams } from '../../../src/core/random.js';
import type { VenueId } from '../../../src/core/units.js';
import type { ExchangeClient, RawLeverageClient } from '../../../src/exchange/exchange-client.js';
import type { FaultSession } from '../../../src/faults/fault-session.js';
import { NO_FAULTS } from '../../../src/faults/no-faults.js';
import type { World } from '../../../src/faults/world.js';
import { createStaticMarket } from '../../../src/market/liquidity/static-market.js';
import type { MarketView } from '../../../src/market/market-view.js';
import { ProcessLife, WallClock } from '../../../src/sim/process-life.js';
import { Simulation } from '../../../src/sim/simulation.js';
import { MemoryTape } from '../../../src/sim/tape.js';
import { VirtualClock } from '../../../src/sim/virtual-clock.js';
import { ccxtExchange } from '../../../src/wire/ccxt/ccxt-exchange.js';
import { worldWith } from '../../sim/support/world.js';

const openCcxt = await ccxtExchange();

export interface Seat {
  readonly clock: VirtualClock;
  readonly upbit: ExchangeClient;
  readonly binance: ExchangeClient & RawLeverageClient;
  readonly faults: FaultSession;
}

export interface SeatRun<T> extends Seat {
  readonly value: T;
  readonly tape: MemoryTape;
  readonly unlisted: readonly string[];
}

export interface SeatOptions {
  readonly world?: World | undefined;
  /** Made anew for each run: sessions remember. */
  readonly faults?: (() => FaultSession) | undefined;
  readonly enableRateLimit?: boolean | undefined;
  readonly market?: MarketView | undefined;
}

/** Runs `act` over the clients of one kind and closes the books. */
export async function seated<T>(kind: 'object' | 'ccxt', options: SeatOptions, act: (seat: Seat) => Promise<T>): Promise<SeatRun<T>> {
  const world = options.world ?? worldWith();
  const seeds = new RandomStreams('7');
  const clock = new VirtualClock(world.start);
  const tape = new MemoryTape();
  const faults = options.faults?.() ?? NO_FAULTS;
  const run = { version: 'test', seed: '7', mode: 'drill', executor: 'test' };
  const simulation = new Simulation({ clock, market: options.market ?? createStaticMarket(world, seeds), world, faults, seeds, tape, run });
  const life = new ProcessLife(0, clock, new WallClock(clock));
  const venues = openCcxt(simulation);
  const connect = (venue: VenueId): ExchangeClient => {
    const connection = { enableRateLimit: options.enableRateLimit ?? false, incarnation: 0, process: life, clock: life };
    return kind === 'ccxt' ? venues.connect(venue, connection) : simulation.connect(venue, connection);
  };
  const seat: Seat = { clock, upbit: connect('upbit'), binance: connect('binance') as Seat['binance'], faults };
  const value = await clock.run(() => act(seat));
  simulation.finish();
  return { ...seat, value, tape, unlisted: venues.unlisted() };
}

/** What came of a call, for people and for comparison: a result, or class and message of an error. */
export async function outcomeOf(act: () => Promise<unknown>): Promise<unknown> {
  try {
    return { result: await act() };
  } catch (error) {
    return { error: (error as Error).constructor.name, message: withoutSigning((error as Error).message) };
  }
}

/**
 * The one documented difference of texts: a real client's URL shows what signing adds, and time and signature change
 * with every call.
 */
export const withoutSigning = (text: string): string =>
  text
    .replace(/\?timestamp=\d+&/g, '?')
    .replace(/[?&](?:timestamp|recvWindow)=\d+/g, '')
    .replace(/[?&]signature=[\da-f]{64}/g, '');
