import { expect, test } from 'vitest';
import { InputError } from '../../src/core/input-error.js';
import type { VenueId } from '../../src/core/units.js';
import { judgeError, type OrderOperation } from '../../src/exchange/certainty.js';
import { timeoutError, wireError } from '../../src/exchange/wire-error.js';
import { ERROR_TABLE, responseTo } from '../../src/executor/error-table.js';
import { DEFAULT_POLICY, parsePolicy, POLICY_TABLE } from '../../src/executor/policy.js';
import { createReferenceExecutor } from '../../src/executor/reference-executor.js';
import { Bench } from '../support/executor-bench.js';

const answer = (venue: VenueId, http: number, code?: string): Error =>
  wireError(venue, 'createOrder', { http, ...(code === undefined ? { bodyForm: 'html' as const } : { code }) });

// The rows of specification 7.2 and of its corrections, from the wire to what the executor does.
test.each([
  {
    name: 'time-out of a create',
    venue: 'upbit',
    error: timeoutError('upbit', 'createOrder', 10_000),
    operation: 'createOrder',
    response: 'look-up',
  },
  {
    name: 'time-out of a read',
    venue: 'upbit',
    error: timeoutError('upbit', 'fetchOrder', 10_000),
    operation: 'fetchOrder',
    response: 'wait-and-ask-again',
  },
  { name: 'Upbit 500 in JSON', venue: 'upbit', error: answer('upbit', 500, 'server_error'), operation: 'createOrder', response: 'look-up' },
  { name: 'Binance 503 unknown', venue: 'binance', error: answer('binance', 503, '-1000'), operation: 'createOrder', response: 'look-up' },
  { name: 'Binance -1006', venue: 'binance', error: answer('binance', 503, '-1006'), operation: 'createOrder', response: 'look-up' },
  { name: 'Binance -1007', venue: 'binance', error: answer('binance', 408, '-1007'), operation: 'createOrder', response: 'look-up' },
  { name: 'page of a load balancer', venue: 'binance', error: answer('binance', 502), operation: 'createOrder', response: 'look-up' },
  { name: 'duplicate client id', venue: 'binance', error: answer('binance', 400, '-4116'), operation: 'createOrder', response: 'look-up' },
  {
    name: 'an error that is no ccxt error',
    venue: 'binance',
    error: new TypeError('x is not iterable'),
    operation: 'createOrder',
    response: 'look-up',
  },
  { name: 'code of tomorrow', venue: 'binance', error: answer('binance', 400, '-9999'), operation: 'createOrder', response: 'look-up' },
  {
    name: '429',
    venue: 'binance',
    error: wireError('binance', 'createOrder', { http: 429, code: '-1003' }),
    operation: 'createOrder',
    response: 'wait-and-ask-again',
  },
  {
    name: '418',
    venue: 'binance',
    error: wireError('binance', 'createOrder', { http: 418, code: '-1003' }),
    operation: 'createOrder',
    response: 'wait-and-ask-again',
  },
  {
    name: 'Upbit 429 in JSON',
    venue: 'upbit',
    error: answer('upbit', 429, 'too_many_requests'),
    operation: 'createOrder',
    response: 'wait-and-ask-again',
  },
  { name: 'overload -1008', venue: 'binance', error: answer('binance', 503, '-1008'), operation: 'createOrder', response: 'wait-and-ask-again' },
  { name: 'wrong clock -1021', venue: 'binance', error: answer('binance', 400, '-1021'), operation: 'createOrder', response: 'resync-and-ask-again' },
  { name: 'too little margin', venue: 'binance', error: answer('binance', 400, '-2019'), operation: 'createOrder', response: 'give-up-leg' },
  { name: 'too few KRW', venue: 'upbit', error: answer('upbit', 400, 'insufficient_funds_bid'), operation: 'createOrder', response: 'give-up-leg' },
  {
    name: 'under the minimum',
    venue: 'upbit',
    error: answer('upbit', 400, 'under_min_total_bid'),
    operation: 'createOrder',
    response: 'give-up-leg',
  },
  { name: 'minimum notional', venue: 'binance', error: answer('binance', 400, '-4164'), operation: 'createOrder', response: 'give-up-leg' },
  { name: 'only reducing orders', venue: 'binance', error: answer('binance', 400, '-4400'), operation: 'createOrder', response: 'give-up-leg' },
  { name: 'close of nothing', venue: 'binance', error: answer('binance', 400, '-2022'), operation: 'createOrder', response: 'verify-position' },
  { name: 'revoked key', venue: 'binance', error: answer('binance', 401, '-2015'), operation: 'createOrder', response: 'halt-opening' },
  { name: 'hedge mode', venue: 'binance', error: answer('binance', 400, '-4061'), operation: 'createOrder', response: 'halt-opening' },
  {
    name: 'cancel of an order that is gone',
    venue: 'binance',
    error: answer('binance', 400, '-2011'),
    operation: 'cancelOrder',
    response: 'wait-and-ask-again',
  },
] as const)('error table, $name: $response', ({ venue, error, operation, response }) => {
  expect(responseTo(judgeError(venue, operation satisfies OrderOperation, error), operation)).toBe(response);
});

test('error table: every row says which row of the specification it corrects and why', () => {
  for (const { specified, reason } of ERROR_TABLE) {
    expect(specified.length).toBeGreaterThan(10);
    expect(reason).toMatch(/\.$/);
  }
});

test('policy: the defaults are those of the specification and of design decision 12', () => {
  expect(DEFAULT_POLICY).toMatchObject({
    orderStyle: 'ioc',
    legs: 'parallel',
    requestTimeoutMs: 2_500,
    legDeadlineMs: 10_000,
    pollMs: 500,
    recvWindowMs: 2_000,
    openAttempts: 3,
    leverage: 1,
    lateWatchMs: 600_000,
    correctionWatchMs: 60_000,
    upbitLifetimeMs: 15_000,
    binanceLifetimeMarginMs: 5_000,
  });
});

test('policy table: every parameter has a unit and a reason', () => {
  expect(POLICY_TABLE.map(({ name }) => name).sort()).toEqual(Object.keys(DEFAULT_POLICY).sort());
  for (const { unit, reason } of POLICY_TABLE) expect(unit.length * reason.length).toBeGreaterThan(0);
});

test('policy: amounts are read from decimal strings', () => {
  expect(parsePolicy({ lot: '0.002', orderStyle: 'market' })).toMatchObject({ lot: 200_000n, orderStyle: 'market' });
});

test.each([
  { given: { orderStile: 'ioc' }, problem: 'executor.policy.orderStile: unknown key' },
  { given: { legs: 'both' }, problem: 'executor.policy.legs: expected one of parallel, spot-first, perp-first, found "both"' },
  { given: { pollMs: '500' }, problem: 'executor.policy.pollMs: expected a number' },
  { given: { lot: '-0.001' }, problem: 'executor.policy.lot: expected a decimal string of BTC' },
  { given: { marginFloor: 0.6 }, problem: 'executor.policy.marginTarget: must be above marginFloor' },
  { given: { upbitLifetimeMs: 2_000 }, problem: 'executor.policy.upbitLifetimeMs: must be above requestTimeoutMs' },
  { given: { reconcileMs: 1_000 }, problem: 'executor.policy.reconcileMs: expected at least 10000' },
])('policy $given: refused by name of the key', ({ given, problem }) => {
  const make = (): unknown => createReferenceExecutor(new Bench().ports, given);
  expect(make).toThrow(InputError);
  expect(make).toThrow(problem);
});
