import ccxt from 'ccxt';
import { describe, expect, test } from 'vitest';
import { capabilitiesOf, REQUIRED_METHODS, requireCapabilities } from '../../src/exchange/capabilities.js';
import { loadCcxtClasses } from '../../src/exchange/ccxt-clients.js';
import type { ExchangeClient, RawLeverageClient } from '../../src/exchange/exchange-client.js';

// These three lines are the compile-time test: ccxt's clients are ports as they are, without a cast.
const upbit: ExchangeClient = new ccxt.upbit();
const binanceusdm: ExchangeClient & RawLeverageClient = new ccxt.binanceusdm();
const binance: ExchangeClient & RawLeverageClient = new ccxt.binance({ options: { defaultType: 'future' } });

describe('ccxt clients as ports', () => {
  test.each([
    { name: 'upbit', client: upbit },
    { name: 'binanceusdm', client: binanceusdm },
    { name: 'binance with defaultType future', client: binance },
  ])('$name has every method of the port', ({ client }) => {
    const missing = [...REQUIRED_METHODS.upbit, ...REQUIRED_METHODS.binance].filter((method) => typeof client[method] !== 'function');
    expect(missing).toEqual([]);
  });

  test('the binance clients have the raw leverage call of the specification', () => {
    expect(typeof binanceusdm.fapiPrivatePostLeverage).toBe('function');
    expect(typeof binance.fapiPrivatePostLeverage).toBe('function');
  });

  test('classes loaded alone are those of the package', async () => {
    const alone = await loadCcxtClasses();
    expect(alone.upbit).toBe(ccxt.upbit);
    expect(alone.binanceusdm).toBe(ccxt.binanceusdm);
    expect(alone.binance).toBe(ccxt.binance);
  });
});

describe('capabilities: assignable does not mean supported', () => {
  test('upbit has setLeverage and cannot set a leverage', async () => {
    expect(capabilitiesOf(upbit, ['setLeverage', 'createOrder'])).toMatchObject([
      { method: 'setLeverage', supported: false },
      { method: 'createOrder', supported: true },
    ]);
    await expect(upbit.setLeverage(1, 'BTC/KRW')).rejects.toThrow(ccxt.NotSupported);
  });

  test('each client can trade its own leg', () => {
    expect(() => requireCapabilities('upbit', upbit)).not.toThrow();
    expect(() => requireCapabilities('binance', binanceusdm)).not.toThrow();
    expect(() => requireCapabilities('binance', binance)).not.toThrow();
  });

  test('upbit given as the futures client is refused with what is missing and what to use', () => {
    expect(() => requireCapabilities('binance', upbit)).toThrow(/cannot trade on binance: .*setLeverage.*\n.*ccxt\.binanceusdm/);
  });

  test('a client that re-sends failed requests is refused: it would send an order twice', () => {
    const client: ExchangeClient = new ccxt.upbit({ options: { maxRetriesOnFailure: 2 } });
    expect(() => requireCapabilities('upbit', client)).toThrow(/re-sends failed requests .*is 2/);
  });

  test("a client of one's own without `has` is judged by its methods", () => {
    const own = { id: 'own', createOrder: async () => ({ id: '1' }) } as unknown as ExchangeClient;
    expect(capabilitiesOf(own, ['createOrder', 'fetchOrder'])).toMatchObject([{ supported: true }, { supported: false }]);
  });
});
