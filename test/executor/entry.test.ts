import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import { Bench, short } from '../support/executor-bench.js';
import {
  answersError,
  binanceBan,
  binanceError,
  delayReply,
  loseReply,
  loseRequest,
  page503,
  passes,
  upbitError,
  type Step,
} from '../support/scripted-venue.js';

interface Row {
  readonly name: string;
  readonly policy?: Readonly<Record<string, unknown>>;
  readonly set: (bench: Bench) => void;
  readonly result: string;
  /** Spot and perp in truth. */
  readonly held: string;
  readonly orders: number;
  readonly marks?: readonly string[];
  readonly locked?: boolean;
}

const refusals = (error: Error, times: number): Step[] => Array.from({ length: times }, () => answersError(error));
const twice = <T>(value: T): [T, T] => [value, value];

const rows: readonly Row[] = [
  { name: 'both legs fill: hedged with two orders', set: () => undefined, result: 'hedged 0.05/-0.05', held: '0.05/-0.05', orders: 2 },
  {
    name: 'market orders, both fill: the spot buy is sized by cost and lands just above the lots',
    policy: { orderStyle: 'market' },
    set: () => undefined,
    result: 'hedged 0.05005038/-0.05',
    held: '0.05005038/-0.05',
    orders: 2,
  },
  {
    name: 'spot first: the short is sent after the spot has filled',
    policy: { legs: 'spot-first' },
    set: () => undefined,
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: 'perp first: the spot is bought after the short has filled',
    policy: { legs: 'perp-first' },
    set: () => undefined,
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: 'case A, spot filled and short refused for margin: sold again at once',
    set: ({ binance }) => binance.always('createOrder', answersError(binanceError('-2019'))),
    result: 'rolled-back 0/0',
    held: '0/0',
    orders: 3,
    marks: ['rollback.start', 'rollback.spot.sold'],
  },
  {
    name: 'case B, short filled and spot refused for good: bought back',
    set: ({ upbit }) => upbit.always('createOrder', answersError(upbitError('insufficient_funds_bid'))),
    result: 'rolled-back 0/0',
    held: '0/0',
    orders: 3,
    marks: ['rollback.start', 'rollback.perp.bought-back'],
  },
  {
    name: 'case C, both refused for good: nothing is sent again',
    set: ({ upbit, binance }) => {
      upbit.always('createOrder', answersError(upbitError('insufficient_funds_bid')));
      binance.always('createOrder', answersError(binanceError('-2019')));
    },
    result: 'aborted 0/0',
    held: '0/0',
    orders: 2,
  },
  {
    name: 'both refused for a moment: both are tried again under new ids',
    set: ({ upbit, binance }) => {
      upbit.next('createOrder', answersError(upbitError('too_many_requests', 429)));
      binance.next('createOrder', answersError(binanceError('-1008', 503)));
    },
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 4,
  },
  {
    name: 'short refused for a moment: the hedge is completed',
    set: ({ binance }) => binance.next('createOrder', answersError(binanceError('-1021'))),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 3,
    marks: ['hedge.completed'],
  },
  {
    name: 'policy unwind, short refused for a moment: the spot is sold instead of completing',
    policy: { repair: 'unwind' },
    set: ({ binance }) => binance.next('createOrder', answersError(binanceError('-1021'))),
    result: 'rolled-back 0/0',
    held: '0/0',
    orders: 3,
  },
  {
    name: 'only reducing is allowed on Binance: the spot is sold',
    set: ({ binance }) => binance.always('createOrder', answersError(binanceError('-4400'))),
    result: 'rolled-back 0/0',
    held: '0/0',
    orders: 3,
  },
  {
    name: 'reply of the spot buy lost after the fill: found by our id, nothing is sent twice',
    set: ({ upbit }) => upbit.next('createOrder', loseReply()),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
    marks: ['resolve.unknown-outcome'],
  },
  {
    name: 'reply of the short lost after the fill: found by our id',
    set: ({ binance }) => binance.next('createOrder', loseReply()),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
    marks: ['resolve.unknown-outcome'],
  },
  {
    name: 'Upbit 500 in JSON that hides a fill: not a refusal, the fill is found',
    set: ({ upbit }) => upbit.next('createOrder', answersError(upbitError('server_error', 500), true)),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: 'Binance -1006 that hides a fill: the fill is found',
    set: ({ binance }) => binance.next('createOrder', answersError(binanceError('-1006', 503), true)),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: 'request of the short lost: counted as zero after its lifetime, then completed under a new id',
    set: ({ binance }) => binance.next('createOrder', loseRequest),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 3,
    marks: ['resolve.presumed-zero', 'hedge.completed'],
  },
  {
    name: 'both requests lost: nothing is retried after a doubt',
    set: ({ upbit, binance }) => {
      upbit.next('createOrder', loseRequest);
      binance.next('createOrder', loseRequest);
    },
    result: 'aborted 0/0',
    held: '0/0',
    orders: 2,
  },
  {
    name: 'look-up lags 3 s behind a lost reply: one not-found is not believed',
    set: ({ upbit }) => {
      upbit.next('createOrder', loseReply());
      upbit.next('fetchOrder', ...refusals(upbitError('order_not_found', 404), 3));
    },
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
    marks: ['resolve.found-after-not-found'],
  },
  {
    name: 'look-ups answer errors: an error is not an answer',
    set: ({ upbit }) => {
      upbit.next('createOrder', loseReply());
      upbit.next('fetchOrder', ...refusals(page503('upbit'), 5));
    },
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: 'order that arrives 10 s late, within its lifetime: waited for, nothing is sent in its place',
    set: ({ upbit }) => upbit.next('createOrder', loseReply(10_000)),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
    marks: ['resolve.found-after-not-found'],
  },
  {
    name: 'one not-found after the lifetime, and holdings that lag as well: not enough to count as zero',
    set: ({ upbit }) => {
      upbit.next('createOrder', loseReply());
      upbit.always('fetchBalance', () => Promise.resolve({ KRW: { free: 100_000_000, total: 100_000_000 } }));
      upbit.always('fetchOrder', oneNotFoundAfter(16_000));
    },
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: 'look-ups that never find a fill which the holdings show: still in doubt until they do',
    set: ({ upbit }) => {
      upbit.next('createOrder', loseReply());
      upbit.next('fetchOrder', ...refusals(upbitError('order_not_found', 404), 20));
    },
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: 'refusal of the short comes after we stopped waiting: it counts, and the hedge is completed under a new id',
    set: ({ binance }) => binance.next('createOrder', delayedRefusal(4_000)),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 3,
    marks: ['hedge.completed'],
  },
  {
    name: 'answer of the filled short comes 4 s late: taken as the answer that it is',
    set: ({ binance }) => {
      binance.next('createOrder', delayReply(4_000));
      binance.always('fetchOrder', answersError(page503('binance')));
    },
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: 'cut body that Upbit ccxt returns as an order without an id: no success, looked up',
    set: ({ upbit }) => upbit.next('createOrder', answers({ id: undefined }, true)),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
    marks: ['resolve.unknown-outcome'],
  },
  {
    name: 'empty body of an order that Upbit never took: no success either',
    set: ({ upbit }) => upbit.next('createOrder', answers({ id: undefined }, false)),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 3,
    marks: ['resolve.presumed-zero'],
  },
  {
    name: 'garbled answer of Binance, a TypeError: not a refusal',
    set: ({ binance }) => binance.next('createOrder', answersError(new TypeError('Cannot read properties of undefined'), true)),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: 'status that nobody has mapped: read again, not taken for an end',
    set: ({ upbit }) => upbit.next('fetchOrder', answers({ id: 'upbit-1', status: 'watch', filled: 0 }, true)),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: "answer about somebody else's order: not booked",
    set: ({ upbit }) => upbit.next('fetchOrder', answers({ id: 'upbit-9', status: 'closed', filled: 0.01, cost: 1, trades: [] }, true)),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: 'stale read shows the order open after it has ended: read until it is final',
    set: ({ upbit }) => {
      const stale = answers({ id: 'upbit-1', status: 'open', filled: 0.01 }, true);
      upbit.next('fetchOrder', stale, stale, stale);
    },
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: 'duplicate id refusal on a live order: the first is looked up',
    set: ({ binance }) => binance.next('createOrder', answersError(binanceError('-4116'), true)),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: 'filled Upbit buy that ends canceled: success',
    set: ({ upbit }) => upbit.executes({ fraction: 1, status: 'canceled' }),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
  },
  {
    name: 'short expires 40 % filled: the rest of it is completed',
    set: ({ binance }) => binance.executes({ fraction: 0.4, status: 'expired' }),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 3,
  },
  {
    name: 'spot 40 % filled and refused for good then: the short is cut to it',
    set: ({ upbit }) => {
      upbit.executes({ fraction: 0.4, status: 'canceled' });
      upbit.next('createOrder', passes, ...refusals(upbitError('create_bid_error'), 9));
    },
    result: 'partially-rolled-back 0.02/-0.02',
    held: '0.02/-0.02',
    orders: 4,
    marks: ['rollback.perp.bought-back', 'hedge.partial-kept'],
  },
  {
    name: 'both legs half filled alike: a smaller hedge, nothing to repair',
    set: ({ upbit, binance }) => {
      upbit.executes({ fraction: 0.5, status: 'canceled' });
      binance.executes({ fraction: 0.5, status: 'expired' });
    },
    result: 'hedged 0.025/-0.025',
    held: '0.025/-0.025',
    orders: 2,
  },
  {
    name: 'spot fills off the grid: less than a lot stays as residue',
    policy: { legs: 'spot-first' },
    set: ({ upbit }) => upbit.executes({ fraction: 0.488, status: 'canceled' }),
    result: 'hedged 0.0244/-0.024',
    held: '0.0244/-0.024',
    orders: 2,
  },
  {
    name: 'residue above its cap: traded away on Upbit',
    policy: { legs: 'spot-first' },
    set: ({ upbit }) => upbit.executes({ fraction: 0.496, status: 'canceled' }),
    result: 'partially-rolled-back 0.024/-0.024',
    held: '0.024/-0.024',
    orders: 3,
  },
  {
    name: 'spot rests unfilled and three completions bring nothing: cancelled at the deadline, the short is taken back',
    set: ({ upbit }) => upbit.executes(...twice({ fraction: 0, status: 'open' } as const), ...twice({ fraction: 0, status: 'canceled' } as const)),
    result: 'rolled-back 0/0',
    held: '0/0',
    orders: 6,
    marks: ['resolve.cancel-sent', 'rollback.perp.bought-back'],
  },
  {
    name: 'the cancel crosses a fill: what it reports is not believed, the fill is kept',
    set: ({ upbit }) => upbit.executes({ fraction: 0.2, status: 'open', onCancel: 0.8 }),
    result: 'hedged 0.05/-0.05',
    held: '0.05/-0.05',
    orders: 2,
    marks: ['resolve.cancel-sent', 'cancel.race-detected'],
  },
  {
    name: 'ban of Binance while the spot is on: the spot is sold instead of waiting',
    set: ({ binance }) => binance.next('createOrder', answersError(binanceBan())),
    result: 'rolled-back 0/0',
    held: '0/0',
    orders: 3,
  },
  {
    name: 'ban of Binance while the short has to be bought back: waited out, not hammered',
    set: ({ upbit, binance }) => {
      upbit.always('createOrder', answersError(upbitError('create_bid_error')));
      binance.next('createOrder', passes, answersError(binanceBan()));
    },
    result: 'rolled-back 0/0',
    held: '0/0',
    orders: 4,
    marks: ['ban.waited-out', 'rollback.perp.bought-back'],
  },
  {
    name: 'rollback refused for a moment twice: tried again, each time under a new id',
    set: ({ upbit, binance }) => {
      binance.always('createOrder', answersError(binanceError('-2019')));
      upbit.next('createOrder', passes, ...refusals(upbitError('too_many_requests', 429), 2));
    },
    result: 'rolled-back 0/0',
    held: '0/0',
    orders: 5,
    marks: ['rollback.order-failed', 'rollback.spot.sold'],
  },
  {
    name: 'rollback half filled: the rest follows',
    set: ({ upbit, binance }) => {
      binance.always('createOrder', answersError(binanceError('-2019')));
      upbit.executes({ fraction: 1, status: 'closed' }, { fraction: 0.5, status: 'canceled' });
    },
    result: 'rolled-back 0/0',
    held: '0/0',
    orders: 4,
  },
  {
    name: 'rollback reply lost: found, not sent again',
    set: ({ upbit, binance }) => {
      binance.always('createOrder', answersError(binanceError('-2019')));
      upbit.next('createOrder', passes, loseReply());
    },
    result: 'rolled-back 0/0',
    held: '0/0',
    orders: 3,
  },
  {
    name: 'neither reducing nor completing is taken any more: locked with an alarm',
    set: ({ upbit, binance }) => {
      binance.always('createOrder', answersError(binanceError('-2019')));
      upbit.next('createOrder', passes);
      upbit.always('createOrder', answersError(upbitError('create_ask_error')));
    },
    result: 'locked 0.05/0',
    held: '0.05/0',
    orders: 4,
    locked: true,
  },
];

/** Errors until `ms` after the first call, then one not-found, then the truth. */
function oneNotFoundAfter(ms: number): Step {
  let first: number | undefined;
  let told = false;
  return (act, clock) => {
    first ??= clock.now();
    if (clock.now() - first < ms) return Promise.reject(page503('upbit'));
    if (told) return passes(act, clock);
    told = true;
    return Promise.reject(upbitError('order_not_found', 404));
  };
}

/** Answers with this, whatever the venue has done. */
function answers(answer: object, acts: boolean): Step {
  return async (act, clock) => {
    await clock.sleep(20 as never);
    if (acts) act();
    return answer;
  };
}

function delayedRefusal(byMs: number): Step {
  return async (_act, clock) => {
    await clock.sleep(byMs as never);
    throw binanceError('-2019');
  };
}

test.each(rows)('entry: $name', async ({ policy, set, result, held, orders, marks, locked }) => {
  const bench = new Bench(policy);
  const { entry, ids } = await bench.run(async () => {
    set(bench);
    const done = await bench.enter();
    const sent = [...bench.upbit.callsOf('createOrder'), ...bench.binance.callsOf('createOrder')];
    return { entry: done, ids: sent.map(({ args }) => (args.at(-1) as Record<string, unknown>)['clientOrderId']) };
  });
  expect(short(entry)).toBe(result);
  expect(bench.held).toBe(held);
  expect(ids).toHaveLength(orders);
  // An id is never sent twice, and every order had its intent.
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(bench.events('intent').map(({ clientOrderId }) => clientOrderId))).toEqual(new Set(ids));
  expect(bench.marks).toEqual(expect.arrayContaining([...(marks ?? [])]));
  expect(bench.executor.halted).toBe(locked === true ? 'opening' : undefined);
  // People hear of every repair that was begun.
  if (bench.events('repair.started').length > 0) expect(bench.notified).toContain('UNHEDGED_EXPOSURE');
});

test('entry without faults: no alarm is raised', async () => {
  const bench = new Bench();
  await bench.run(() => bench.enter());
  expect(bench.alerts).toEqual([]);
});

test('entry in parallel: both orders leave at the same instant', async () => {
  const bench = new Bench();
  await bench.run(() => bench.enter());
  expect(bench.upbit.callsOf('createOrder')[0]?.at).toBe(bench.binance.callsOf('createOrder')[0]?.at);
});

test('entry by limit-IOC: prices are collared and on the tick, sizes exact', async () => {
  const bench = new Bench();
  await bench.run(() => bench.enter());
  expect(bench.upbit.callsOf('createOrder')[0]?.args).toEqual([
    'BTC/KRW',
    'limit',
    'buy',
    0.05,
    130_261_000,
    { clientOrderId: 'hd-1', timeInForce: 'IOC' },
  ]);
  expect(bench.binance.callsOf('createOrder')[0]?.args).toEqual([
    'BTC/USDT:USDT',
    'limit',
    'sell',
    0.05,
    89_321,
    { clientOrderId: 'hd-2', timeInForce: 'IOC', recvWindow: 2_000 },
  ]);
});

test('both legs at once, and a late 429 that keeps us away from Upbit for a moment: both wait for it', async () => {
  const bench = new Bench();
  const failsLate: Step = async (_act, clock) => {
    await clock.sleep(durationMs(3_550));
    throw upbitError('too_many_requests', 429);
  };
  // The first look takes longer than we wait for it; its refusal comes while the second is on its way.
  bench.upbit.next('fetchTicker', failsLate, delayReply(200));
  await bench.run(async () => {
    expect((await bench.enter()).outcome).toBe('hedged');
    const [spot, perp] = [bench.upbit, bench.binance].map(({ calls }) => calls.find(({ method }) => method === 'createOrder')?.at ?? 0);
    expect(perp).toBe(spot);
    expect(bench.marks).not.toContain('rollback.start');
  });
});
