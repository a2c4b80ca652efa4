import { describe, expect, test } from 'vitest';
import type { VenueId } from '../../src/core/units.js';
import { byClientOrderId, limitIocParams, marketParams, SYMBOLS } from '../../src/exchange/client-params.js';
import { CERTAINTY_TABLE } from '../../src/exchange/certainty-table.js';
import type { RawLeverageClient } from '../../src/exchange/exchange-client.js';
import { endpointOf } from '../../src/exchange/wire-endpoints.js';
import type { WireRequest } from './wire-harness.js';
import { wireClient } from './wire-harness.js';

const liveOrder = (venue: VenueId) => CERTAINTY_TABLE.find((row) => row.id === `${venue} order open`)!.answer;

async function recording(venue: VenueId) {
  const { client, requests } = await wireClient(venue, () => liveOrder(venue));
  return { client, requests };
}

/** The parameters that a request carries, without signature and time. */
function sent(request: WireRequest | undefined): Record<string, string> {
  if (request === undefined) throw new Error('nothing was sent');
  const json = request.body?.startsWith('{') === true;
  const fields = json
    ? (JSON.parse(request.body ?? '{}') as Record<string, string>)
    : Object.fromEntries(new URLSearchParams(request.body ?? request.url.split('?')[1] ?? ''));
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'timestamp' && name !== 'signature'));
}

describe('Upbit: what goes on the wire', () => {
  const symbol = SYMBOLS.upbit;

  test('limit IOC carries its volume, price and time_in_force', async () => {
    const { client, requests } = await recording('upbit');
    await client.createOrder(symbol, 'limit', 'buy', 0.062, 150_001_000, limitIocParams('upbit', { clientOrderId: 'hd-1' }));
    expect(sent(requests[0])).toEqual({
      market: 'KRW-BTC',
      side: 'bid',
      ord_type: 'limit',
      price: '150001000',
      volume: '0.062',
      identifier: 'hd-1',
      time_in_force: 'ioc',
    });
  });

  test('market buy is sized by KRW', async () => {
    const { client, requests } = await recording('upbit');
    await client.createMarketBuyOrderWithCost(symbol, 10_000_000, marketParams('upbit', { clientOrderId: 'hd-1' }));
    expect(sent(requests[0])).toEqual({ market: 'KRW-BTC', side: 'bid', ord_type: 'price', price: '10000000', identifier: 'hd-1' });
  });

  test('market sell is sized by BTC', async () => {
    const { client, requests } = await recording('upbit');
    await client.createOrder(symbol, 'market', 'sell', 0.062, undefined, marketParams('upbit', { clientOrderId: 'hd-1' }));
    expect(sent(requests[0])).toEqual({ market: 'KRW-BTC', side: 'ask', ord_type: 'market', volume: '0.062', identifier: 'hd-1' });
  });

  test('reduceOnly and recvWindow, which Upbit does not know, are not sent', async () => {
    const params = limitIocParams('upbit', { clientOrderId: 'hd-1', reduceOnly: true, recvWindowMs: 2_000 });
    expect(params).toEqual({ clientOrderId: 'hd-1', timeInForce: 'IOC' });
  });

  test.each(['fetchOrder', 'cancelOrder'] as const)('%s by client id asks for the identifier alone', async (method) => {
    const { client, requests } = await recording('upbit');
    await client[method](undefined as unknown as string, symbol, byClientOrderId('upbit', 'hd-1'));
    expect(sent(requests[0])).toEqual({ identifier: 'hd-1' });
  });
});

describe('Binance: what goes on the wire', () => {
  const symbol = SYMBOLS.binance;

  test('limit IOC carries its quantity, price and timeInForce', async () => {
    const { client, requests } = await recording('binance');
    await client.createOrder(symbol, 'limit', 'sell', 0.062, 99_950.1, limitIocParams('binance', { clientOrderId: 'hd-1', recvWindowMs: 2_000 }));
    expect(sent(requests[0])).toEqual({
      symbol: 'BTCUSDT',
      side: 'SELL',
      type: 'LIMIT',
      quantity: '0.062',
      price: '99950.1',
      timeInForce: 'IOC',
      newClientOrderId: 'hd-1',
      newOrderRespType: 'RESULT',
      recvWindow: '2000',
    });
  });

  test('market close carries reduceOnly', async () => {
    const { client, requests } = await recording('binance');
    await client.createOrder(symbol, 'market', 'buy', 0.062, undefined, marketParams('binance', { clientOrderId: 'hd-1', reduceOnly: true }));
    expect(sent(requests[0])).toEqual({
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'MARKET',
      quantity: '0.062',
      reduceOnly: 'true',
      newClientOrderId: 'hd-1',
      newOrderRespType: 'RESULT',
      recvWindow: '10000',
    });
  });

  test.each(['fetchOrder', 'cancelOrder'] as const)('%s by client id asks for origClientOrderId', async (method) => {
    const { client, requests } = await recording('binance');
    await client[method](undefined as unknown as string, symbol, byClientOrderId('binance', 'hd-1', 2_000));
    expect(sent(requests[0])).toEqual({ symbol: 'BTCUSDT', origClientOrderId: 'hd-1', recvWindow: '2000' });
  });

  test('the raw leverage call of the specification posts symbol and leverage to the leverage endpoint', async () => {
    const { client, requests } = await recording('binance');
    await (client as unknown as RawLeverageClient).fapiPrivatePostLeverage({ symbol: 'BTCUSDT', leverage: 1 });
    expect(`${requests[0]?.method} ${requests[0]?.url}`).toBe(endpointOf('binance', 'fapiPrivatePostLeverage'));
    expect(sent(requests[0])).toEqual({ symbol: 'BTCUSDT', leverage: '1', recvWindow: '10000' });
  });
});

test.each(['', 'a'.repeat(37), 'with space', 'with.dot'])('"%s" is no client order id', (clientOrderId) => {
  expect(() => marketParams('binance', { clientOrderId })).toThrow(/client order id/);
});
