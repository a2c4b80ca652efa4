import { describe, expect, test } from 'vitest';
import type { VenueId } from '../../src/core/units.js';
import { BINANCE_CODES, BINANCE_TEXTS } from '../../src/exchange/ccxt-binance-classes.js';
import { loadCcxtClasses } from '../../src/exchange/ccxt-clients.js';
import { CERTAINTY_TABLE } from '../../src/exchange/certainty-table.js';
import type { OrderOperation } from '../../src/exchange/judgement.js';
import type { WireErrorAnswer } from '../../src/exchange/wire-error.js';
import { bodyOf, ERROR_STATUSES, networkError, timeoutError, wireError } from '../../src/exchange/wire-error.js';
import { call, wireClient } from './wire-harness.js';

const OPERATIONS: readonly OrderOperation[] = ['createOrder', 'cancelOrder', 'fetchOrder'];
const VENUES: readonly VenueId[] = ['upbit', 'binance'];

/** The answer of a row in the terms of `wireError`. */
function specOf(status: number, body: string): WireErrorAnswer {
  let parsed: { code?: number; msg?: string; error?: { name?: string | number; message?: string } };
  try {
    parsed = JSON.parse(body) as typeof parsed;
  } catch {
    return { http: status, message: body, bodyForm: 'text' };
  }
  const code = parsed.error?.name ?? parsed.code;
  // A numeric name of Upbit is a number on the wire; `wireError` writes names as strings unless it falls back to the status.
  if (typeof parsed.error?.name === 'number' || code === undefined) return { http: status, message: body, bodyForm: 'text' };
  return { http: status, code: String(code), message: parsed.error?.message ?? parsed.msg };
}

const errorRows = CERTAINTY_TABLE.flatMap(({ id, venue, answer }) =>
  answer.kind === 'http' && answer.status >= 400 && !id.includes('numeric name') ? [{ id, venue, status: answer.status, body: answer.body }] : [],
);

describe.each(OPERATIONS)('wireError for %s', (operation) => {
  test.each(errorRows)('$id is the error that the real client throws', async ({ venue, status, body }) => {
    const { client, requests } = await wireClient(venue, () => ({ kind: 'http', status, body }));
    const result = await call(client, venue, operation);
    const query = requests[0]?.url.split('?')[1];
    const made = wireError(venue, operation, { ...specOf(status, body), query });
    expect('threw' in result).toBe(true);
    if (!('threw' in result)) return;
    expect(made.message).toBe(result.threw.message);
    expect(made.constructor).toBe(result.threw.constructor);
  });
});

test.each(VENUES)('%s: bodies without a given text take the text of the certainty table', async (venue) => {
  const rows = errorRows.filter((row) => row.venue === venue);
  const seen = new Set<string>();
  for (const { status, body } of rows) {
    const { code, bodyForm } = specOf(status, body);
    if (code === undefined || bodyForm !== undefined || seen.has(code)) continue;
    seen.add(code);
    if (status !== 418 && status !== 429) expect(bodyOf(venue, { http: status, code })).toBe(body);
  }
  expect(seen.size).toBeGreaterThan(30);
});

test.each(VENUES)('%s: time-outs and broken connections are worded as the real client words them', async (venue) => {
  for (const operation of OPERATIONS) {
    const late = await wireClient(venue, () => ({ kind: 'none', cause: 'timeout' }));
    const timedOut = await call(late.client, venue, operation);
    expect(timedOut).toEqual({ threw: timeoutError(venue, operation, 10_000, late.requests[0]?.url.split('?')[1]) });

    const reset = await wireClient(venue, () => ({ kind: 'none', cause: 'UND_ERR_SOCKET' }));
    const broken = await call(reset.client, venue, operation);
    expect(broken).toEqual({ threw: networkError(venue, operation, 'closed', reset.requests[0]?.url.split('?')[1]) });
  }
});

test('the code and text tables are those of the installed ccxt, complete', async () => {
  const { binanceusdm } = await loadCcxtClasses();
  const { exact, linear, broad } = new binanceusdm().exceptions as Record<string, Record<string, unknown>>;
  const named = (table: Record<string, unknown>): Record<string, string> =>
    Object.fromEntries(Object.entries(table).map(([key, value]) => [key, (value as { name: string }).name]));
  const ours = Object.fromEntries([
    ...Object.entries(BINANCE_CODES).flatMap(([name, codes]) => codes.map((code) => [String(code), name])),
    ...Object.entries(BINANCE_TEXTS).flatMap(([name, texts]) => texts.map((text) => [text, name])),
  ]) as Record<string, string>;
  expect(ours).toEqual(named({ ...exact, ...(linear?.['exact'] as Record<string, unknown>) }));
  expect(named(broad ?? {})).toEqual({
    'has no operation privilege': 'PermissionDenied',
    MAX_POSITION: 'BadRequest',
    PERCENT_PRICE_BY_SIDE: 'InvalidOrder',
  });
});

test('the tables of Upbit and of HTTP statuses are those of the installed ccxt, complete', async () => {
  const { upbit } = await loadCcxtClasses();
  const client = new upbit();
  expect(ERROR_STATUSES.map(String).sort()).toEqual(Object.keys(client.httpExceptions as object).sort());
  const { exact, broad } = client.exceptions as Record<'exact' | 'broad', Record<string, new () => Error>>;
  for (const [text, error] of [...Object.entries(exact), ...Object.entries(broad)]) {
    expect(wireError('upbit', 'createOrder', { http: 400, code: 'other', message: text }).constructor, text).toBe(error);
    expect(wireError('upbit', 'createOrder', { http: 400, code: text, message: 'other' }).constructor, text).toBe(error);
  }
});
