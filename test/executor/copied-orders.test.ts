import { expect, test } from 'vitest';
import { Bench } from '../support/executor-bench.js';
import { answersError, binanceError } from '../support/scripted-venue.js';

/** A hedge of 0.05 BTC whose sell the venue is given once more. */
async function soldTwice(bench: Bench, given: { readonly clientOrderId?: string; readonly amount?: number } = {}): Promise<void> {
  await bench.enter();
  const sold = bench.binance.orders.at(-1);
  if (sold === undefined) throw new Error('nothing was sold');
  const { type, side, amount, price, reduceOnly, clientOrderId } = sold;
  bench.binance.place({ type, side, amount, price, reduceOnly, clientOrderId, ...given });
}

test('copy of our own sell: found by its trade and its id, told, adopted and taken off', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await soldTwice(bench);
    expect(bench.held).toBe('0.05/-0.1');
    await bench.wait(120_000);
    expect(bench.held).toBe('0.05/-0.05');
    expect(bench.executor.halted).toBeUndefined();
    expect(bench.notified).toEqual(['POSITION_MISMATCH', 'UNHEDGED_EXPOSURE', 'EXPOSURE_CLOSED']);
    expect(bench.events('holdings.adopted')).toMatchObject([{ leg: 'perp', from: -5_000_000n, to: -10_000_000n, orders: ['binance-2'] }]);
    // What was adopted once is known: the next looks find nothing.
    await bench.wait(300_000);
    expect(bench.events('holdings.adopted')).toHaveLength(1);
  });
});

test('two copies, and one more after the first two were taken off', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await soldTwice(bench);
    const [sold] = bench.binance.orders;
    if (sold === undefined) throw new Error('nothing was sold');
    bench.binance.place(sold);
    await bench.wait(120_000);
    expect(bench.held).toBe('0.05/-0.05');
    bench.binance.place(sold);
    await bench.wait(120_000);
    expect(bench.held).toBe('0.05/-0.05');
    expect(bench.executor.halted).toBeUndefined();
    expect(bench.events('holdings.adopted').map(({ orders }) => orders)).toEqual([['binance-2', 'binance-3'], ['binance-5']]);
  });
});

test.each([
  { name: 'an order of somebody else', given: { clientOrderId: 'web-1' }, extra: 0 },
  { name: 'a copy that explains a part only', given: {}, extra: -0.01 },
])('$name: frozen for a human', async ({ given, extra }) => {
  const bench = new Bench();
  await bench.run(async () => {
    await soldTwice(bench, given);
    bench.binance.held.position += extra;
    await bench.wait(120_000);
    expect(bench.executor.halted).toBe('freeze');
    expect(bench.events('holdings.adopted')).toEqual([]);
    expect(bench.binance.callsOf('createOrder')).toHaveLength(1);
  });
});

test.each(['fetchMyTrades', 'fetchOrder'])('%s that keeps failing explains nothing: frozen for a human', async (method) => {
  const bench = new Bench();
  await bench.run(async () => {
    await soldTwice(bench);
    bench.binance.always(method, answersError(binanceError('-1000', 500)));
    await bench.wait(120_000);
    expect(bench.executor.halted).toBe('freeze');
    expect(bench.events('holdings.adopted')).toEqual([]);
  });
});

test('restart after a copy was adopted: the journal explains the whole position', async () => {
  const bench = new Bench();
  await bench.clock.run(async () => {
    await bench.executor.start();
    await soldTwice(bench);
    await bench.wait(120_000);
    bench.crash('kept');
    await bench.wait(1_000);
    await bench.restart();
    await bench.wait(120_000);
    expect(bench.held).toBe('0.05/-0.05');
    expect(bench.executor.halted).toBeUndefined();
    await bench.executor.stop();
  });
});
