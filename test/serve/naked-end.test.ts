import { expect, test } from 'vitest';
import { servedText } from '../../src/run/served-text.js';
import { servedVerdict } from '../../src/run/served-verdict.js';
import { clientsOf, served, SYMBOL } from './support/served.js';

test('a leg that stands naked for less than I3 allows when the server ends: no promise is broken yet, and it does not pass either', async () => {
  await served(async (open) => {
    const { upbit, binance } = await clientsOf(open);
    await Promise.all([upbit.loadMarkets(), binance.loadMarkets()]);
    await binance.createOrder(SYMBOL.binance, 'market', 'sell', 0.02, undefined, { clientOrderId: 'alone' });
    const verdict = servedVerdict(open.run, undefined);
    expect([verdict.outcome, verdict.flows]).toEqual(['naked', [{ flow: 1, kind: 'enter', outcome: 'naked' }]]);
    expect(servedText(verdict)).toMatch(/^verdict\n {2}NAKED: a leg stands alone at the end/);
    expect(servedText(verdict)).toMatch(/residual -0\.02 BTC, 0 orders open\n {2}NAKED at the end, which is not judged here: I3 .* after 30 s/);
  });
});

test('a hedge that stands when the server ends is held', async () => {
  await served(async (open) => {
    const { upbit, binance } = await clientsOf(open);
    await Promise.all([upbit.loadMarkets(), binance.loadMarkets()]);
    await binance.createOrder(SYMBOL.binance, 'market', 'sell', 0.02, undefined, { clientOrderId: 'in-perp' });
    await upbit.createOrder(SYMBOL.upbit, 'limit', 'buy', 0.02, 131_000_000, { clientOrderId: 'in-spot', timeInForce: 'IOC' });
    const { outcome, final } = servedVerdict(open.run, undefined);
    expect([outcome, final.note]).toEqual(['held', undefined]);
  });
});
