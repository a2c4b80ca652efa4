import { expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import type { CallAction, WindowAction } from '../../src/faults/fault-action.js';
import type { VenueId } from '../../src/core/units.js';
import type { VenueWorld } from '../../src/faults/world.js';
import { each, nth, scriptedFaults } from './support/scripted-faults.js';
import { btc, decision, eventsOf, PERP, simulate, SPOT, type Bench } from './support/simulate.js';
import { ms, START, worldWith } from './support/world.js';

const lose = (part: 'request' | 'response', as: 'timeout' | 'reset' | 'dns' = 'timeout'): CallAction => ({ kind: 'lose', part, as });
const delay = (part: 'request' | 'response', by: number): CallAction => ({ kind: 'delay', part, by: ms(by) });
const reject = (http: number | undefined, code: string | undefined, processed: boolean, error?: string): CallAction => ({
  kind: 'reject',
  http,
  code,
  error,
  processed,
});

interface Attempt {
  readonly error: string;
  readonly message: string;
  readonly afterMs: number;
}

async function attempt({ clock }: Pick<Bench, 'clock'>, act: () => Promise<unknown>): Promise<Attempt> {
  const from = clock.now();
  try {
    await act();
    return { error: '', message: '', afterMs: clock.now() - from };
  } catch (error) {
    return { error: (error as Error).constructor.name, message: (error as Error).message, afterMs: clock.now() - from };
  }
}

const venues = ['upbit', 'binance'] as const;
const place = (bench: Bench, venue: VenueId, id: string) =>
  venue === 'upbit'
    ? bench.upbit.createOrder(SPOT, 'limit', 'buy', 0.05, 130_100_000, { clientOrderId: id, timeInForce: 'IOC' })
    : bench.binance.createOrder(PERP, 'market', 'sell', 0.05, undefined, { clientOrderId: id });
const find = (bench: Bench, venue: VenueId, id: string) =>
  venue === 'upbit' ? bench.upbit.fetchOrder(undefined, SPOT, { identifier: id }) : bench.binance.fetchOrder(undefined, PERP, { clientOrderId: id });

test.each(venues)('%s, a request without faults: takes its latency there, the matching and its latency back', async (venue) => {
  const run = await simulate({}, (bench) => attempt(bench, () => place(bench, venue, 'a')));
  // Upbit answers before it matches, Binance with the result of matching.
  expect(run.value.afterMs).toBe(venue === 'upbit' ? 30 : 35);
  expect(eventsOf(run.tape, 'order.accepted')[0]?.t).toBe(START + 30 + 20);
  expect(eventsOf(run.tape, 'fill')[0]?.t).toBe(START + 30 + 25);
});

test.each(
  venues.flatMap((venue) => [
    { venue, as: 'timeout' as const, error: 'RequestTimeout', afterMs: 10_000 },
    { venue, as: 'reset' as const, error: 'NetworkError', afterMs: 20 },
    { venue, as: 'dns' as const, error: 'NetworkError', afterMs: 20 },
  ]),
)('$venue, request lost as $as: $error after $afterMs ms, and the venue never saw it', async ({ venue, as, error, afterMs }) => {
  const faults = scriptedFaults({ onCall: nth(venue, 'createOrder', 1, lose('request', as)) });
  const run = await simulate({ faults }, async (bench) => ({
    create: await attempt(bench, () => place(bench, venue, 'a')),
    look: await attempt(bench, () => find(bench, venue, 'a')),
  }));
  expect(run.value.create).toMatchObject({ error, afterMs });
  expect(run.value.look.error).toBe('OrderNotFound');
  const [request] = eventsOf(run.tape, 'request').filter(({ method }) => method === 'createOrder');
  expect(eventsOf(run.tape, 'arrived').map((event) => event.request)).not.toContain(request?.request);
});

test.each(
  venues.flatMap((venue) => [
    { venue, as: 'timeout' as const, error: 'RequestTimeout' },
    { venue, as: 'reset' as const, error: 'NetworkError' },
  ]),
)('$venue, reply lost as $as: $error, but the order was executed and can be found', async ({ venue, as, error }) => {
  const faults = scriptedFaults({ onCall: nth(venue, 'createOrder', 1, lose('response', as)) });
  const run = await simulate({ faults }, async (bench) => ({
    create: await attempt(bench, () => place(bench, venue, 'a')),
    found: await find(bench, venue, 'a'),
  }));
  expect(run.value.create.error).toBe(error);
  if (as === 'timeout') expect(run.value.create.afterMs).toBe(10_000);
  expect(run.value.found).toMatchObject({ clientOrderId: 'a', filled: 0.05 });
});

test.each(venues)('%s, request delayed beyond the time-out of the client: it arrives later and acts', async (venue) => {
  const faults = scriptedFaults({ onCall: nth(venue, 'createOrder', 1, delay('request', 12_000)) });
  const world = worldWith({ binance: { recvWindowMs: 60_000 } });
  const run = await simulate({ faults, world }, async (bench) => {
    const create = await attempt(bench, () => place(bench, venue, 'a'));
    const early = await attempt(bench, () => find(bench, venue, 'a'));
    await bench.clock.sleep(durationMs(2_100));
    return { create, early, later: await find(bench, venue, 'a') };
  });
  expect(run.value.create).toMatchObject({ error: 'RequestTimeout', afterMs: 10_000 });
  expect(run.value.early.error).toBe('OrderNotFound');
  expect(run.value.later).toMatchObject({ filled: 0.05 });
});

test('binance, request delayed beyond its recvWindow: refused on arrival, so it never acts', async () => {
  const faults = scriptedFaults({ onCall: nth('binance', 'createOrder', 1, delay('request', 3_000)) });
  const run = await simulate({ faults }, async (bench) => ({
    create: await attempt(bench, () => bench.binance.createOrder(PERP, 'market', 'sell', 0.05, undefined, { clientOrderId: 'a', recvWindow: 2_000 })),
    perp: bench.sim.perp(),
  }));
  expect(run.value.create).toMatchObject({ error: 'InvalidNonce', afterMs: 3_030 });
  expect(run.value.create.message).toContain('outside of the recvWindow');
  expect(run.value.perp).toBe(0n);
});

test.each(venues)('%s, reply delayed beyond the time-out: RequestTimeout, and the late answer changes nothing', async (venue) => {
  const faults = scriptedFaults({ onCall: nth(venue, 'createOrder', 1, delay('response', 15_000)) });
  const run = await simulate({ faults }, async (bench) => {
    const create = await attempt(bench, () => place(bench, venue, 'a'));
    await bench.clock.sleep(durationMs(10_000));
    return create;
  });
  expect(run.value).toMatchObject({ error: 'RequestTimeout', afterMs: 10_000 });
  const [request] = eventsOf(run.tape, 'request').filter(({ method }) => method === 'createOrder');
  expect(eventsOf(run.tape, 'answer').filter((answer) => answer.request === request?.request)).toHaveLength(1);
});

interface RejectRow {
  readonly venue: VenueId;
  readonly action: CallAction;
  readonly errorBody?: VenueWorld['errorBody'];
  readonly error: string;
  readonly message: RegExp;
}
const rejectRows: readonly RejectRow[] = [
  { venue: 'upbit', action: reject(400, 'insufficient_funds_bid', false), error: 'InsufficientFunds', message: /insufficient_funds_bid/ },
  { venue: 'upbit', action: reject(500, 'server_error', false), error: 'ExchangeError', message: /server_error/ },
  { venue: 'upbit', action: reject(500, 'server_error', false), errorBody: 'text', error: 'ExchangeNotAvailable', message: /500/ },
  { venue: 'upbit', action: reject(429, undefined, false), error: 'ExchangeError', message: /too_many_requests/ },
  { venue: 'upbit', action: reject(429, undefined, false), errorBody: 'text', error: 'RateLimitExceeded', message: /429/ },
  { venue: 'upbit', action: reject(418, undefined, false), errorBody: 'text', error: 'DDoSProtection', message: /418/ },
  { venue: 'upbit', action: reject(undefined, undefined, false, 'InsufficientFunds'), error: 'InsufficientFunds', message: /insufficient_funds_bid/ },
  { venue: 'upbit', action: reject(undefined, undefined, false, 'RequestTimeout'), error: 'RequestTimeout', message: /504/ },
  { venue: 'binance', action: reject(400, '-2019', false), error: 'InsufficientFunds', message: /-2019.*Margin is insufficient/ },
  { venue: 'binance', action: reject(503, '-1006', false), error: 'OperationFailed', message: /-1006/ },
  { venue: 'binance', action: reject(undefined, '-1007', false), error: 'RequestTimeout', message: /-1007/ },
  { venue: 'binance', action: reject(503, '-1008', false), error: 'OperationFailed', message: /-1008/ },
  { venue: 'binance', action: reject(429, undefined, false), error: 'DDoSProtection', message: /429/ },
  { venue: 'binance', action: reject(503, undefined, false), error: 'ExchangeNotAvailable', message: /503/ },
  { venue: 'binance', action: reject(undefined, undefined, false, 'OperationFailed'), error: 'OperationFailed', message: /-1001/ },
];
test.each(rejectRows.map((row) => ({ ...row, name: `${row.venue} ${JSON.stringify(row.action)} as ${row.errorBody ?? 'json'}` })))(
  '$name: $error, and nothing was created',
  async ({ venue, action, errorBody, error, message }) => {
    const faults = scriptedFaults({ onCall: nth(venue, 'createOrder', 1, action) });
    const world = worldWith(errorBody === undefined ? {} : { [venue]: { errorBody } });
    const run = await simulate({ faults, world }, (bench) => attempt(bench, () => place(bench, venue, 'a')));
    expect(run.value).toMatchObject({ error, afterMs: 30, message: expect.stringMatching(message) as string });
    expect(eventsOf(run.tape, 'order.accepted')).toEqual([]);
  },
);

test.each(venues)('%s, an error that hides a processed order: thrown, and the order is there', async (venue) => {
  const action = venue === 'upbit' ? reject(500, 'server_error', true) : reject(503, '-1006', true);
  const faults = scriptedFaults({ onCall: nth(venue, 'createOrder', 1, action) });
  const run = await simulate({ faults }, async (bench) => ({
    create: await attempt(bench, () => place(bench, venue, 'a')),
    found: await find(bench, venue, 'a'),
  }));
  expect(run.value.create.error).not.toBe('');
  expect(run.value.found).toMatchObject({ filled: 0.05 });
});

test.each([
  { spares: true, outcome: '' },
  { spares: false, outcome: 'OperationFailed' },
])('binance overload -1008 where it spares reduce-only orders ($spares): a close meets "$outcome"', async ({ spares, outcome }) => {
  const faults = scriptedFaults({ onCall: each('binance', 'createOrder', reject(503, '-1008', false)) });
  const world = worldWith({ binance: { overloadSparesReduceOnly: spares } });
  const run = await simulate({ faults, world }, async (bench) => ({
    open: (await attempt(bench, () => place(bench, 'binance', 'a'))).error,
    // Nothing to reduce here: passing the gateway shows as the venue's own refusal.
    close: (await attempt(bench, () => bench.binance.createOrder(PERP, 'market', 'buy', 0.05, undefined, { reduceOnly: true }))).error,
  }));
  expect(run.value.open).toBe('OperationFailed');
  expect(run.value.close).toBe(outcome === '' ? 'InvalidOrder' : outcome);
});

const outage = (as: Extract<WindowAction, { kind: 'outage' }>['as'], scope: Extract<WindowAction, { kind: 'outage' }>['scope']): WindowAction => ({
  kind: 'outage',
  as,
  scope,
});
test.each([
  { venue: 'upbit', as: 'timeout', error: 'RequestTimeout', afterMs: 10_000 },
  { venue: 'upbit', as: 'reset', error: 'NetworkError', afterMs: 30 },
  { venue: 'upbit', as: 'http503', error: 'ExchangeNotAvailable', afterMs: 30 },
  { venue: 'upbit', as: 'html-page', error: 'ExchangeNotAvailable', afterMs: 30 },
  { venue: 'upbit', as: 'maintenance', error: 'ExchangeError', afterMs: 30 },
  { venue: 'binance', as: 'http503', error: 'ExchangeNotAvailable', afterMs: 30 },
  { venue: 'binance', as: 'maintenance', error: 'ExchangeNotAvailable', afterMs: 30 },
] as const)('$venue outage as $as: $error after $afterMs ms, told to the session', async ({ venue, as, error, afterMs }) => {
  const faults = scriptedFaults({ windows: [{ venue, action: outage(as, 'all'), fromMs: 100 }] });
  const run = await simulate({ faults }, async (bench) => {
    await bench.clock.sleep(durationMs(100));
    return attempt(bench, () => place(bench, venue, 'a'));
  });
  expect(run.value).toMatchObject({ error, afterMs });
  expect(faults.hits).toHaveLength(1);
  expect(eventsOf(run.tape, 'order.accepted')).toEqual([]);
});

test.each([
  { scope: 'orders', order: 'NetworkError', read: '', book: '' },
  { scope: 'private', order: 'NetworkError', read: 'NetworkError', book: '' },
  { scope: 'public', order: '', read: '', book: 'NetworkError' },
  { scope: 'all', order: 'NetworkError', read: 'NetworkError', book: 'NetworkError' },
] as const)('an outage of $scope: meets only the calls of its scope', async ({ scope, order, read, book }) => {
  const faults = scriptedFaults({ windows: [{ venue: 'upbit', action: outage('reset', scope), fromMs: 100 }] });
  const run = await simulate({ faults }, async (bench) => {
    await bench.clock.sleep(durationMs(100));
    return {
      order: (await attempt(bench, () => place(bench, 'upbit', 'a'))).error,
      read: (await attempt(bench, () => bench.upbit.fetchBalance())).error,
      book: (await attempt(bench, () => bench.upbit.fetchOrderBook(SPOT))).error,
      other: (await attempt(bench, () => bench.binance.fetchBalance())).error,
    };
  });
  expect(run.value).toEqual({ order, read, book, other: '' });
});

test('a ban window: every call gets 418 with the end of the ban, and is told to the session', async () => {
  const faults = scriptedFaults({ windows: [{ venue: 'binance', action: { kind: 'ban', extendOnHitMs: 0 }, fromMs: 100, untilMs: 60_100 }] });
  const run = await simulate({ faults }, async (bench) => {
    await bench.clock.sleep(durationMs(100));
    return [await attempt(bench, () => place(bench, 'binance', 'a')), await attempt(bench, () => bench.binance.fetchTime())];
  });
  expect(run.value.map(({ error }) => error)).toEqual(['DDoSProtection', 'DDoSProtection']);
  expect(run.value[0]?.message).toContain(`banned until ${START + 60_100}`);
  expect(faults.hits).toHaveLength(2);
});

test('a slow window: adds its delay to every call, in its direction only', async () => {
  const slow = (part: 'request' | 'response'): WindowAction => ({ kind: 'slow', part, by: ms(500) });
  const faults = scriptedFaults({
    windows: [
      { venue: 'upbit', action: slow('request'), fromMs: 100 },
      { venue: 'binance', action: slow('response'), fromMs: 100 },
    ],
  });
  const run = await simulate({ faults }, async (bench) => {
    await bench.clock.sleep(durationMs(100));
    return [await attempt(bench, () => place(bench, 'upbit', 'a')), await attempt(bench, () => place(bench, 'binance', 'a'))];
  });
  expect(run.value.map(({ afterMs }) => afterMs)).toEqual([530, 535]);
  const [spot, perp] = eventsOf(run.tape, 'order.accepted');
  expect([spot?.t, (perp?.t ?? 0) - 530]).toEqual([START + 130 + 520, START + 130 + 20]);
});

test.each([
  { skewMs: 999, error: '' },
  { skewMs: 1_100, error: 'InvalidNonce' },
  { skewMs: -9_900, error: '' },
  { skewMs: -10_100, error: 'InvalidNonce' },
])('a client clock $skewMs ms off: Binance answers "$error", Upbit does not care', async ({ skewMs, error }) => {
  const world = worldWith({ upbit: { clockSkewMs: skewMs }, binance: { clockSkewMs: skewMs } });
  const run = await simulate({ world }, async (bench) => ({
    perp: await attempt(bench, () => place(bench, 'binance', 'a')),
    spot: await attempt(bench, () => place(bench, 'upbit', 'a')),
    time: await attempt(bench, () => bench.binance.fetchTime()),
  }));
  expect(run.value.perp.error).toBe(error);
  expect([run.value.spot.error, run.value.time.error]).toEqual(['', '']);
});

test('a client that is killed: none of its promises settles, while what it sent still acts', async () => {
  const run = await simulate({}, async (bench) => {
    let settled = 0;
    const count = (): void => void (settled += 1);
    void place(bench, 'upbit', 'a').then(count, count);
    void place(bench, 'binance', 'a').then(count, count);
    await bench.clock.sleep(durationMs(10));
    bench.upbit.kill();
    bench.binance.kill();
    void bench.upbit.fetchBalance().then(count, count);
    await bench.clock.sleep(durationMs(20_000));
    return { settled, spot: bench.sim.spot(), perp: bench.sim.perp() };
  });
  expect(run.value).toEqual({ settled: 0, spot: btc(0.05), perp: btc(-0.05) });
  const sent = eventsOf(run.tape, 'request')
    .filter(({ method }) => method !== 'loadMarkets')
    .map(({ request }) => request);
  expect(eventsOf(run.tape, 'answer').filter(({ request }) => sent.includes(request))).toEqual([]);
  expect(sent).toHaveLength(2);
});

test('calls of a run: each is judged once, with its place, purpose and what the venue could see', async () => {
  const faults = scriptedFaults({});
  await simulate({ faults }, async (bench) => {
    const { sim, clock, upbit, binance } = bench;
    await upbit.fetchBalance();
    const flow = sim.beginFlow('enter', btc(0.05), decision(clock));
    await binance.fetchPositions([PERP]);
    await place(bench, 'upbit', 'u-1');
    await upbit.fetchOrder(undefined, SPOT, { identifier: 'u-1' });
    await place(bench, 'binance', 'b-1');
    await upbit.createOrder(SPOT, 'market', 'sell', 0.01);
    sim.endFlow(flow, 'hedged');
    sim.processEvent('crash', 0);
    sim.processEvent('restart', 1);
    const reborn = sim.connect('upbit', { enableRateLimit: false, incarnation: 1 });
    await reborn.fetchOrder(undefined, SPOT, { identifier: 'u-1' });
    await reborn.createOrder(SPOT, 'limit', 'buy', 0.01, 130_100_000, { timeInForce: 'IOC' });
    await clock.sleep(durationMs(20));
    await reborn.createOrder(SPOT, 'limit', 'buy', 0.01, 120_000_000, { timeInForce: 'IOC' });
  });
  expect(faults.calls.map(({ point }) => point)).toEqual([
    'e0/f0/precheck/upbit.loadMarkets#1',
    'e0/f0/precheck/binance.loadMarkets#1',
    'e0/f0/precheck/upbit.fetchBalance#1',
    'e0/f1/precheck/binance.fetchPositions#1',
    'e0/f1/precheck/binance.fetchPositions#2',
    'e0/f1/open/upbit.createOrder#1',
    'e0/f1/poll/upbit.fetchOrder#1',
    'e0/f1/hedge/binance.createOrder#1',
    'e0/f1/rollback/upbit.createOrder#1',
    'e1/f1/precheck/upbit.loadMarkets#1',
    'e1/f1/poll/upbit.fetchOrder#1',
    'e1/f1/recover/upbit.createOrder#1',
    // Spot and perpetual match again: recovery is over, and outside a flow an order can only mend.
    'e1/f0/repair/upbit.createOrder#1',
  ]);
  expect(faults.calls[5]).toMatchObject({
    venue: 'upbit',
    method: 'createOrder',
    mutating: true,
    leg: 'spot',
    side: 'buy',
    orderType: 'limit',
    clientOrderId: 'u-1',
    flow: 1,
    incarnation: 0,
  });
  expect(faults.calls[7]).toMatchObject({ leg: 'perp', side: 'sell', orderType: 'market', reduceOnly: false });
  const told = faults.events.map(({ event }) => event);
  expect(told).toEqual(
    expect.arrayContaining(['flow.start', 'order.sent', 'order.accepted', 'order.filled', 'leg.done', 'rollback.start', 'process.restart']),
  );
});

test.each([
  { venue: 'upbit' as const, http: 418, text: /blocked for 90 seconds/, header: '90' },
  { venue: 'binance' as const, http: 418, text: new RegExp(`banned until ${START + 30 + 20 + 89_500}`), header: '90' },
  { venue: 'binance' as const, http: 429, text: /-1003/, header: '90' },
])(
  '$venue, an injected $http that names a wait: it stands in the text of a 418, and in the header as ccxt keeps it',
  async ({ venue, http, text, header }) => {
    const faults = scriptedFaults({ onCall: nth(venue, 'createOrder', 1, { kind: 'reject', http, processed: false, retryAfterMs: 89_500 }) });
    const run = await simulate({ faults }, async (bench) => {
      const { message } = await attempt(bench, () => place(bench, venue, 'a'));
      const named = bench[venue].last_response_headers;
      await bench[venue].fetchBalance();
      return { message, named, afterwards: bench[venue].last_response_headers };
    });
    expect(run.value.message).toMatch(text);
    expect(run.value.named).toEqual({ 'Retry-After': header });
    expect(run.value.afterwards).toEqual({});
  },
);

test('a burst beyond the limit: the 429 says in its header when the window ends', async () => {
  const run = await simulate({}, async (bench) => {
    await Promise.allSettled(
      Array.from({ length: 9 }, (_, index) => bench.upbit.createOrder(SPOT, 'limit', 'buy', 0.001, 120_000_000, { clientOrderId: `c-${index}` })),
    );
    return bench.upbit.last_response_headers;
  });
  expect(run.value).toEqual({ 'Retry-After': '1' });
});
