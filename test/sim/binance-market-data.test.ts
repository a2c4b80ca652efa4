import { expect, test } from 'vitest';
import { durationMs, epochMs } from '../../src/core/units.js';
import { movingMarket } from './support/moving-market.js';
import { PERP, simulate } from './support/simulate.js';
import { worldWith } from './support/world.js';

const HOUR = 3_600_000;

async function failure(act: () => Promise<unknown>): Promise<string> {
  try {
    await act();
    return 'accepted';
  } catch (error) {
    return `${(error as Error).constructor.name}: ${(error as Error).message}`;
  }
}

test('a book of as many levels as the venue does not offer: -4021', async () => {
  const run = await simulate({}, async ({ binance }) => ({
    thirty: await failure(() => binance.fetchOrderBook(PERP, 30)),
    five: await failure(() => binance.fetchOrderBook(PERP, 5)),
    none: await failure(() => binance.fetchOrderBook(PERP)),
  }));
  expect(run.value.thirty).toMatch(/^BadRequest: binanceusdm \{"code":-4021,/);
  expect(run.value).toMatchObject({ five: 'accepted', none: 'accepted' });
});

test('the funding rate that is shown: the last one settled, never the one that is yet to come', async () => {
  const eighth = (at: number): number => Math.floor(at / (8 * HOUR));
  const first = eighth(worldWith().start);
  const market = {
    ...movingMarket({}),
    nextFunding: (at: number) => ({ at: epochMs((eighth(at) + 1) * 8 * HOUR), rate: (eighth(at) + 1 - first) / 10_000 }),
  };
  const run = await simulate({ market }, async ({ binance, clock }) => {
    const rates: unknown[] = [await binance.fetchFundingRate(PERP)];
    await clock.sleep(durationMs(8 * HOUR));
    rates.push(await binance.fetchFundingRate(PERP));
    return rates;
  });
  expect(run.value).toMatchObject([
    { fundingRate: 0, fundingTimestamp: (first + 1) * 8 * HOUR },
    { fundingRate: 0.0001, fundingTimestamp: (first + 2) * 8 * HOUR },
  ]);
});
