import fc from 'fast-check';
import { expect, test } from 'vitest';
import { durationMs, type VenueId } from '../../src/core/units.js';
import { exclusionOf } from '../../src/faults/applicability.js';
import type { CallAction } from '../../src/faults/fault-action.js';
import type { FaultSession } from '../../src/faults/fault-session.js';
import { scriptedFaults } from '../sim/support/scripted-faults.js';
import { ms, worldWith } from '../sim/support/world.js';
import { outcomeOf, seated, type Seat } from './support/both-ways.js';

const SPOT = 'BTC/KRW';
const PERP = 'BTC/USDT:USDT';

/** One fault: what happens to the n-th call of a method. */
interface Strike {
  readonly venue: VenueId;
  readonly method: string;
  readonly n: number;
  readonly action: CallAction;
}

const span = fc.constantFrom(0, 40, 700, 4_000, 12_000).map(ms);
const ERRORS = [
  { http: 429 },
  { http: 418, retryAfterMs: 3_000 },
  { http: 500 },
  { http: 503 },
  { http: 504 },
  { error: 'InsufficientFunds' },
  { error: 'OrderNotFound' },
  { error: 'AuthenticationError' },
  { error: 'ExchangeNotAvailable' },
  { error: 'RequestTimeout' },
] as const;

const action: fc.Arbitrary<CallAction> = fc.oneof(
  fc.record({
    kind: fc.constant('lose' as const),
    part: fc.constantFrom('request' as const, 'response' as const),
    as: fc.constantFrom('timeout' as const, 'reset' as const, 'dns' as const),
  }),
  fc.record({ kind: fc.constant('delay' as const), part: fc.constantFrom('limiter' as const, 'request' as const, 'response' as const), by: span }),
  fc.record({ kind: fc.constant('duplicate' as const), part: fc.constantFrom('request' as const, 'response' as const), after: span }),
  fc.record({
    kind: fc.constant('garble' as const),
    mode: fc.constantFrom(
      'truncated-json' as const,
      'html-page' as const,
      'empty-body' as const,
      'wrong-type' as const,
      'missing-field' as const,
      'other-order' as const,
      'unmapped-status' as const,
    ),
  }),
  fc.tuple(fc.constantFrom(...ERRORS), fc.boolean()).map(([answer, processed]) => ({ kind: 'reject' as const, ...answer, processed })),
  fc.record({ kind: fc.constant('stale' as const), byMs: fc.constantFrom(50, 5_000) }),
  fc.record({ kind: fc.constant('notFound' as const), forMs: fc.constant(1_000) }),
  fc.record({
    kind: fc.constant('fill' as const),
    fraction: fc.constantFrom(0, 0.3, 0.5, 1),
    pieces: fc.constantFrom(1, 3),
    then: fc.constantFrom('rest' as const, 'fill' as const, 'expire' as const, 'cancel' as const, 'reject' as const, 'prevent' as const),
    slipBp: fc.constantFrom(0, 3),
  }),
  fc.record({
    kind: fc.constant('cancelRace' as const),
    fillFraction: fc.constantFrom(0, 0.4, 1),
    report: fc.constantFrom('canceled' as const, 'not-open' as const, 'timeout' as const),
  }),
  fc.record({
    kind: fc.constant('stuck' as const),
    state: fc.constantFrom('open' as const, 'pending-new' as const, 'pending-cancel' as const),
    for: fc.constant(durationMs(2_000)),
  }),
);

const METHODS = [
  'createOrder',
  'cancelOrder',
  'fetchOrder',
  'fetchOpenOrders',
  'fetchBalance',
  'fetchOrderBook',
  'fetchTicker',
  'fetchPositions',
  'fetchMyTrades',
  'setLeverage',
  'fetchLeverage',
  'fetchPositionMode',
  'fetchTime',
  'fetchFundingRate',
  'setMarginMode',
];
const strike: fc.Arbitrary<Strike> = fc
  .record({
    venue: fc.constantFrom('upbit' as const, 'binance' as const),
    method: fc.constantFrom(...METHODS),
    n: fc.integer({ min: 1, max: 3 }),
    action,
  })
  .filter(({ action: what, method, venue }) => exclusionOf(what, method, venue) === undefined);

function sessionOf(strikes: readonly Strike[]): FaultSession {
  const seen = new Map<string, number>();
  return scriptedFaults({
    onCall: ({ venue, method }) => {
      const name = `${venue}.${method}`;
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      return strikes.filter((each) => each.venue === venue && each.method === method && each.n === count).map((each) => each.action);
    },
  });
}

/** Orders of both kinds at both venues, looked up, cancelled and counted, whatever comes back. */
const LIFE: readonly ((seat: Seat) => Promise<unknown>)[] = [
  ({ binance }) => binance.fetchTime(),
  ({ binance }) => binance.fetchPositionMode(PERP),
  ({ binance }) => binance.setMarginMode('cross', PERP),
  ({ binance }) => binance.setLeverage(2, PERP),
  ({ binance }) => binance.fetchLeverage(PERP),
  ({ binance }) => binance.fetchFundingRate(PERP),
  ({ upbit }) => upbit.fetchOrderBook(SPOT, 5),
  ({ binance }) => binance.fetchOrderBook(PERP, 5),
  ({ upbit }) => upbit.fetchTicker(SPOT),
  ({ binance }) => binance.fetchTicker(PERP),
  ({ upbit }) => upbit.createMarketBuyOrderWithCost(SPOT, 6_500_000, { clientOrderId: 'u-1' }),
  ({ binance }) => binance.createOrder(PERP, 'market', 'sell', 0.05, undefined, { clientOrderId: 'b-1', recvWindow: 2_000 }),
  ({ upbit }) => upbit.fetchOrder(undefined, SPOT, { identifier: 'u-1' }),
  ({ binance }) => binance.fetchOrder(undefined, PERP, { clientOrderId: 'b-1' }),
  ({ upbit }) => upbit.createOrder(SPOT, 'limit', 'buy', 0.01, 125_000_000, { clientOrderId: 'u-2' }),
  ({ binance }) => binance.createOrder(PERP, 'limit', 'sell', 0.01, 92_000, { clientOrderId: 'b-2' }),
  ({ upbit }) => upbit.fetchOpenOrders(SPOT),
  ({ binance }) => binance.fetchOpenOrders(PERP),
  ({ upbit }) => upbit.cancelOrder(undefined, SPOT, { identifier: 'u-2' }),
  ({ binance }) => binance.cancelOrder(undefined, PERP, { clientOrderId: 'b-2' }),
  ({ upbit }) => upbit.fetchOrder(undefined, SPOT, { identifier: 'u-2' }),
  ({ binance }) => binance.fetchOrder(undefined, PERP, { clientOrderId: 'b-2' }),
  ({ binance }) => binance.fetchMyTrades(PERP),
  ({ binance }) => binance.fetchPositions([PERP]),
  ({ upbit }) => upbit.fetchBalance(),
  ({ binance }) => binance.fetchBalance(),
  ({ upbit }) => upbit.createOrder(SPOT, 'limit', 'sell', 0.02, 129_000_000, { clientOrderId: 'u-3', timeInForce: 'IOC' }),
  ({ binance }) => binance.createOrder(PERP, 'market', 'buy', 0.05, undefined, { clientOrderId: 'b-3', reduceOnly: true }),
  ({ upbit }) => upbit.fetchOrder(undefined, SPOT, { identifier: 'u-3' }),
  ({ binance }) => binance.fetchPositions([PERP]),
];

async function lived(kind: 'object' | 'ccxt', strikes: readonly Strike[], errorBody: 'json' | 'text') {
  const world = worldWith({ upbit: { errorBody }, binance: { visibilityLag: ms(15) } });
  const run = await seated(kind, { world, faults: () => sessionOf(strikes) }, async (seat) => {
    await Promise.all([seat.upbit.loadMarkets(), seat.binance.loadMarkets()]);
    const outcomes: unknown[] = [];
    for (const act of LIFE) {
      const told = seat.clock.now();
      outcomes.push({ ...((await outcomeOf(() => act(seat))) as object), tookMs: seat.clock.now() - told, retryAfter: retryAfter(seat) });
    }
    await seat.clock.sleep(durationMs(30_000));
    return outcomes;
  });
  return { outcomes: run.value, tape: run.tape.events };
}

const retryAfter = (seat: Seat): unknown =>
  [seat.upbit, seat.binance].map((client) => (client as { last_response_headers?: Record<string, string> }).last_response_headers?.['Retry-After']);

test('whatever faults strike: real ccxt returns, throws and takes as long as the object-level clients do, and the venues saw the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(strike, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('json' as const, 'text' as const),
      async (strikes, errorBody) => {
        const object = await lived('object', strikes, errorBody);
        const real = await lived('ccxt', strikes, errorBody);
        expect(object.outcomes).toStrictEqual(real.outcomes);
        expect(real.tape).toEqual(object.tape);
      },
    ),
    { numRuns: Number(process.env['HEDGEDRILL_RUNS'] ?? 60) },
  );
}, 600_000);
