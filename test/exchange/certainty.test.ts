import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CERTAINTY_DOCUMENT, certaintyDocument } from '../../scripts/certainty-table.js';
import type { VenueId } from '../../src/core/units.js';
import { epochMs } from '../../src/core/units.js';
import { ccxtErrors } from '../../src/exchange/ccxt-errors.js';
import { CERTAINTY_TABLE, rowOf } from '../../src/exchange/certainty-table.js';
import { judgeError, judgeOrder } from '../../src/exchange/certainty.js';
import type { OrderOperation } from '../../src/exchange/judgement.js';
import { brokenBodyError, networkError, timeoutError, wireError } from '../../src/exchange/wire-error.js';

const VENUES: readonly VenueId[] = ['upbit', 'binance'];
const OPERATIONS: readonly OrderOperation[] = ['createOrder', 'cancelOrder', 'fetchOrder'];

describe('the table', () => {
  test.each(VENUES)('%s: at least 60 wire answers, ids unique, equal keys judged equally', (venue) => {
    const rows = CERTAINTY_TABLE.filter((row) => row.venue === venue && row.answer.kind !== 'unsent');
    expect(rows.length).toBeGreaterThanOrEqual(60);
    expect(new Set(CERTAINTY_TABLE.map(({ id }) => id)).size).toBe(CERTAINTY_TABLE.length);
    const verdicts = new Map<string, string>();
    for (const { key, outcomes } of rows) {
      const verdict = JSON.stringify(OPERATIONS.map((operation) => [outcomes[operation].certainty, outcomes[operation].advice]));
      expect(verdicts.get(key) ?? verdict, key).toBe(verdict);
      verdicts.set(key, verdict);
    }
  });

  test('every code with which the simulated Binance refuses an order or a look-up has a row', () => {
    const folder = new URL('../../src/sim/', import.meta.url);
    // Settings are not judged by the table, and the client's own -4021 answers a read of the book.
    const files = readdirSync(folder).filter((file) => ['binance-rules.ts', 'binance-venue.ts', 'gateway.ts', 'reject-reply.ts'].includes(file));
    const codes = files.flatMap((file) => readFileSync(new URL(file, folder), 'utf8').match(/(?<=')-\d{4}(?=')/g) ?? []);
    expect(new Set(codes).size).toBeGreaterThan(30);
    expect([...new Set(codes)].filter((code) => rowOf('binance', code) === undefined)).toEqual([]);
  });

  test.each(['over_max_total_bid', 'over_max_total_ask', 'over_max_total_market_bid'])(
    'upbit %s, a name of ours that the simulated venue answers with: listed, and believed by nobody',
    (name) => {
      expect(rowOf('upbit', name)?.outcomes.createOrder.certainty).toBe('unknown');
    },
  );

  /** Written down by hand from the venues' documents: a row that joins or leaves it must be argued for here too. */
  const REFUSED_CREATES = {
    upbit: [
      ...['create_bid_error', 'create_ask_error', 'insufficient_funds_bid', 'insufficient_funds_ask', 'under_min_total_bid', 'under_min_total_ask'],
      ...['under_min_total_market_bid', 'under_min_total_market_ask', 'over_max_total_market_ask', 'invalid_price_bid', 'invalid_price_ask'],
      ...['validation_error', 'invalid_query_payload', 'jwt_verification', 'invalid_access_key', 'expired_access_key', 'no_authorization_i_p'],
      ...['no_authorization_ip', 'no_authorization_token', 'out_of_scope', 'thirdparty_agreement_required', 'too_many_requests', 'blocked'],
      ...['http 418', 'http 429', 'unsent', 'unsent, no keys'],
    ],
    binance: [
      ...[
        '-1002',
        '-1003',
        '-1008',
        '-1013',
        '-1015',
        '-1021',
        '-1022',
        '-1100',
        '-1102',
        '-1106',
        '-1111',
        '-1115',
        '-1116',
        '-1117',
        '-1121',
        '-2010',
        '-2014',
        '-2015',
      ],
      ...[
        '-2018',
        '-2019',
        '-2021',
        '-2022',
        '-2025',
        '-2027',
        '-2028',
        '-4001',
        '-4002',
        '-4003',
        '-4004',
        '-4005',
        '-4013',
        '-4014',
        '-4015',
        '-4016',
        '-4023',
        '-4024',
        '-4050',
      ],
      ...['-4051', '-4061', '-4062', '-4109', '-4131', '-4140', '-4141', '-4164', '-4192', '-4400', '-4401', '-5021', '-5022', '-5028'],
      ...['"You are not authorized to execute this request."', '"Too many requests. Please try again later."', '"Market is closed."'],
      ...['"Account has insufficient balance for requested action."', '"This account may not place or cancel orders."'],
      ...['"Order would immediately match and take."', 'http 418', 'http 429', 'unsent', 'unsent, no keys'],
    ],
  };
  const REFUSED_CANCELS = {
    upbit: [
      ...['validation_error', 'invalid_query_payload', 'jwt_verification', 'invalid_access_key', 'expired_access_key', 'no_authorization_i_p'],
      ...['no_authorization_ip', 'no_authorization_token', 'out_of_scope', 'thirdparty_agreement_required', 'too_many_requests', 'blocked'],
      ...['http 418', 'http 429', 'unsent', 'unsent, no keys'],
    ],
    binance: [
      ...['-1002', '-1003', '-1008', '-1015', '-1021', '-1022', '-1100', '-1102', '-1106', '-1121', '-2014', '-2015', '-4109', '-5028'],
      ...['"You are not authorized to execute this request."', '"Too many requests. Please try again later."'],
      ...['"This account may not place or cancel orders."', 'http 418', 'http 429', 'unsent', 'unsent, no keys'],
    ],
  };

  test.each(VENUES)('%s: exactly the listed answers refuse a create, and exactly the listed ones a cancel', (venue) => {
    const refusedBy = (operation: OrderOperation): string[] => [
      ...new Set(CERTAINTY_TABLE.filter((row) => row.venue === venue && row.outcomes[operation].certainty === 'refused').map(({ key }) => key)),
    ];
    expect(refusedBy('createOrder').sort()).toEqual([...REFUSED_CREATES[venue]].sort());
    expect(refusedBy('cancelOrder').sort()).toEqual([...REFUSED_CANCELS[venue]].sort());
  });

  test('no error of a read proves anything about the order', () => {
    const errors = CERTAINTY_TABLE.filter(({ outcomes }) => !outcomes.fetchOrder.gives.startsWith('order'));
    expect(errors.filter(({ outcomes }) => outcomes.fetchOrder.certainty !== 'unknown')).toEqual([]);
  });

  test('no error is ever an acceptance', () => {
    const errors = CERTAINTY_TABLE.filter(({ outcomes }) => outcomes.createOrder.gives !== 'order');
    expect(errors.filter(({ outcomes }) => OPERATIONS.some((operation) => outcomes[operation].certainty === 'accepted'))).toEqual([]);
  });

  test('docs/certainty.md is what the table says', async () => {
    expect(readFileSync(CERTAINTY_DOCUMENT, 'utf8')).toBe(await certaintyDocument());
  });
});

describe('judgeError: what a create may not take for a refusal', () => {
  test.each([
    { name: 'a lost reply', venue: 'binance', error: timeoutError('binance', 'createOrder', 10_000) },
    { name: 'a reset connection', venue: 'upbit', error: networkError('upbit', 'createOrder', 'reset') },
    { name: 'a reset in the body, which is not an error of ccxt', venue: 'upbit', error: brokenBodyError() },
    { name: "Upbit's JSON 500, a bare ExchangeError", venue: 'upbit', error: wireError('upbit', 'createOrder', { http: 500, bodyForm: 'json' }) },
    { name: 'execution status unknown', venue: 'binance', error: wireError('binance', 'createOrder', { http: 503, code: '-1006' }) },
    { name: 'a duplicate client id', venue: 'binance', error: wireError('binance', 'createOrder', { http: 400, code: '-4116' }) },
    { name: 'a used nonce', venue: 'upbit', error: wireError('upbit', 'createOrder', { http: 401, code: 'nonce_used' }) },
    {
      name: 'a code that nobody has listed',
      venue: 'binance',
      error: wireError('binance', 'createOrder', { http: 400, code: '-7777', message: 'new' }),
    },
    {
      name: 'a name that nobody has listed',
      venue: 'upbit',
      error: wireError('upbit', 'createOrder', { http: 400, code: 'new_name', message: 'new' }),
    },
    { name: 'a bug of ours', venue: 'upbit', error: new TypeError('x is undefined') },
    { name: 'something that is no Error', venue: 'binance', error: 'boom' },
    { name: 'an ExchangeError without words', venue: 'binance', error: new ccxtErrors.ExchangeError('') },
    { name: 'an InvalidOrder without a code', venue: 'binance', error: new ccxtErrors.InvalidOrder('binanceusdm what') },
  ] as const)('$name is unknown', ({ venue, error }) => {
    expect(judgeError(venue, 'createOrder', error)).toMatchObject({ certainty: 'unknown', advice: 'look-up' });
  });
});

describe('judgeError: what it reads', () => {
  test('the status of a server failure outranks a code in its body', () => {
    const guarded = new ccxtErrors.ExchangeNotAvailable(
      'upbit POST https://api.upbit.com/v1/orders 500 Internal Server Error {"error":{"name":"create_bid_error","message":"x"}}',
    );
    expect(judgeError('upbit', 'createOrder', guarded)).toMatchObject({ certainty: 'unknown', row: 'upbit http 500' });
  });

  test('a code in the body outranks a status that a guard kept', () => {
    const guarded = new ccxtErrors.ExchangeError(
      'upbit POST https://api.upbit.com/v1/orders 400 Bad Request {"error":{"name":"under_min_total_bid","message":"x"}}',
    );
    expect(judgeError('upbit', 'createOrder', guarded)).toEqual({ certainty: 'refused', row: 'upbit under_min_total_bid', advice: 'invalid-order' });
  });

  test('any id of the client may begin the message, also that of ccxt.binance', () => {
    const error = new ccxtErrors.InsufficientFunds('binance {"code":-2019,"msg":"Margin is insufficient."}');
    expect(judgeError('binance', 'createOrder', error)).toEqual({ certainty: 'refused', row: 'binance -2019', advice: 'insufficient-funds' });
  });

  test.each([
    { error: new ccxtErrors.RateLimitExceeded('slow down'), operation: 'cancelOrder', verdict: { certainty: 'refused', advice: 'back-off' } },
    { error: new ccxtErrors.DDoSProtection('banned'), operation: 'createOrder', verdict: { certainty: 'refused', advice: 'back-off' } },
    { error: new ccxtErrors.InvalidNonce('clock'), operation: 'createOrder', verdict: { certainty: 'refused', advice: 'resync-clock' } },
    { error: new ccxtErrors.InsufficientFunds('poor'), operation: 'createOrder', verdict: { certainty: 'refused', advice: 'insufficient-funds' } },
    { error: new ccxtErrors.RateLimitExceeded('slow down'), operation: 'fetchOrder', verdict: { certainty: 'unknown', advice: 'back-off' } },
    { error: new ccxtErrors.AuthenticationError('keys'), operation: 'createOrder', verdict: { certainty: 'unknown', advice: 'halt' } },
  ] as const)('without code and status the class decides: $error.name on $operation', ({ error, operation, verdict }) => {
    expect(judgeError('binance', operation, error)).toMatchObject(verdict);
  });

  test('a refused cancel of a filled order is unknown: it may have filled', () => {
    expect(judgeError('binance', 'cancelOrder', wireError('binance', 'cancelOrder', { http: 400, code: '-2011' }))).toMatchObject({
      certainty: 'unknown',
      advice: 'look-up',
    });
    expect(judgeError('upbit', 'cancelOrder', wireError('upbit', 'cancelOrder', { http: 404, code: 'order_not_found' }))).toMatchObject({
      certainty: 'unknown',
      advice: 'look-up',
    });
  });
});

describe('judgeError: how long to stay away', () => {
  const now = epochMs(1_767_571_200_000);
  const ban = wireError('binance', 'createOrder', { http: 418, code: '-1003', bannedUntil: epochMs(now + 120_000) });

  test('a ban with its end gives both, and the length only when the time is known', () => {
    expect(judgeError('binance', 'createOrder', ban, now)).toEqual({
      certainty: 'refused',
      row: 'binance http 418',
      advice: 'back-off',
      bannedUntil: now + 120_000,
      retryAfterMs: 120_000,
    });
    expect(judgeError('binance', 'createOrder', ban)).not.toHaveProperty('retryAfterMs');
  });

  test('a ban that has ended leaves nothing to wait for', () => {
    expect(judgeError('binance', 'createOrder', ban, epochMs(now + 300_000)).retryAfterMs).toBe(0);
  });

  test('a block of Upbit that names seconds', () => {
    const blocked = wireError('upbit', 'createOrder', { http: 418, code: 'blocked', message: 'blocked 5s' });
    expect(judgeError('upbit', 'createOrder', blocked)).toMatchObject({ certainty: 'refused', retryAfterMs: 5_000 });
  });

  test('a 429 says nothing of it', () => {
    expect(judgeError('upbit', 'createOrder', wireError('upbit', 'createOrder', { http: 429 }))).not.toHaveProperty('retryAfterMs');
  });
});

describe('judgeOrder', () => {
  test.each([
    { name: 'without id', order: { id: undefined, status: 'open' }, row: 'upbit order without id' },
    { name: 'with an empty id', order: { id: '', status: 'open' }, row: 'upbit order without id' },
    { name: 'without status', order: { id: '1' }, row: 'upbit order undefined' },
    { name: 'with a raw venue status', order: { id: '1', status: 'prevented' }, row: 'upbit order prevented' },
    { name: 'with another client id than asked for', order: { id: '1', clientOrderId: 'b', status: 'open' }, row: 'upbit order of another id' },
  ])('an order $name proves nothing', ({ order, row }) => {
    expect(judgeOrder('upbit', 'createOrder', order, { clientOrderId: 'a' })).toEqual({ certainty: 'unknown', row, advice: 'look-up' });
  });

  test('an order with another venue id than asked for proves nothing', () => {
    expect(judgeOrder('binance', 'fetchOrder', { id: '2', status: 'closed' }, { orderId: '1' }).certainty).toBe('unknown');
  });

  test.each(['open', 'closed', 'canceled', 'expired', 'rejected', 'canceling'])('an order %s was accepted, whatever it executed', (status) => {
    expect(judgeOrder('binance', 'createOrder', { id: '1', clientOrderId: 'a', status }, { clientOrderId: 'a' })).toEqual({
      certainty: 'accepted',
      row: `binance order ${status}`,
      advice: 'none',
    });
  });
});
