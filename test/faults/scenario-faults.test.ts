import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RandomStreams } from '../../src/core/random.js';
import { durationMs, epochMs } from '../../src/core/units.js';
import type { CallAction } from '../../src/faults/fault-action.js';
import type { FaultInject, FaultRule, Trigger } from '../../src/faults/fault-rule.js';
import { NO_FAULTS } from '../../src/faults/no-faults.js';
import { createFaultSession } from '../../src/faults/scenario-faults.js';
import { aCall, bench, calls, HALF_FILL, HandHost, LOSE_REQUEST, LOSE_RESPONSE, onCall, REFUSE, rule, START } from './fault-harness.js';

const outage = (ms: number | 'forever' | undefined): FaultInject => ({
  kind: 'window',
  action: { kind: 'outage', as: 'timeout', scope: 'all' },
  for: ms === undefined || ms === 'forever' ? ms : durationMs(ms),
});
const ban = (ms: number, extendOnHitMs: number): FaultInject => ({ kind: 'window', action: { kind: 'ban', extendOnHitMs }, for: durationMs(ms) });
const crash: FaultInject = { kind: 'instant', action: { kind: 'crash', restartAfter: durationMs(1_000), unsynced: 'lost' } };
const after = (event: 'order.filled' | 'rollback.start' | 'flow.start', plusMs = 0, rest: object = {}): Trigger => ({
  kind: 'anchor',
  anchor: { event, plusMs, ...rest },
});
const fired = (fault: string, plusMs = 0): Trigger => ({ kind: 'anchor', anchor: { event: 'fault.fired', fault, plusMs } });
const at = (ms: number): ReturnType<typeof epochMs> => epochMs(START + ms);

describe('counting', () => {
  test('nth, counted per flow: begins anew with each flow', () => {
    const { call } = bench([rule('a', calls({ nth: { kind: 'list', values: [2] } }), onCall(LOSE_RESPONSE))]);
    expect([call(0), call(1), call(2), call(3, { flow: 2 }), call(4, { flow: 2 })]).toEqual([[], ['a:lose'], [], [], ['a:lose']]);
  });

  test('nth, counted per leg: each leg of a flow counts for itself', () => {
    const { call } = bench([rule('a', calls({ countPer: 'leg', nth: { kind: 'list', values: [2] } }), onCall(LOSE_RESPONSE))]);
    expect([call(0), call(1, { leg: 'spot' }), call(2, { leg: 'spot' }), call(3)]).toEqual([[], [], ['a:lose'], ['a:lose']]);
  });

  test('nth, counted per run: goes on through flows', () => {
    const { call } = bench([rule('a', calls({ countPer: 'run', nth: { kind: 'range', from: 2, every: 2 } }), onCall(LOSE_RESPONSE))]);
    expect([1, 2, 3, 4].map((flow) => call(flow, { flow }))).toEqual([[], ['a:lose'], [], ['a:lose']]);
  });

  test('calls that do not match: are not counted', () => {
    const { call } = bench([rule('a', calls({ side: 'sell', nth: { kind: 'list', values: [1] } }), onCall(LOSE_RESPONSE))]);
    expect([call(0, { side: 'buy' }), call(1, { side: 'sell' })]).toEqual([[], ['a:lose']]);
  });

  test('an action that only a create can have: other calls neither match nor count', () => {
    const { call } = bench([rule('a', calls({ nth: { kind: 'list', values: [1] } }), onCall(HALF_FILL))]);
    expect([call(0, { method: 'fetchOrder' }), call(1)]).toEqual([[], ['a:fill']]);
  });

  test('calls before `from` opens: are not counted', () => {
    const match = { from: { kind: 'offset', ms: 1_000 } as const, nth: { kind: 'list' as const, values: [1] } };
    const { call } = bench([rule('a', calls(match), onCall(LOSE_RESPONSE))]);
    expect([call(999), call(1_000)]).toEqual([[], ['a:lose']]);
  });
});

describe('limits', () => {
  test('times: stops after so many strikes', () => {
    const { call, session } = bench([rule('a', calls(), onCall(LOSE_RESPONSE), { limit: { times: 2 } })]);
    expect([call(0), call(1), call(2)]).toEqual([['a:lose'], ['a:lose'], []]);
    expect(session.tally()).toMatchObject([{ fault: 'a', fired: 2, masked: 0 }]);
  });

  test('cooldown: spares calls that come too soon', () => {
    const { call } = bench([rule('a', calls(), onCall(LOSE_RESPONSE), { limit: { cooldownMs: 100 } })]);
    expect([call(0), call(99), call(100)]).toEqual([['a:lose'], [], ['a:lose']]);
  });

  test('concurrent: no second window while one is open', () => {
    const { call, session } = bench([rule('a', calls({ methods: ['createOrder'] }), outage(50), { limit: { concurrent: 1 } })]);
    call(0);
    call(10);
    expect(session.windows('binance', at(20))).toHaveLength(1);
    call(60);
    expect(session.windows('binance', at(70))).toHaveLength(1);
    expect(session.windows('binance', at(110))).toHaveLength(0);
  });
});

describe('stages', () => {
  test('two faults at one stage: the first in the file acts, the second is masked and not used up', () => {
    const first = rule('first', calls(), onCall(LOSE_RESPONSE), { limit: { times: 1 } });
    const second = rule('second', calls(), onCall(LOSE_RESPONSE), { limit: { times: 1 } });
    const { call, session } = bench([first, second]);
    expect([call(0), call(1)]).toEqual([['first:lose'], ['second:lose']]);
    expect(session.tally()).toMatchObject([
      { fault: 'first', fired: 1, masked: 0 },
      { fault: 'second', fired: 1, masked: 1 },
    ]);
  });

  test('faults at different stages: all act', () => {
    const { call } = bench([rule('fill', calls(), onCall(HALF_FILL)), rule('lost', calls(), onCall(LOSE_RESPONSE))]);
    expect(call(0)).toEqual(['fill:fill', 'lost:lose']);
  });

  test('a lost request: nothing behind it fires, whatever the order in the file', () => {
    const { call, session } = bench([
      rule('fill', calls(), onCall(HALF_FILL)),
      rule('refuse', calls(), onCall(REFUSE)),
      rule('lost', calls(), onCall(LOSE_REQUEST)),
    ]);
    expect(call(0)).toEqual(['lost:lose']);
    expect(session.tally()).toMatchObject([{ fired: 0, masked: 1 }, { fired: 0, masked: 1 }, { fired: 1 }]);
  });

  test('a refusal at the gateway: the order is not filled, and its answer can still be lost', () => {
    const { call } = bench([
      rule('fill', calls(), onCall(HALF_FILL)),
      rule('refuse', calls(), onCall(REFUSE)),
      rule('lost', calls(), onCall(LOSE_RESPONSE)),
    ]);
    expect(call(0)).toEqual(['refuse:reject', 'lost:lose']);
  });

  test('an error that hides success: the order is filled all the same', () => {
    const hidden: CallAction = { kind: 'reject', http: 503, code: '-1006', processed: true };
    const { call } = bench([rule('fill', calls(), onCall(HALF_FILL)), rule('unknown', calls(), onCall(hidden))]);
    expect(call(0)).toEqual(['fill:fill', 'unknown:reject']);
  });
});

test('an order that a fault lets expire: is cancelled on Upbit, which has no such state', () => {
  const expire: CallAction = { kind: 'fill', fraction: 0.4, pieces: 1, then: 'expire', slipBp: 0 };
  const { session } = bench([rule('a', calls(), onCall(expire))]);
  const ends = (['spot', 'perp'] as const).flatMap((leg) =>
    session.judge(aCall({ leg })).map(({ action }) => (action.kind === 'fill' ? action.then : '')),
  );
  expect(ends).toEqual(['cancel', 'expire']);
});

describe('anchors', () => {
  test('from an event: calls match from its moment on, plus included', () => {
    const { call, session } = bench([rule('a', calls({ from: after('rollback.start', 100) }), onCall(LOSE_RESPONSE))]);
    expect(call(0)).toEqual([]);
    session.observe({ event: 'rollback.start', at: at(10) });
    expect([call(109), call(110)]).toEqual([[], ['a:lose']]);
  });

  test('from and until events: each start opens, each end closes', () => {
    const { call, session } = bench([rule('a', calls({ from: after('flow.start'), until: after('order.filled') }), onCall(LOSE_RESPONSE))]);
    session.observe({ event: 'flow.start', at: at(0) });
    const open = call(0);
    session.observe({ event: 'order.filled', at: at(5) });
    const closed = call(5);
    session.observe({ event: 'flow.start', at: at(10) });
    expect([open, closed, call(10)]).toEqual([['a:lose'], [], ['a:lose']]);
  });

  test('until an instant: the end is final', () => {
    const { call, session } = bench([rule('a', calls({ from: after('flow.start'), until: { kind: 'offset', ms: 50 } }), onCall(LOSE_RESPONSE))]);
    session.observe({ event: 'flow.start', at: at(0) });
    const before = call(49);
    session.observe({ event: 'flow.start', at: at(60) });
    expect([before, call(60)]).toEqual([['a:lose'], []]);
  });

  test('an anchor with leg and flow: other legs and flows do not count', () => {
    const { call, session } = bench([rule('a', calls({ from: after('order.filled', 0, { leg: 'spot', flow: 2 }) }), onCall(LOSE_RESPONSE))]);
    session.observe({ event: 'order.filled', at: at(0), leg: 'perp', flow: 2 });
    session.observe({ event: 'order.filled', at: at(0), leg: 'spot', flow: 1 });
    const before = call(1);
    session.observe({ event: 'order.filled', at: at(2), leg: 'spot', flow: 2 });
    expect([before, call(3)]).toEqual([[], ['a:lose']]);
  });

  test('anchored on another fault: begins with the call after the one it struck', () => {
    const { call } = bench([
      rule('first', calls({ nth: { kind: 'list', values: [1] } }), onCall(HALF_FILL)),
      rule('then', calls({ from: fired('first') }), onCall(LOSE_RESPONSE)),
    ]);
    expect([call(0), call(0)]).toEqual([['first:fill'], ['then:lose']]);
  });

  test('fault.fired told by a host: is ignored, since the session knows better', () => {
    const { call, session } = bench([
      rule('never', calls({ flow: 9 }), onCall(HALF_FILL)),
      rule('a', calls({ from: fired('never') }), onCall(LOSE_RESPONSE)),
    ]);
    session.observe({ event: 'fault.fired', at: at(0), fault: 'never' });
    expect(call(1)).toEqual([]);
  });
});

describe('timers', () => {
  test('an outage at an offset: stands over its venue for its time, the other venue stays up', () => {
    const { session } = bench([rule('down', { kind: 'timer', at: { kind: 'offset', ms: 100 }, venues: ['upbit'] }, outage(50))]);
    const up = (venue: 'upbit' | 'binance', ms: number): number => session.windows(venue, at(ms)).length;
    expect([up('upbit', 99), up('upbit', 100), up('upbit', 149), up('upbit', 150), up('binance', 120)]).toEqual([0, 1, 1, 0, 0]);
  });

  test('an outage for ever: has no end', () => {
    const { session } = bench([rule('down', { kind: 'timer', at: { kind: 'offset', ms: 0 }, venues: ['upbit'] }, outage('forever'))]);
    expect(session.windows('upbit', at(1e12))).toMatchObject([{ fault: 'down', until: undefined }]);
  });

  test('an outage that no request met: has not fired; one that was met has', () => {
    const { session, host } = bench([rule('down', { kind: 'timer', at: { kind: 'offset', ms: 0 }, venues: ['upbit'] }, outage(1_000))]);
    host.advance(500);
    expect(session.tally()).toMatchObject([{ fired: 0 }]);
    const [window] = session.windows('upbit', at(500));
    if (window !== undefined) session.hit(window, at(500), 7);
    expect(session.tally()).toMatchObject([{ fired: 1 }]);
    expect(session.lastStruckAt()).toBe(at(1_000));
  });

  test('a folded calendar: stands over its venue again in every period', () => {
    const day = 86_400_000;
    const when = { kind: 'calendar', windows: [{ from: at(-400 * day), until: at(-400 * day + 50) }], foldMs: 2 * day, venues: ['upbit'] } as const;
    const { session } = bench([rule('down', when, outage(undefined))]);
    const up = [0, 49, 50, 2 * day, 2 * day + 49, 2 * day + 50, 9 * day, 100 * day].map((ms) => session.windows('upbit', at(ms)).length);
    expect(up).toEqual([1, 1, 0, 1, 1, 0, 0, 1]);
    expect(session.windows('binance', at(100 * day))).toEqual([]);
  });

  test('years of a folded calendar: the last window stands as the first one did', () => {
    const day = 86_400_000;
    const when = { kind: 'calendar', windows: [{ from: at(0), until: at(50) }], foldMs: day, venues: ['upbit'] } as const;
    const { session } = bench([
      rule('down', when, outage(undefined)),
      rule('gone', { kind: 'timer', at: { kind: 'offset', ms: 5 }, venues: ['upbit'] }, outage('forever')),
    ]);
    for (const days of [0, 1, 100, 101, 700]) {
      expect(
        session
          .windows('upbit', at(days * day + 49))
          .map(({ fault }) => fault)
          .sort(),
      ).toEqual(['down', 'gone']);
      expect(session.windows('upbit', at(days * day + 50)).map(({ fault }) => fault)).toEqual(['gone']);
    }
  });

  test('a long calendar of its own dates: each of its windows stands in its time', () => {
    const day = 86_400_000;
    const dates = Array.from({ length: 200 }, (_, index) => ({ from: at(index * 9 * day), until: at(index * 9 * day + 50) }));
    const { session } = bench([rule('down', { kind: 'calendar', windows: dates, venues: ['upbit'] }, outage(undefined))]);
    expect(dates.filter(({ from }) => session.windows('upbit', from).length === 1)).toHaveLength(200);
  });

  test('an anchored window: opens its `plus` after each event, as often as its limit says', () => {
    const when = { kind: 'timer', at: after('order.filled', 30), venues: ['binance'] } as const;
    const { session } = bench([rule('down', when, outage(10), { limit: { times: 2 } })]);
    for (const ms of [0, 100, 200]) session.observe({ event: 'order.filled', at: at(ms) });
    expect([35, 135, 235].map((ms) => session.windows('binance', at(ms)).length)).toEqual([1, 1, 0]);
  });

  test('a crash after an event: is carried out at its time and sets off what hangs on it', () => {
    const { session, host } = bench([
      rule('die', { kind: 'timer', at: after('order.filled', 20), venues: ['upbit', 'binance'] }, crash, { limit: { times: 1 } }),
      rule('gap', { kind: 'timer', at: fired('die', 10), venues: ['binance'] }, outage(5)),
    ]);
    session.observe({ event: 'order.filled', at: at(0) });
    session.observe({ event: 'order.filled', at: at(0) });
    host.advance(19);
    expect(host.applied).toEqual([]);
    host.advance(40);
    expect(host.applied).toEqual(['die crash at 20']);
    expect([session.windows('binance', at(29)).length, session.windows('binance', at(30)).length]).toEqual([0, 1]);
  });

  test('an account event: is applied to its venue once', () => {
    const inject: FaultInject = { kind: 'instant', action: { kind: 'account', adl: 0.5 } };
    const { host, session } = bench([rule('adl', { kind: 'timer', at: { kind: 'instant', at: at(60) }, venues: ['binance'] }, inject)]);
    host.advance(100);
    expect(host.applied).toEqual(['adl account binance at 60']);
    expect(session.tally()).toMatchObject([{ fired: 1 }]);
  });

  test('an instant before the run: does not fire', () => {
    const { host, session } = bench([rule('die', { kind: 'timer', at: { kind: 'instant', at: at(-1) }, venues: ['upbit'] }, crash)]);
    host.advance(1_000);
    expect([host.applied, session.tally()[0]?.fired]).toEqual([[], 0]);
  });

  test('a step that waits for an anchor: runs once, after its plus', () => {
    const { session, host } = bench([]);
    const seen: number[] = [];
    session.watch(after('order.filled', 5), (now) => seen.push(now - START));
    session.watch({ kind: 'offset', ms: 3 }, (now) => seen.push(now - START));
    for (const ms of [1, 2]) session.observe({ event: 'order.filled', at: at(ms) });
    host.advance(50);
    expect(seen).toEqual([3, 6]);
  });
});

describe('bans', () => {
  const rules = [rule('ban', calls({ nth: { kind: 'list', values: [1] } }), ban(1_000, 500), { limit: { times: 1 } })];

  test('a ban: begins with the call that earns it, whose own answer does not make it longer', () => {
    const { call, session } = bench(rules);
    expect(call(0)).toEqual([]);
    const [window] = session.windows('binance', at(40));
    if (window !== undefined) session.hit(window, at(40), 1);
    expect(session.windows('binance', at(40))).toMatchObject([{ until: at(1_000) }]);
    expect(session.tally()).toMatchObject([{ fired: 1 }]);
  });

  test('a request during a ban: makes it longer, also when an old view of the window is hit again', () => {
    const { call, session } = bench(rules);
    call(0);
    const [window] = session.windows('binance', at(40));
    if (window === undefined) throw new Error('the ban is on');
    session.hit(window, at(40), 2);
    session.hit(window, at(50), 3);
    expect(session.windows('binance', at(1_999))).toMatchObject([{ until: at(2_000) }]);
    expect(session.windows('binance', at(2_000))).toEqual([]);
    expect(session.lastStruckAt()).toBe(at(2_000));
  });
});

describe('not found', () => {
  const notFound: CallAction = { kind: 'notFound', forMs: 3_000 };
  const rules = [rule('lag', calls(), onCall(notFound), { limit: { times: 1 } })];
  const read = { method: 'fetchOrder', clientOrderId: 'c1' };

  test('after its first hit: the same order is denied until its time is over, at the cost of one strike', () => {
    const { call, session } = bench(rules);
    expect([call(0, read), call(2_999, read), call(3_000, read)]).toEqual([['lag:notFound'], ['lag:notFound'], []]);
    expect(session.tally()).toMatchObject([{ fired: 1, masked: 0 }]);
  });

  test('another order: is not denied once the fault is used up', () => {
    const { call } = bench(rules);
    call(0, read);
    expect(call(10, { method: 'fetchOrder', clientOrderId: 'c2' })).toEqual([]);
  });
});

describe('chance', () => {
  const chancy = (id: string, rest: Partial<FaultRule> = {}): FaultRule => rule(id, calls({ probability: 0.3 }), onCall(LOSE_RESPONSE), rest);

  test('a probability: strikes about as often as it says', () => {
    const { call, session } = bench([chancy('a')]);
    for (let index = 0; index < 4_000; index += 1) call(index);
    const share = (session.tally()[0]?.fired ?? 0) / 4_000;
    expect(share).toBeGreaterThan(0.27);
    expect(share).toBeLessThan(0.33);
  });

  test('a group: its faults strike in the same flows', () => {
    const spot = rule('spot', calls({ leg: 'spot', probability: 0.3 }), onCall(LOSE_RESPONSE), { group: 'both' });
    const perp = rule('perp', calls({ leg: 'perp', probability: 0.3 }), onCall(LOSE_RESPONSE), { group: 'both' });
    const { call } = bench([spot, perp]);
    const flows = Array.from({ length: 300 }, (_, flow) => [call(flow, { flow, leg: 'spot' }).length, call(flow, { flow }).length]);
    expect(flows.every(([a, b]) => a === b)).toBe(true);
    expect(flows.filter(([a]) => a === 1).length).toBeGreaterThan(50);
  });

  test('any faults: together each strikes the calls it strikes alone, but for those that another one holds', () => {
    const anyFault = fc.record({
      leg: fc.constantFrom('spot' as const, 'perp' as const),
      probability: fc.constantFrom(0.2, 0.5, 0.8),
      action: fc.constantFrom(LOSE_RESPONSE, LOSE_REQUEST, HALF_FILL),
    });
    fc.assert(
      fc.property(fc.array(anyFault, { minLength: 2, maxLength: 5 }), fc.nat(1_000), (faults, seed) => {
        const rules = faults.map(({ leg, probability, action }, index) => rule(`f${index}`, calls({ leg, probability }), onCall(action)));
        const alone = rules.map((each) => strikes([each], seed));
        const together = strikes(rules, seed);
        for (const [call, struck] of together.entries()) {
          const due = faults.flatMap(({ action }, index) => (alone[index]?.[call]?.length === 1 ? [{ id: `f${index}`, action }] : []));
          const first = due.filter(({ action }, index) => due.findIndex((other) => other.action === action) === index);
          const lost = first.find(({ action }) => action === LOSE_REQUEST);
          expect(struck).toEqual((lost === undefined ? first : [lost]).map(({ id }) => id));
        }
      }),
    );
  });

  test('two runs with one seed: are the same; another seed gives another run', () => {
    const rules = [chancy('a'), rule('b', calls({ probability: 0.5 }), onCall(HALF_FILL))];
    expect(strikes(rules, 1)).toEqual(strikes(rules, 1));
    expect(strikes(rules, 2)).not.toEqual(strikes(rules, 1));
  });
});

/** Which faults act on each of forty calls. */
function strikes(rules: readonly FaultRule[], seed: number): string[][] {
  const session = createFaultSession(rules, new RandomStreams(seed));
  session.start(new HandHost());
  return Array.from({ length: 40 }, (_, index) => {
    const leg = index % 2 === 0 ? 'spot' : 'perp';
    return session.judge(aCall({ leg, request: index, point: `point ${index}` })).map(({ fault }) => fault);
  });
}

test('a step that asks for an anchor after it happened: runs at once', () => {
  const { session, host } = bench([]);
  session.observe({ event: 'order.filled', at: at(1), leg: 'perp', flow: 1 });
  session.observe({ event: 'order.filled', at: at(2), leg: 'spot', flow: 1 });
  host.advance(40);
  const seen: number[] = [];
  session.watch(after('order.filled', 5, { leg: 'spot' }), () => seen.push(host.now() - START));
  session.watch(after('order.filled', 60), () => seen.push(host.now() - START));
  host.advance(100);
  expect(seen).toEqual([40, 61]);
});

test('the tape: is told of each strike with its stage and request', () => {
  const { call, host } = bench([rule('fill', calls(), onCall(HALF_FILL)), rule('lost', calls(), onCall(LOSE_RESPONSE))]);
  call(0);
  expect(host.log).toEqual(['fill fill matching #1', 'lost lose inbound #1']);
});

test('a session that was not started: refuses calls', () => {
  expect(() => createFaultSession([], new RandomStreams(1)).judge(aCall())).toThrow(/started/);
});

test('no faults: nothing happens to any call', () => {
  expect([NO_FAULTS.judge(aCall()), NO_FAULTS.windows('upbit', START), NO_FAULTS.tally()]).toEqual([[], [], []]);
});

describe('windows of drawn length, links and the quote', () => {
  test('an outage that draws how long it lasts: within its bounds, the same for a seed, another for another', () => {
    const drawn: FaultInject = {
      kind: 'window',
      action: { kind: 'outage', as: 'timeout', scope: 'all' },
      for: { kind: 'uniform', fromMs: 5_000, toMs: 60_000 },
    };
    const endOf = (seed: number): number => {
      const { host, session } = bench([rule('a', { kind: 'timer', at: { kind: 'offset', ms: 1_000 }, venues: ['upbit'] }, drawn)], seed);
      host.advance(1_000);
      return (session.windows('upbit', at(1_000))[0]?.until ?? 0) - START;
    };
    const ends = [1, 2, 3, 4, 5].map(endOf);
    for (const end of ends) expect(end).toSatisfy((value: number) => value >= 6_000 && value <= 61_000);
    expect(new Set(ends).size).toBeGreaterThan(1);
    expect([1, 2, 3, 4, 5].map(endOf)).toEqual(ends);
  });

  test('a link: fires once it loses a message, not by being there', () => {
    const bursts: FaultInject = { kind: 'window', action: { kind: 'link', p: 1, r: 0, lossGood: 0, lossBad: 1 }, for: durationMs(5_000) };
    const { host, session } = bench([rule('a', { kind: 'timer', at: { kind: 'offset', ms: 0 }, venues: ['binance'] }, bursts)]);
    host.advance(10);
    expect(session.tally()[0]?.fired).toBe(0);
    const [window] = session.windows('binance', host.now());
    if (window === undefined) throw new Error('no window');
    session.hit(window, host.now(), 7);
    expect(session.tally()[0]?.fired).toBe(1);
  });

  test('a fault of the quote: lies over fx alone and fires when it begins', () => {
    const jump: FaultInject = { kind: 'window', action: { kind: 'fx', frozen: false, gapBp: 100 }, for: durationMs(5_000) };
    const { host, session } = bench([rule('a', { kind: 'timer', at: { kind: 'offset', ms: 1_000 }, venues: ['fx'] }, jump)]);
    host.advance(2_000);
    expect(session.windows('fx', host.now())).toHaveLength(1);
    expect(session.windows('upbit', host.now())).toHaveLength(0);
    expect(session.tally()[0]?.fired).toBe(1);
  });

  test('a garbled or stale answer: passes over the brackets that a client reads beforehand, and does not count them', () => {
    const stale: CallAction = { kind: 'stale', byMs: 1_000 };
    const { call } = bench([rule('a', calls({ nth: { kind: 'list', values: [1] } }), onCall(stale))]);
    expect(call(1, { method: 'fetchPositions', prepares: true })).toEqual([]);
    expect(call(2, { method: 'fetchPositions' })).toEqual(['a:stale']);
  });
});
