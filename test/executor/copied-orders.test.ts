import { expect, test } from 'vitest';
import { Bench } from '../support/executor-bench.js';
import { answersError, binanceError, loseRequest, passes } from '../support/scripted-venue.js';

/** A hedge of 0.05 BTC whose sell the venue is given once more. */
async function soldTwice(bench: Bench, given: { readonly clientOrderId?: string; readonly amount?: number } = {}): Promise<void> {
  await bench.enter();
  const { type, side, amount, price, reduceOnly, clientOrderId } = bench.binance.lastOrder;
  bench.binance.place({ type, side, amount, price, reduceOnly, clientOrderId, ...given });
}

/** The first sell, of which the venue knew nothing, is taken after all. */
function lostSellArrives(bench: Bench): void {
  const [lost] = bench.events('intent').filter(({ leg }) => leg === 'perp');
  if (lost === undefined) throw new Error('nothing was lost');
  bench.binance.place({ type: 'market', side: 'sell', amount: 0.05, price: 0, reduceOnly: false, clientOrderId: lost.clientOrderId });
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

test.each([
  { flow: 'exit', of: (bench: Bench) => bench.exit() },
  { flow: 'entry', of: (bench: Bench) => bench.enter() },
])('copy that an $flow has met: taken off soon after it, not when the monitor would have looked', async ({ of }) => {
  const bench = new Bench();
  await bench.run(async () => {
    await soldTwice(bench);
    await bench.wait(16_000);
    const { outcome } = await of(bench);
    expect(outcome).toBe('aborted');
    await bench.wait(25_000);
    expect(bench.held).toBe('0.05/-0.05');
    expect(bench.executor.halted).toBeUndefined();
  });
});

test('exits asked for one after the other while a copy is held: the second finds it taken off', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await soldTwice(bench);
    await bench.wait(16_000);
    expect((await bench.exit()).outcome).toBe('aborted');
    expect((await bench.exit()).outcome).toBe('flat');
    expect(bench.held).toBe('0/0');
  });
});

test('repair of a copy that is doubled as well: found soon after it, not when the monitor would have looked', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await soldTwice(bench);
    while (bench.held !== '0.05/-0.05') await bench.wait(500);
    bench.binance.place(bench.binance.lastOrder);
    expect(bench.held).toBe('0.05/0');
    await bench.wait(30_000);
    expect(bench.held).toBe('0/0');
    expect(bench.alerts).toContain('SHORT_SHRANK');
  });
});

test('order in doubt while the copy of an earlier one has moved the position by more: the copy is found, the doubt ends, no lock', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.binance.executes({ fraction: 0.4, status: 'expired' });
    bench.binance.next('createOrder', passes, loseRequest);
    const entering = bench.enter();
    await bench.wait(3_000);
    bench.binance.place(bench.binance.firstOrder);
    expect((await entering).outcome).not.toBe('locked');
    expect(bench.events('holdings.adopted')).toMatchObject([{ leg: 'perp', from: -2_000_000n, to: -7_000_000n }]);
    expect([bench.held, bench.executor.halted]).toEqual(['0.05/-0.05', undefined]);
  });
});

test('two copies, and one more after the first two were taken off', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await soldTwice(bench);
    bench.binance.place(bench.binance.firstOrder);
    await bench.wait(120_000);
    expect(bench.held).toBe('0.05/-0.05');
    bench.binance.place(bench.binance.firstOrder);
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
    await bench.wait(200_000);
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
    await bench.wait(90_000);
    // People hear of it at once, and everything is frozen when it stays so.
    expect([bench.notified, bench.executor.halted]).toEqual([['POSITION_MISMATCH'], undefined]);
    await bench.wait(120_000);
    expect(bench.executor.halted).toBe('freeze');
    expect(bench.events('holdings.adopted')).toEqual([]);
  });
});

test.each([
  { name: 'no trades, as ccxt makes of an empty body', method: 'fetchMyTrades', answer: [] },
  { name: "another order's answer", method: 'fetchOrder', answer: { id: '77', clientOrderId: 'hd1xxx', status: 'closed', filled: 0.05 } },
])('$name where a copy is looked for: looked for again, found and taken off', async ({ method, answer }) => {
  const bench = new Bench();
  await bench.run(async () => {
    await soldTwice(bench);
    bench.binance.next(method, () => Promise.resolve(answer));
    await bench.wait(120_000);
    expect(bench.held).toBe('0.05/-0.05');
    expect(bench.executor.halted).toBeUndefined();
    expect(bench.notified).toEqual(['POSITION_MISMATCH', 'POSITION_MISMATCH', 'UNHEDGED_EXPOSURE', 'EXPOSURE_CLOSED']);
  });
});

test('a copy while an earlier sell is in doubt: the copy is taken off, and what the doubt does later still counts', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.binance.next('createOrder', loseRequest);
    await soldTwice(bench);
    await bench.wait(120_000);
    expect(bench.held).toBe('0.05/-0.05');
    lostSellArrives(bench);
    await bench.wait(120_000);
    expect(bench.alerts).toContain('LATE_FILL');
    expect([bench.held, bench.executor.halted]).toEqual(['0.05/-0.05', undefined]);
  });
});

test('an order in doubt that shows in the trades before it can be looked up is no copy: it is counted once, by its own look-up', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    bench.binance.next('createOrder', loseRequest);
    await bench.enter();
    lostSellArrives(bench);
    const hidden = answersError(binanceError('-2013'));
    bench.binance.always('fetchOrder', (act, clock) => {
      const [id] = bench.binance.calls.at(-1)?.args ?? [];
      return (id === undefined ? hidden : passes)(act, clock);
    });
    await bench.wait(95_000);
    expect(bench.events('holdings.adopted')).toEqual([]);
    bench.binance.always('fetchOrder', undefined);
    await bench.wait(180_000);
    expect(bench.alerts).toContain('LATE_FILL');
    expect([bench.held, bench.executor.halted]).toEqual(['0.05/-0.05', undefined]);
  });
});

test('a copy of a buy was taken for a short that shrank: it explains nothing of what a later copy did', async () => {
  const bench = new Bench();
  await bench.run(async () => {
    await bench.enter();
    const sold = bench.binance.orders.at(-1);
    if (sold === undefined) throw new Error('nothing was sold');
    bench.binance.place({ ...sold, side: 'buy', amount: 0.03, reduceOnly: true });
    await bench.wait(120_000);
    expect([bench.held, bench.alerts.includes('SHORT_SHRANK')]).toEqual(['0.02/-0.02', true]);
    bench.binance.place(sold);
    await bench.wait(120_000);
    expect([bench.held, bench.executor.halted]).toEqual(['0.02/-0.02', undefined]);
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
