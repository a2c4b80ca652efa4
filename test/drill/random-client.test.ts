import { afterEach, describe, expect, test } from 'vitest';
import type { VenueId } from '../../src/core/units.js';
import { runRandomClient, type RandomClientResult } from '../../src/drill/random-client.js';
import { BinanceAccount } from '../../src/sim/binance-account.js';
import { BinanceVenue } from '../../src/sim/binance-venue.js';
import { Ledger } from '../../src/sim/ledger.js';
import { VenueLiquidity } from '../../src/sim/liquidity.js';
import { RateCounter } from '../../src/sim/rate-counter.js';
import { UpbitAccount } from '../../src/sim/upbit-account.js';

const STEPS = 80;
const SEEDS = Array.from({ length: 20 }, (_, index) => String(index + 1));

async function runs(venue: VenueId): Promise<readonly RandomClientResult[]> {
  const results: RandomClientResult[] = [];
  for (const seed of SEEDS.slice(0, 14)) results.push(await runRandomClient({ venue, seed, steps: STEPS }));
  return results;
}

/** What must have been met over all seeds for the client to have tried anything. */
const MET: Readonly<Record<VenueId, readonly string[]>> = {
  upbit: [
    'duplicated_identifier',
    'invalid_price_bid',
    'invalid_price_ask',
    'insufficient_funds_bid',
    'insufficient_funds_ask',
    'under_min_total_bid',
    'over_max_total_bid',
    'create_bid_error',
    'validation_error',
  ],
  binance: ['-4061', '-4116', '-4164', '-2019', '-2022', '-5021', '-5022', '-1102'],
};

describe.each(['upbit', 'binance'] as const)('a random client at %s', (venue) => {
  test('sees nothing that the reference model does not, and has met limits, bans, refusals and trades', async () => {
    const results = await runs(venue);
    expect(results.flatMap(({ seed, violations }) => violations.map((violation) => ({ seed, ...violation })))).toEqual([]);
    const refusals = new Set(results.flatMap(({ met }) => Object.keys(met.refusals)));
    expect([...refusals]).toEqual(expect.arrayContaining([...MET[venue]]));
    const sum = (key: 'orders' | 'trades' | 'turnedAway' | 'banned'): number => results.reduce((total, { met }) => total + met[key], 0);
    expect(sum('orders')).toBeGreaterThan(200);
    expect(sum('trades')).toBeGreaterThan(200);
    expect(sum('turnedAway')).toBeGreaterThan(50);
    expect(sum('banned')).toBeGreaterThan(50);
  }, 60_000);

  test('does the same with the same seed, and something else with another', async () => {
    const once = await runRandomClient({ venue, seed: '5', steps: 30 });
    expect(await runRandomClient({ venue, seed: '5', steps: 30 })).toEqual(once);
    expect((await runRandomClient({ venue, seed: '6', steps: 30 })).steps).not.toEqual(once.steps);
  });
});

const undo: (() => void)[] = [];

/** Puts another method in the place of a venue's own, until the test is over. */
function replace<T extends object, K extends keyof T>(prototype: T, name: K, make: (original: T[K]) => T[K]): void {
  const original = prototype[name];
  prototype[name] = make(original);
  undo.push(() => {
    prototype[name] = original;
  });
}

/** Ways to break a venue without its code knowing; each must be found, by its own rule. */
const PATCHES: readonly { readonly name: string; readonly venue: VenueId; readonly rules: readonly string[]; readonly patch: () => void }[] = [
  {
    name: 'the fee is charged twice',
    venue: 'upbit',
    rules: ['balance', 'conservation'],
    patch: () => {
      replace(
        Ledger.prototype,
        'post',
        (post) =>
          function (this: Ledger, ...row) {
            post.apply(this, row);
            if (row[3] === 'fee') post.apply(this, row);
          },
      );
    },
  },
  {
    name: 'the fee is taken in coins',
    venue: 'upbit',
    rules: ['balance', 'conservation'],
    patch: () => {
      replace(
        Ledger.prototype,
        'post',
        (post) =>
          function (this: Ledger, venue, asset, amount, reason, ref) {
            if (reason === 'fee') post.call(this, venue, 'BTC', amount / 130_000_000n, reason, ref);
            else post.call(this, venue, asset, amount, reason, ref);
          },
      );
    },
  },
  {
    name: 'an open order holds nothing',
    venue: 'upbit',
    rules: ['hold', 'balance'],
    patch: () => replace(UpbitAccount.prototype, 'hold', () => () => undefined),
  },
  {
    name: 'an open order holds no margin',
    venue: 'binance',
    rules: ['hold', 'balance', 'refusal'],
    patch: () => replace(BinanceAccount.prototype, 'reserve', () => () => undefined),
  },
  {
    name: 'funding flows the wrong way',
    venue: 'binance',
    rules: ['balance', 'margin'],
    patch: () => {
      replace(
        BinanceAccount.prototype,
        'settleFunding',
        (settle) =>
          function (this: BinanceAccount, rate, ...rest) {
            settle.call(this, -rate, ...rest);
          },
      );
    },
  },
  {
    name: 'a ban ends a millisecond early',
    venue: 'binance',
    rules: ['ban'],
    patch: () => {
      replace(
        RateCounter.prototype,
        'admit',
        (admit) =>
          function (this: RateCounter, call, at) {
            const verdict = admit.call(this, call, at);
            return verdict.kind === 'banned' && verdict.until === at + 1 ? { kind: 'pass' } : verdict;
          },
      );
    },
  },
  {
    name: 'reduce-only orders open',
    venue: 'binance',
    rules: ['refusal', 'reduce-only', 'fill', 'quantity'],
    patch: () => {
      replace(
        BinanceVenue.prototype,
        'newOrder',
        (newOrder) =>
          function (this: BinanceVenue, request, ...rest) {
            newOrder.call(this, { ...request, reduceOnly: undefined }, ...rest);
          },
      );
    },
  },
  {
    name: 'the book does not remember what was taken',
    venue: 'upbit',
    rules: ['fill'],
    patch: () => replace(VenueLiquidity.prototype, 'take', () => () => undefined),
  },
];

describe('a venue that was broken on purpose', () => {
  afterEach(() => undo.splice(0).forEach((act) => act()));

  test.each(PATCHES)(
    "$name: is found within $venue's seeds, and the trace is cut down and still shows it",
    async ({ venue, rules, patch }) => {
      patch();
      let found: RandomClientResult | undefined;
      for (const seed of SEEDS) {
        found = await runRandomClient({ venue, seed, steps: STEPS });
        if (found.violations.length > 0) break;
      }
      expect(rules).toContain(found?.violations[0]?.rule);
      const shrunk = found?.shrunk ?? [];
      expect(shrunk.length).toBeLessThanOrEqual(5);
      const again = await runRandomClient({ venue, seed: found?.seed ?? '', steps: shrunk, shrink: false });
      expect(again.violations[0]?.rule).toBe(found?.violations[0]?.rule);
      expect(again.violations[0]?.step).toBe(shrunk.length);
    },
    60_000,
  );
});
