import { pickWeighted, type Uniform, type Weighted } from '../../core/random.js';
import type { Side, VenueId } from '../../core/units.js';

/** An order as a step asks for it. Prices are told as a distance from the mid, so that a step means the same in any state. */
export interface CreateStep {
  readonly do: 'create';
  readonly side: Side;
  readonly type: 'limit' | 'market' | 'cost';
  /** BTC; a buy by cost spends this much at the mid. */
  readonly amount: string;
  /** From the mid, in units of 1/100 bp; positive is dearer. */
  readonly offset: number;
  /** Added to the price on the tick, in the quote currency: anything but 0 is off the tick. */
  readonly offTick: string;
  readonly timeInForce: 'gtc' | 'ioc' | 'fok' | 'post-only';
  readonly reduceOnly: boolean;
  /** ccxt's `hedged`: names the side of the position. */
  readonly hedged: boolean;
  /** A fresh client id, one that was used before (`pick` says which), or none. */
  readonly id: 'fresh' | 'used' | 'none';
  readonly pick: number;
  /** The same order so many times at once, each with an id of its own. */
  readonly copies: number;
  /** Cancelled by its client id in the same millisecond. */
  readonly cancelled: boolean;
}

/** One thing a random client does. Plain data: a trace can be kept, cut and run again. */
export type ClientStep =
  | CreateStep
  | { readonly do: 'cancel'; readonly pick: number; readonly of: 'open' | 'any'; readonly by: 'id' | 'client-id' }
  | { readonly do: 'cancel-all' }
  | { readonly do: 'wait'; readonly ms: number }
  /** So many calls at once, past the venue's limits; with `probe` on to the ban, and both sides of its end. */
  | { readonly do: 'flood'; readonly calls: number; readonly probe: boolean }
  | { readonly do: 'read'; readonly what: 'book' | 'ticker' | 'nothing-there' }
  /** Somebody else moves money: the total becomes this much. */
  | { readonly do: 'transfer'; readonly asset: 'KRW' | 'BTC' | 'USDT'; readonly total: string }
  | { readonly do: 'leverage'; readonly leverage: number }
  | { readonly do: 'margin-mode'; readonly mode: 'isolated' | 'cross' }
  | { readonly do: 'position-mode'; readonly hedged: boolean };

const chosen = <T>(uniform: Uniform, options: Weighted<T>): T => pickWeighted(options, uniform());

const whole = (uniform: Uniform, from: number, to: number): number => from + Math.floor(uniform() * (to - from + 1));

/** The next step, drawn from `uniform`; always the same number of draws for the same kind of step. */
export function drawStep(venue: VenueId, uniform: Uniform): ClientStep {
  const kind = chosen<ClientStep['do']>(uniform, [
    [50, 'create'],
    [14, 'cancel'],
    [4, 'cancel-all'],
    [14, 'wait'],
    [2, 'flood'],
    [3, 'read'],
    [3, 'transfer'],
    ...(venue === 'binance'
      ? ([
          [4, 'leverage'],
          [3, 'margin-mode'],
          [3, 'position-mode'],
        ] as const)
      : []),
  ]);
  switch (kind) {
    case 'create':
      return drawCreate(venue, uniform);
    case 'cancel':
      return {
        do: 'cancel',
        pick: whole(uniform, 0, 1_000),
        of: uniform() < 0.6 ? 'open' : 'any',
        by: uniform() < 0.5 ? 'id' : 'client-id',
      };
    case 'cancel-all':
      return { do: 'cancel-all' };
    case 'wait':
      return {
        do: 'wait',
        ms: chosen(uniform, [
          [4, whole(uniform, 1, 900)],
          [4, whole(uniform, 1_000, 9_000)],
          [2, whole(uniform, 20_000, 70_000)],
          [1, whole(uniform, 3_000_000, 30_000_000)],
        ]),
      };
    case 'flood':
      return { do: 'flood', calls: venue === 'upbit' ? whole(uniform, 9, 45) : whole(uniform, 70, 95), probe: uniform() < 0.6 };
    case 'read':
      return {
        do: 'read',
        what: chosen(uniform, [
          [1, 'book' as const],
          [1, 'ticker' as const],
          [2, 'nothing-there' as const],
        ]),
      };
    case 'transfer':
      return drawTransfer(venue, uniform);
    case 'leverage':
      return { do: 'leverage', leverage: whole(uniform, 1, 5) };
    case 'margin-mode':
      return { do: 'margin-mode', mode: uniform() < 0.5 ? 'isolated' : 'cross' };
    case 'position-mode':
      return { do: 'position-mode', hedged: uniform() < 0.5 };
  }
}

function drawTransfer(venue: VenueId, uniform: Uniform): ClientStep {
  if (venue === 'binance') return { do: 'transfer', asset: 'USDT', total: String(whole(uniform, 5_000, 200_000)) };
  const krw = uniform() < 0.6;
  const total = krw ? String(whole(uniform, 0, 400_000_000)) : (whole(uniform, 0, 30_000) / 10_000).toString();
  return { do: 'transfer', asset: krw ? 'KRW' : 'BTC', total };
}

function drawCreate(venue: VenueId, uniform: Uniform): CreateStep {
  const places = venue === 'upbit' ? 8 : chosen(uniform, [[6, 3] as const, [1, 5] as const]);
  const amount = chosen(uniform, [
    [10, (0.002 + uniform() * 0.06).toFixed(places)],
    [6, (0.1 + uniform() * 1.2).toFixed(places)],
    // Far beyond the book, or the account.
    [1, (2 + uniform() * 30).toFixed(places)],
    // Near and under the least that either venue takes.
    [2, (0.00001 + uniform() * 0.002).toFixed(8)],
    [0.3, '0'],
    [0.3, '-0.01'],
  ]);
  return {
    do: 'create',
    side: uniform() < 0.5 ? 'buy' : 'sell',
    type: chosen(uniform, [
      [7, 'limit' as const],
      [3, 'market' as const],
      [venue === 'upbit' ? 2 : 0, 'cost' as const],
    ]),
    amount,
    offset: chosen(uniform, [
      // At the touch, where an order is filled in part.
      [4, whole(uniform, -300, 300)],
      [4, whole(uniform, -1_500, 1_500)],
      [3, whole(uniform, -6_000, 6_000)],
      [0.5, whole(uniform, -70_000, 70_000)],
    ]),
    offTick: chosen(uniform, [
      [8, '0'],
      [1, venue === 'upbit' ? '500' : '0.04'],
      [1, venue === 'upbit' ? '1' : '0.07'],
    ]),
    timeInForce: chosen(uniform, [
      [5, 'gtc' as const],
      [3, 'ioc' as const],
      [2, 'fok' as const],
      [2, 'post-only' as const],
    ]),
    reduceOnly: venue === 'binance' && uniform() < 0.25,
    hedged: venue === 'binance' && uniform() < 0.3,
    id: chosen(uniform, [
      [7, 'fresh' as const],
      [2, 'used' as const],
      [1, 'none' as const],
    ]),
    pick: whole(uniform, 0, 1_000),
    copies: chosen(uniform, [[12, 1] as const, [2, 3] as const, [0.5, 14] as const]),
    cancelled: uniform() < 0.06,
  };
}
