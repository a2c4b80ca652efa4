import { describe, expect, test } from 'vitest';
import type { VenueId } from '../../src/core/units.js';
import { BaseError } from '../../src/exchange/ccxt-errors.js';
import type { CertaintyRow, Gives } from '../../src/exchange/certainty-row.js';
import { CERTAINTY_TABLE } from '../../src/exchange/certainty-table.js';
import { judgeError, judgeOrder } from '../../src/exchange/certainty.js';
import type { OrderOperation } from '../../src/exchange/judgement.js';
import { isMappedStatus } from '../../src/exchange/order-reading.js';
import type { Result } from './wire-harness.js';
import { call, settle, SYMBOL, wireClient } from './wire-harness.js';

const OPERATIONS: readonly OrderOperation[] = ['createOrder', 'cancelOrder', 'fetchOrder'];
const VENUES: readonly VenueId[] = ['upbit', 'binance'];

function givesOf(result: Result): Gives {
  if ('threw' in result) return result.threw.constructor.name as Gives;
  const { id, status } = result.returned;
  if (id === undefined) return 'order without id';
  return isMappedStatus(status) ? 'order' : 'order of unmapped status';
}

async function outcomeOf(row: CertaintyRow, operation: OrderOperation): Promise<Result> {
  if (row.answer.kind === 'unsent') return unsent(row, operation);
  const { client, requests } = await wireClient(row.venue, () => row.answer);
  const result = await call(client, row.venue, operation);
  expect(requests).toHaveLength(1);
  return result;
}

/** Makes a call that ccxt refuses by itself, and checks that nothing was sent. */
async function unsent(row: CertaintyRow, operation: OrderOperation): Promise<Result> {
  const kind = row.answer.kind === 'unsent' ? row.answer.call : undefined;
  const { client, requests } = await wireClient(row.venue, () => row.answer, kind === 'no keys' ? {} : undefined);
  const symbol = kind === 'unknown symbol' ? 'XYZ/KRW' : SYMBOL[row.venue];
  const type = kind === 'no type' ? 'stop_limit' : kind === 'no price' ? 'market' : 'limit';
  const price = kind === 'no price' ? undefined : 100_000;
  const result = await settle(() => {
    if (operation === 'createOrder') return client.createOrder(symbol, type, 'buy', kind === 'below step' ? 0.0004 : 0.01, price);
    return operation === 'cancelOrder' ? client.cancelOrder('1', symbol) : client.fetchOrder('1', symbol);
  });
  expect(requests).toHaveLength(0);
  return result;
}

describe.each(VENUES)('%s', (venue) => {
  const rows = CERTAINTY_TABLE.filter((row) => row.venue === venue);

  describe.each(OPERATIONS)('%s', (operation) => {
    const applicable = rows.filter((row) => row.answer.kind !== 'unsent' || operation === 'createOrder');

    test.each(applicable)('$id gives and proves what its row says', async (row) => {
      const result = await outcomeOf(row, operation);
      const { gives, certainty, advice } = row.outcomes[operation];
      expect(givesOf(result), 'threw' in result ? result.threw.message : JSON.stringify(result.returned)).toBe(gives);
      if ('threw' in result) {
        expect(result.threw instanceof BaseError).toBe(row.key !== 'not ccxt');
        expect(judgeError(venue, operation, result.threw)).toMatchObject({ row: `${venue} ${row.key}`, certainty, advice });
      } else {
        expect(judgeOrder(venue, operation, result.returned)).toEqual({ row: `${venue} ${row.key}`, certainty, advice });
      }
    });
  });
});
