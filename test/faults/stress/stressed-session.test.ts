import { describe, expect, test } from 'vitest';
import { RandomStreams } from '../../../src/core/random.js';
import { addMs, epochMs } from '../../../src/core/units.js';
import type { VenueCall } from '../../../src/faults/fault-session.js';
import type { FaultRule } from '../../../src/faults/fault-rule.js';
import { createFaultSession } from '../../../src/faults/scenario-faults.js';
import { marketAt, serverErrorAt, slowAt, stretchedMs, takenShare } from '../../../src/faults/stress/stress-effects.js';
import { stressSpec } from '../../../src/faults/stress/stress-spec.js';
import { stressedSession, type StressedSession } from '../../../src/faults/stress/stressed-session.js';
import { calls, HandHost, onCall, REFUSE, rule, START } from '../fault-harness.js';

const SPEC = stressSpec('crash', { shockAtMs: [0] });

function under(rules: readonly FaultRule[] = [], seed = '1'): { readonly session: StressedSession; readonly host: HandHost } {
  const seeds = new RandomStreams(seed);
  const session = stressedSession(createFaultSession(rules, seeds), SPEC, seeds, START, () => undefined);
  const host = new HandHost();
  session.start(host);
  return { session, host };
}

const callAt = (index: number, venue: 'upbit' | 'binance' = 'upbit'): VenueCall => ({
  request: index,
  venue,
  method: 'createOrder',
  mutating: true,
  leg: venue === 'upbit' ? 'spot' : 'perp',
  purpose: 'open',
  flow: 1,
  at: START,
  point: `e0/f1/open/${venue}.createOrder#${index}`,
  incarnation: 0,
});
const indices = Array.from({ length: 2_000 }, (_, index) => index + 1);

describe('calls under stress', () => {
  test('a 5xx is drawn by the call alone: leaving calls out moves no other draw', () => {
    const kinds = (session: StressedSession, which: readonly number[]): unknown => which.map((index) => session.judge(callAt(index)));
    const even = indices.filter((index) => index % 2 === 0);
    const all = kinds(under().session, indices) as unknown[];
    expect(kinds(under().session, even)).toEqual(even.map((index) => all[index - 1]));
  });

  test('5xx come as often as the level says, half of the doubtful ones carried out and none of those that prove refusal', () => {
    const { session } = under();
    const level = session.process.levels(START).binance;
    const rejects = indices
      .flatMap((index) => session.judge(callAt(index, 'binance')))
      .flatMap(({ action }) => (action.kind === 'reject' ? [action] : []));
    expect(rejects.length / indices.length).toBeCloseTo(0.15 * level ** 2, 1);
    const doubtful = rejects.filter(({ code }) => code === '-1000' || code === '-1007' || code === '-1006');
    expect(doubtful.length).toBeGreaterThan(60);
    const share = doubtful.filter(({ processed }) => processed).length / doubtful.length;
    expect(share).toBeGreaterThan(0.35);
    expect(share).toBeLessThan(0.65);
    expect(rejects.filter(({ code }) => code === '-1008').some(({ processed }) => processed)).toBe(false);
  });

  test("a scenario's own refusal goes first, and stress adds none to it", () => {
    const { session } = under([rule('refused', calls(), onCall(REFUSE))]);
    for (const index of indices) expect(session.judge(callAt(index)).map(({ fault }) => fault)).toEqual(['refused']);
  });

  test('the tape is told of a level once, and again when it has moved by a tenth', () => {
    const { session, host } = under();
    const told = (): number => host.log.filter((line) => line === 'stress stress world').length;
    session.judge(callAt(1));
    session.judge(callAt(2));
    expect(told()).toBe(1);
    const before = session.process.levels(START).upbit;
    const moved = (index: number): boolean => Math.abs(session.process.levels(addMs(START, index * 10_000)).upbit - before) >= 0.1;
    const index = indices.find(moved) ?? Number.NaN;
    session.judge({ ...callAt(3), at: addMs(START, index * 10_000) });
    expect(told()).toBe(2);
  });

  test('an outage is struck once a request meets it, for as long as it lasts', () => {
    const { session, host } = under();
    const [outage] = session.outages.between('upbit', START, addMs(START, 6 * 3_600_000)).filter(({ window }) => window.action.kind === 'outage');
    if (outage === undefined) throw new Error('six hours of crash have an outage');
    const at = epochMs(outage.window.from);
    expect(session.windows('upbit', at).some((window) => window === outage.window)).toBe(true);
    expect(session.lastStruckAt()).toBeUndefined();
    session.hit(outage.window, at, 7);
    session.hit(outage.window, at, 8);
    expect(host.log.filter((line) => line.startsWith('stress-outage outage'))).toEqual(['stress-outage outage window #7']);
    expect(session.lastStruckAt()).toBe(outage.window.until);
  });
});

describe('what a level does', () => {
  const key = new RandomStreams('1').key('test');
  const levels = [0, 0.1, 0.3, 0.6, 1];

  test.each(['upbit', 'binance'] as const)('%s: every effect grows with the level and is nothing at level 0', (venue) => {
    const markets = levels.map((level) => marketAt(venue, level));
    expect(markets[0]).toBeUndefined();
    const spreads = markets.map((action) => (action?.kind === 'market' ? (action.spreadBp ?? 0) : 0));
    const depths = markets.map((action) => (action?.kind === 'market' ? action.depthFactor : 1));
    const latencies = levels.map((level) => stretchedMs(venue, 'latency/request', 100, level));
    const lags = levels.map((level) => stretchedMs(venue, 'visibility', 100, level));
    const taken = levels.map((level) => takenShare(level, key, 'orders', 60_000, 59_999));
    const errors = levels.map((level) => indices.filter((index) => serverErrorAt(venue, level, key, `${index}`, true) !== undefined).length);
    for (const grows of [spreads, depths.map((depth) => -depth), latencies, lags, taken, errors])
      expect(grows, JSON.stringify(grows)).toEqual([...new Set(grows)].sort((a, b) => a - b));
    expect([spreads[0], depths[0], latencies[0], lags[0], taken[0], errors[0]]).toEqual([0, 1, 100, 100, 0, 0]);
    expect(slowAt(venue, 0, 'request')).toBeUndefined();
  });

  test('a delay is not stretched beyond six seconds, nor shortened when the world itself has a longer one', () => {
    expect(stretchedMs('upbit', 'latency/request', 1_000, 1)).toBe(6_000);
    expect(stretchedMs('upbit', 'latency/request', 9_000, 1)).toBe(9_000);
    expect(stretchedMs('upbit', 'slow/stress', 1_000, 1)).toBe(1_000);
  });

  test('what others use of a limit fills up within its window', () => {
    const shares = [0, 20_000, 40_000, 59_999].map((at) => takenShare(1, key, 'weight', 60_000, at));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares[0]).toBeLessThan(0.001);
  });
});
