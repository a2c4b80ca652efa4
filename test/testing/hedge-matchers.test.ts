import { beforeAll, describe, expect, test } from 'vitest';
import { drill, hedgeMatchers, timelineText, type Verdict } from '../../src/testing/index.js';
import '../../src/testing/vitest.js';

let naive: Verdict;
let reference: Verdict;
beforeAll(async () => {
  naive = await drill({ executor: 'naive', scenario: 'lost-reply-after-fill' });
  reference = await drill({ executor: 'reference', scenario: 'lost-reply-after-fill' });
});

/** What a failing expectation says. */
function messageOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('the expectation held');
}

describe('toKeepItsPromises', () => {
  test('the reference executor: does', () => {
    expect(reference).toKeepItsPromises();
    expect([reference, reference]).toKeepItsPromises();
  });

  test('the naive one: the message names the run, the first broken invariant, the promises, the control, the timeline and the token', () => {
    const message = messageOf(() => expect(naive).toKeepItsPromises());
    const [head = ''] = message.split('\n');
    expect(head).toMatch(/^naive in lost-reply-after-fill, seed 1: \d promises broken$/);
    const first = naive.firstBroken;
    expect(message).toContain(`first broken invariant: ${first?.id ?? '?'} ${first?.name ?? '?'}, at +1.610 s`);
    expect(message).toContain(String(first?.broken?.found));
    expect(message).toContain('final.perp: expected -0.05 BTC within 0.00099999, found -0.1 BTC');
    expect(message).toContain('without the faults the same run passes');
    expect(message).toContain('+0.196 s FAULT reply lost: Upbit order');
    expect(message.endsWith(`replay: npx hedgedrill drill --token ${naive.token}`)).toBe(true);
  });

  test('of several only those that fail are told', () => {
    const message = messageOf(() => expect([reference, naive]).toKeepItsPromises());
    expect(message).toMatch(/^naive in/);
    expect(message).not.toContain('reference in');
  });

  test('a run that passes while its control fails: does not count as a promise kept', () => {
    const hollow: Verdict = {
      ...reference,
      control: { passed: false, broken: [{ key: 'outcome', expected: 'hedged or flat without faults', found: 'flow 1 (enter): naked' }] },
    };
    const message = messageOf(() => expect(hollow).toKeepItsPromises());
    expect(message).toContain('the run without faults fails');
    expect(message).toContain('flow 1 (enter): naked');
  });

  test('not: says that all were kept', () => {
    expect(naive).not.toKeepItsPromises();
    expect(messageOf(() => expect(reference).not.toKeepItsPromises())).toContain('all were kept: reference in lost-reply-after-fill, seed 1');
  });
});

describe('toStayHedgedWithin', () => {
  test('by a duration or by milliseconds, to the millisecond', () => {
    expect(reference).toStayHedgedWithin('15s');
    expect(reference).toStayHedgedWithin(reference.longestUnhedgedMs);
    expect(reference).not.toStayHedgedWithin(reference.longestUnhedgedMs - 1);
    const message = messageOf(() => expect(reference).toStayHedgedWithin(1));
    expect(message).toContain('expected both legs equal again within 1 ms');
    expect(message).toContain(`unequal for ${reference.longestUnhedgedMs} ms`);
    expect(message).toContain(reference.token);
  });

  test('a text that is no duration: is refused', () => {
    expect(() => expect(reference).toStayHedgedWithin('soon')).toThrow(/such as 250ms, 15s/);
  });
});

describe('toEndAs', () => {
  test('every flow by the truth of the venues', () => {
    expect(reference).toEndAs('hedged');
    expect(reference).toEndAs('rolled-back', 'hedged');
    const message = messageOf(() => expect(reference).toEndAs('rolled-back', 'aborted'));
    expect(message).toContain('expected every flow to end rolled-back or aborted\n  its flows ended hedged');
  });
});

describe('toHaveFaultsFired', () => {
  test('all of them, or those named', () => {
    expect(reference).toHaveFaultsFired();
    expect(reference).toHaveFaultsFired('spot-answer-lost', 'perp-answer-lost');
  });

  test('a fault that never strikes: is told with the tally of all', async () => {
    const scenario = {
      flow: [{ do: 'enter' as const, qty: '0.05' }],
      faults: [
        {
          id: 'third-short',
          when: { leg: 'perp' as const, method: 'createOrder', nth: 3 },
          inject: { lose: { part: 'response' as const } },
          required: false,
        },
      ],
      expect: { outcome: 'hedged' as const, within: '60s' },
    };
    const verdict = await drill({ executor: 'reference', scenario });
    expect(verdict.passed).toBe(true);
    expect(messageOf(() => expect(verdict).toHaveFaultsFired())).toContain('expected third-short to fire\n  third-short: fired 0 times');
  });

  test('a name that is no fault of the scenario: is refused rather than passed', () => {
    expect(() => expect(reference).toHaveFaultsFired('spot-answer-lsot')).toThrow(/has no fault "spot-answer-lsot"[\s\S]*spot-answer-lost/);
  });
});

describe('toHoldInvariants', () => {
  test('those that were judged and held', () => {
    expect(reference).toHoldInvariants('I1', 'I2', 'I6', 'I7');
  });

  test('one that broke, and one that was not judged: both fail, with the reason', () => {
    expect(messageOf(() => expect(naive).toHoldInvariants('I2'))).toContain('I2 no-duplicate: expected entry 1 executes at most 0.051 BTC');
    expect(messageOf(() => expect(naive).toHoldInvariants('I7'))).toContain('not judged, this executor declares no journal');
  });

  test('one that nothing was held against: fails, since it says nothing', () => {
    const vacuous = reference.invariants.find(({ verdict }) => verdict === 'vacuous');
    expect(vacuous).toBeDefined();
    expect(messageOf(() => expect(reference).toHoldInvariants(vacuous?.id ?? 'I1'))).toContain(`${vacuous?.name ?? '?'}: vacuous`);
  });
});

describe('toBeCaught', () => {
  test('the naive executor is, by what it broke; the reference is not', () => {
    expect(naive).toBeCaught();
    expect(naive).toBeCaught('final.perp');
    expect(reference).not.toBeCaught();
    expect(messageOf(() => expect(naive).toBeCaught('final.openOrders'))).toContain('expected final.openOrders to be broken by the faults');
    expect(messageOf(() => expect(reference).toBeCaught())).toContain('nothing about money or the final state is broken');
  });

  test('an executor that fails without faults, too: is not', async () => {
    const letter = await drill({ executor: 'letter', scenario: 'duel-lost-reply' });
    expect(letter.passed).toBe(false);
    expect(messageOf(() => expect(letter).toBeCaught())).toContain('it fails without the faults, too');
  });
});

describe('what is no result', () => {
  test('a promise: the missing await is named', () => {
    const forgotten = drill({ executor: 'reference', scenario: 'lost-request' });
    expect(() => expect(forgotten).toKeepItsPromises()).toThrow(/expect\(await drill/);
    return forgotten;
  });

  test('anything else: is refused instead of passed', () => {
    expect(() => expect({}).toEndAs('hedged')).toThrow(/what drill\(\) or explore\(\) answers/);
  });
});

test('the matchers need no vitest: they answer { pass, message } for any expect.extend', () => {
  expect(hedgeMatchers.toKeepItsPromises(reference).pass).toBe(true);
  const answer = hedgeMatchers.toKeepItsPromises(naive);
  expect(answer.pass).toBe(false);
  expect(answer.message()).toContain(timelineText(naive));
});
