import { describe, expect, test } from 'vitest';
import type { VenueId } from '../../src/core/units.js';
import { REQUIRED_METHODS } from '../../src/exchange/capabilities.js';
import { NotSupported } from '../../src/exchange/ccxt-errors.js';
import { SYMBOLS } from '../../src/exchange/client-params.js';
import type { WireMethod } from '../../src/exchange/wire-endpoints.js';
import { endpointOf } from '../../src/exchange/wire-endpoints.js';
import { settle, wireClient } from './wire-harness.js';

const METHODS: Readonly<Record<VenueId, readonly WireMethod[]>> = {
  upbit: [...REQUIRED_METHODS.upbit, 'fetchTicker', 'createMarketBuyOrderWithCost'],
  binance: [...REQUIRED_METHODS.binance, 'fetchTime', 'fetchTicker', 'fetchFundingRate', 'fapiPrivatePostLeverage'],
};

function argumentsOf(venue: VenueId, method: WireMethod): unknown[] {
  const symbol = SYMBOLS[venue];
  switch (method) {
    case 'loadMarkets':
      return [true];
    case 'createOrder':
      return [symbol, 'limit', 'sell', 0.01, 100_000];
    case 'createMarketBuyOrderWithCost':
      return [symbol, 10_000];
    case 'fetchOrder':
    case 'cancelOrder':
      return ['1', symbol];
    case 'setLeverage':
      return [1, symbol];
    case 'fapiPrivatePostLeverage':
      return [{ symbol: 'BTCUSDT', leverage: 1 }];
    case 'setMarginMode':
      return ['isolated', symbol];
    case 'setPositionMode':
      return [false, symbol];
    case 'fetchPositions':
      return [[symbol]];
    case 'fetchBalance':
    case 'fetchTime':
    case 'fetchPositionMode':
      return [];
    default:
      return [symbol];
  }
}

describe.each(['upbit', 'binance'] as const)('%s', (venue) => {
  test.each(METHODS[venue])('%s asks the endpoint that its errors name, and is supported', async (method) => {
    const { client, requests } = await wireClient(venue, () => ({ kind: 'http', status: 200, body: '[]' }), { apiKey: method, secret: 's' });
    const call = (client as unknown as Record<string, (...list: unknown[]) => Promise<unknown>>)[method];
    if (call === undefined) throw new Error(`no method ${method}`);
    const result = await settle(() => call.apply(client, argumentsOf(venue, method)));
    expect('threw' in result && result.threw instanceof NotSupported).toBe(false);
    expect(requests.map(({ method: verb, url }) => `${verb} ${url.split('?')[0]}`)).toContain(endpointOf(venue, method));
  });
});

test('a call that a venue lacks has no endpoint', () => {
  expect(() => endpointOf('upbit', 'setLeverage')).toThrow(/no endpoint/);
});
