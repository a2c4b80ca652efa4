import { expect, test } from 'vitest';
import { fixed, type Btc, type Fixed } from '../../src/core/money.js';
import { epochMs } from '../../src/core/units.js';
import { assertConserved } from '../../src/sim/conservation.js';
import { Ledger } from '../../src/sim/ledger.js';
import type { TapeEvent } from '../../src/sim/tape-event.js';

const ONE = 100_000_000n;
const quiet = (): Ledger => new Ledger(() => undefined);

test('a ledger: totals are the sum of its postings, each of which was told', () => {
  const told: bigint[] = [];
  const ledger = new Ledger((_venue, _asset, amount) => told.push(amount));
  ledger.post('upbit', 'KRW', 10n * ONE, 'deposit', 'opening');
  ledger.post('upbit', 'KRW', -3n * ONE, 'trade', 't-1');
  ledger.post('upbit', 'KRW', 0n, 'fee', 't-1');
  expect(ledger.total('upbit', 'KRW')).toBe(7n * ONE);
  expect(told).toEqual([10n * ONE, -3n * ONE]);
});

test('what an order holds: cannot be spent, locked twice or given back twice', () => {
  const ledger = quiet();
  ledger.post('upbit', 'KRW', 10n, 'deposit', 'opening');
  ledger.lock('upbit', 'KRW', 7n);
  expect(ledger.free('upbit', 'KRW')).toBe(3n);
  expect(() => ledger.lock('upbit', 'KRW', 4n)).toThrow(/cannot lock/);
  expect(() => ledger.post('upbit', 'KRW', -4n, 'trade', 't')).toThrow(/is locked/);
  ledger.unlock('upbit', 'KRW', 7n);
  expect(() => ledger.unlock('upbit', 'KRW', 1n)).toThrow(/cannot unlock/);
});

const fill = (change: Partial<Extract<TapeEvent, { type: 'fill' }>> = {}): TapeEvent => ({
  seq: 1,
  t: epochMs(1),
  type: 'fill',
  venue: 'upbit',
  orderId: 'o-1',
  tradeId: 't-1',
  leg: 'spot',
  purpose: 'open',
  flow: 1,
  side: 'buy',
  price: fixed<Fixed<string>>(100n * ONE),
  quantity: fixed<Btc>(2n * ONE),
  quote: fixed<Fixed<string>>(200n * ONE),
  fee: fixed<Fixed<string>>(ONE),
  feeAsset: 'KRW',
  mid: 100,
  bestBid: 99,
  bestAsk: 100,
  ...change,
});
const posting = (asset: 'BTC' | 'KRW', amount: bigint, reason: 'deposit' | 'trade' | 'fee'): TapeEvent => ({
  seq: 1,
  t: epochMs(1),
  type: 'posting',
  venue: 'upbit',
  asset,
  amount: fixed<Fixed<string>>(amount),
  reason,
  ref: reason === 'deposit' ? 'opening' : 't-1',
});
const trade = [
  posting('KRW', 300n * ONE, 'deposit'),
  posting('BTC', 2n * ONE, 'trade'),
  posting('KRW', -200n * ONE, 'trade'),
  posting('KRW', -ONE, 'fee'),
];
const balances = { BTC: 2n * ONE, KRW: 99n * ONE, USDT: 0n } as const;
const balanceOf = (venue: string, asset: keyof typeof balances): bigint => (venue === 'upbit' ? balances[asset] : 0n);

test('a tape whose postings, fills and balances agree: conserved', () => {
  expect(() => assertConserved([...trade, fill()], balanceOf)).not.toThrow();
});

test.each([
  {
    name: 'a balance that is one unit off',
    events: [...trade, fill()],
    of: (venue: string, asset: keyof typeof balances) => balanceOf(venue, asset) + (asset === 'KRW' && venue === 'upbit' ? 1n : 0n),
    says: /postings add up/,
  },
  {
    name: 'a fill whose quote is not price times quantity',
    events: [...trade, fill({ quote: fixed<Fixed<string>>(200n * ONE + 1n) })],
    of: balanceOf,
    says: /not price times quantity/,
  },
  {
    name: 'a fill of which no coins moved',
    events: [...trade.filter((event) => event.type !== 'posting' || event.asset !== 'BTC'), fill()],
    of: (venue: string, asset: keyof typeof balances) => (asset === 'BTC' ? 0n : balanceOf(venue, asset)),
    says: /coins moved/,
  },
  {
    name: 'a fee that was charged twice',
    events: [...trade, posting('KRW', -ONE, 'fee'), fill()],
    of: (venue: string, asset: keyof typeof balances) => balanceOf(venue, asset) - (asset === 'KRW' && venue === 'upbit' ? ONE : 0n),
    says: /fee was not charged exactly once/,
  },
  {
    name: 'a spot balance that went below zero',
    events: [posting('KRW', -ONE, 'trade'), posting('KRW', ONE, 'deposit')],
    of: () => 0n,
    says: /below zero/,
  },
])('$name: not conserved', ({ events, of, says }) => {
  expect(() => assertConserved(events, of)).toThrow(says);
});
