import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatFixed } from '../../src/core/money.js';
import type { ClientOrder } from '../../src/exchange/exchange-client.js';
import { isMappedStatus, readOrder } from '../../src/exchange/order-reading.js';
import { wireClient } from './wire-harness.js';

const none = (): never => {
  throw new Error('nothing is sent in these tests');
};
const { client: upbit } = await wireClient('upbit', none);
const { client: binance } = await wireClient('binance', none);

const upbitOrder = (fields: Record<string, unknown>): ClientOrder =>
  upbit.parseOrder({
    uuid: 'u-1',
    side: 'bid',
    market: 'KRW-BTC',
    created_at: '2026-01-05T09:00:00+09:00',
    reserved_fee: '500',
    remaining_fee: '0',
    locked: '0',
    identifier: 'hd-1',
    ...fields,
  });
const binanceOrder = (fields: Record<string, unknown>): ClientOrder =>
  binance.parseOrder(
    {
      orderId: 1,
      symbol: 'BTCUSDT',
      clientOrderId: 'hd-2',
      price: '0.00',
      stopPrice: '0',
      timeInForce: 'GTC',
      type: 'MARKET',
      reduceOnly: false,
      side: 'SELL',
      positionSide: 'BOTH',
      updateTime: 1_767_571_200_123,
      origQty: '0.010',
      ...fields,
    },
    binance.market('BTC/USDT:USDT'),
  );

const trades = [
  { market: 'KRW-BTC', uuid: 't1', price: '150000000', volume: '0.004', funds: '600000', created_at: '2026-01-05T09:00:00.1+09:00', side: 'bid' },
  {
    market: 'KRW-BTC',
    uuid: 't2',
    price: '150001000',
    volume: '0.00266666',
    funds: '400001.66666',
    created_at: '2026-01-05T09:00:00.2+09:00',
    side: 'bid',
  },
];
const marketBuy = { ord_type: 'price', price: '1000002', volume: null, remaining_volume: null, paid_fee: '500.00083333' };
const limit = { ord_type: 'limit', price: '150000000', volume: '0.01', time_in_force: 'ioc' };

interface Expected {
  readonly status: string | undefined;
  readonly terminal: boolean | undefined;
  readonly executed: string | undefined;
  readonly quote: string | undefined;
  readonly fee: string | undefined;
}

const inWords = (venue: 'upbit' | 'binance', order: ClientOrder): Expected => {
  const reading = readOrder(venue, order);
  const text = (amount: bigint | undefined): string | undefined => (amount === undefined ? undefined : formatFixed(amount));
  return {
    status: reading.status,
    terminal: reading.terminal,
    executed: text(reading.executed),
    quote: text(reading.quoteExecuted),
    fee: text(reading.fee),
  };
};

describe('Upbit orders as ccxt parses them', () => {
  test.each([
    {
      name: 'market buy just created: nothing executed, though cost shows the requested KRW',
      fields: { ...marketBuy, state: 'wait', executed_volume: '0', paid_fee: '0', trades_count: 0 },
      expected: { status: 'open', terminal: false, executed: '0', quote: '0', fee: '0' },
    },
    {
      name: 'market buy filled, crumb of KRW returned: canceled, and fully executed',
      fields: { ...marketBuy, state: 'cancel', executed_volume: '0.00666666', trades_count: 2, trades },
      expected: { status: 'canceled', terminal: true, executed: '0.00666666', quote: '1000001.66666', fee: '500.00083333' },
    },
    {
      name: 'market buy filled exactly',
      fields: { ...marketBuy, state: 'done', executed_volume: '0.00666666', trades_count: 2, trades },
      expected: { status: 'closed', terminal: true, executed: '0.00666666', quote: '1000001.66666', fee: '500.00083333' },
    },
    {
      name: 'market buy of which nothing was traded: cost still shows the requested KRW',
      fields: { ...marketBuy, state: 'cancel', executed_volume: '0', paid_fee: '0', trades_count: 0, trades: [] },
      expected: { status: 'canceled', terminal: true, executed: '0', quote: '0', fee: '0' },
    },
    {
      name: 'market buy in a list: money from executed_funds, not from cost',
      fields: { ...marketBuy, state: 'cancel', executed_volume: '0.00333333', executed_funds: '499999.5', trades_count: 1 },
      expected: { status: 'canceled', terminal: true, executed: '0.00333333', quote: '499999.5', fee: '500.00083333' },
    },
    {
      name: 'market buy whose trades lag behind its executed volume: money unknown',
      fields: { ...marketBuy, state: 'wait', executed_volume: '0.00666666', trades_count: 2, trades: trades.slice(0, 1) },
      expected: { status: 'open', terminal: false, executed: '0.00666666', quote: undefined, fee: '500.00083333' },
    },
    {
      name: 'market sell done, in a list',
      fields: {
        side: 'ask',
        ord_type: 'market',
        price: null,
        state: 'done',
        volume: '0.01',
        remaining_volume: '0',
        executed_volume: '0.01',
        executed_funds: '1500000',
        paid_fee: '750',
      },
      expected: { status: 'closed', terminal: true, executed: '0.01', quote: '1500000', fee: '750' },
    },
    {
      name: 'limit resting, partly filled, without trades: money unknown rather than price times quantity',
      fields: { ...limit, state: 'wait', remaining_volume: '0.004', executed_volume: '0.006', paid_fee: '450' },
      expected: { status: 'open', terminal: false, executed: '0.006', quote: undefined, fee: '450' },
    },
    {
      name: 'limit IOC ended part filled',
      fields: { ...limit, state: 'cancel', remaining_volume: '0.00333334', executed_volume: '0.00666666', paid_fee: '500', trades_count: 2, trades },
      expected: { status: 'canceled', terminal: true, executed: '0.00666666', quote: '1000001.66666', fee: '500' },
    },
    {
      name: 'stop reservation: a status that ccxt does not map',
      fields: { ...limit, state: 'watch', remaining_volume: '0.01', executed_volume: '0', paid_fee: '0' },
      expected: { status: 'watch', terminal: undefined, executed: '0', quote: '0', fee: '0' },
    },
    {
      name: 'a fee with more decimals than money has is rounded half up',
      fields: { ...limit, state: 'cancel', executed_volume: '0', paid_fee: '3.697095875' },
      expected: { status: 'canceled', terminal: true, executed: '0', quote: '0', fee: '3.69709588' },
    },
    {
      name: 'done without an executed volume: ccxt fills in the whole amount, we do not',
      fields: { ...limit, state: 'done', paid_fee: '0' },
      expected: { status: 'closed', terminal: true, executed: undefined, quote: undefined, fee: '0' },
    },
  ])('$name', ({ fields, expected }) => {
    expect(inWords('upbit', upbitOrder(fields))).toEqual(expected);
  });

  test('the trap behind the last row is there: ccxt states a full fill that the venue did not', () => {
    expect(upbitOrder({ ...limit, state: 'done', paid_fee: '0' }).filled).toBe(0.01);
  });

  test('ids and the fee asset are read', () => {
    expect(readOrder('upbit', upbitOrder({ ...limit, state: 'wait', executed_volume: '0', paid_fee: '0' }))).toMatchObject({
      orderId: 'u-1',
      clientOrderId: 'hd-1',
      feeAsset: 'KRW',
    });
  });
});

describe('Binance orders as ccxt parses them', () => {
  test.each([
    { state: 'NEW', executedQty: '0', cumQuote: '0', expected: { status: 'open', terminal: false, executed: '0', quote: '0' } },
    {
      state: 'PARTIALLY_FILLED',
      executedQty: '0.004',
      cumQuote: '400.00000',
      expected: { status: 'open', terminal: false, executed: '0.004', quote: '400' },
    },
    {
      state: 'FILLED',
      executedQty: '0.010',
      cumQuote: '999.99950',
      expected: { status: 'closed', terminal: true, executed: '0.01', quote: '999.9995' },
    },
    {
      state: 'CANCELED',
      executedQty: '0.004',
      cumQuote: '400.1',
      expected: { status: 'canceled', terminal: true, executed: '0.004', quote: '400.1' },
    },
    { state: 'EXPIRED', executedQty: '0.004', cumQuote: '400.1', expected: { status: 'expired', terminal: true, executed: '0.004', quote: '400.1' } },
    { state: 'EXPIRED_IN_MATCH', executedQty: '0', cumQuote: '0', expected: { status: 'expired', terminal: true, executed: '0', quote: '0' } },
    { state: 'REJECTED', executedQty: '0', cumQuote: '0', expected: { status: 'rejected', terminal: true, executed: '0', quote: '0' } },
    { state: 'PENDING_CANCEL', executedQty: '0', cumQuote: '0', expected: { status: 'canceling', terminal: false, executed: '0', quote: '0' } },
    {
      state: 'NEW_ADL',
      executedQty: '0.010',
      cumQuote: '1000',
      expected: { status: 'NEW_ADL', terminal: undefined, executed: '0.01', quote: '1000' },
    },
    {
      state: 'FILLED',
      executedQty: undefined,
      cumQuote: undefined,
      expected: { status: 'closed', terminal: true, executed: undefined, quote: undefined },
    },
    {
      state: 'FILLED',
      executedQty: '0.010',
      cumQuote: undefined,
      expected: { status: 'closed', terminal: true, executed: '0.01', quote: undefined },
    },
  ])('$state with executedQty $executedQty', ({ state, executedQty, cumQuote, expected }) => {
    const average = cumQuote === undefined || Number(executedQty) === 0 ? '0' : String(Number(cumQuote) / Number(executedQty));
    expect(inWords('binance', binanceOrder({ status: state, executedQty, cumQuote, avgPrice: average }))).toEqual({ ...expected, fee: undefined });
  });
});

describe("orders without the venue's own answer", () => {
  test('are read from their unified fields', () => {
    const order = { id: 'x', status: 'closed', filled: 0.1, fee: { currency: 'KRW', cost: '6500' }, trades: [{ amount: 0.1, cost: 13_000_000.5 }] };
    expect(inWords('upbit', order)).toEqual({ status: 'closed', terminal: true, executed: '0.1', quote: '13000000.5', fee: '6500' });
    expect(inWords('binance', { id: 'x', status: 'closed', filled: 0.1, cost: 9_000.1 })).toMatchObject({ executed: '0.1', quote: '9000.1' });
  });

  test('say nothing of what they do not hold', () => {
    expect(readOrder('upbit', { id: '' })).toEqual({
      orderId: undefined,
      clientOrderId: undefined,
      status: undefined,
      terminal: undefined,
      executed: undefined,
      quoteExecuted: undefined,
      fee: undefined,
      feeAsset: undefined,
    });
  });
});

test('every 8-decimal executed volume of Upbit is read to the last unit', () =>
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 17n }), (units) => {
      const order = upbitOrder({ ...limit, state: 'wait', executed_volume: formatFixed(units) });
      expect(readOrder('upbit', order).executed).toBe(units);
    }),
  ));

test('the mapped statuses are those that ccxt gives the documented states of both venues', () => {
  const given = [
    ...['wait', 'done', 'cancel'].map((state) => upbit.parseOrderStatus(state)),
    ...['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'EXPIRED_IN_MATCH'].map((state) => binance.parseOrderStatus(state)),
  ];
  expect(given.every((status) => isMappedStatus(status))).toBe(true);
  expect(['watch', 'trade', 'prevented', 'NEW_ADL', 'NEW_INSURANCE', undefined].some((status) => isMappedStatus(status))).toBe(false);
});
