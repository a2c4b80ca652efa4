import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { durationMs } from '../../src/core/units.js';
import type { FaultInject, FaultRule, FaultWhen } from '../../src/faults/fault-rule.js';
import { loadScenario } from '../../src/faults/load-scenario.js';
import { drill } from '../../src/run/drill.js';
import { executorNamed } from '../../src/run/executors.js';
import { bench, calls, LOSE_REQUEST, LOSE_RESPONSE, onCall, rule, START } from './fault-harness.js';

const lose = onCall(LOSE_RESPONSE);
const outage: FaultInject = {
  kind: 'window',
  action: { kind: 'outage', shows: { kind: 'timeout', as: 'timeout' } } as never,
  for: durationMs(1_000),
};
const timer = (at: Extract<FaultWhen, { kind: 'timer' }>['at']): FaultWhen => ({ kind: 'timer', at, venues: ['binance'] });
const disk: FaultInject = { kind: 'instant', action: { kind: 'disk', error: 'EIO', for: durationMs(1_000) } };

/** What each fault of the list says after three creates of the short in flow 1, a second apart. */
function whys(...rules: readonly FaultRule[]): readonly (string | undefined)[] {
  const { session, call } = bench(rules);
  for (const second of [0, 1, 2]) call(second * 1_000);
  return session.tally().map(({ why }) => why);
}

describe('why a fault never fired', () => {
  test.each<{ readonly name: string; readonly rules: readonly FaultRule[]; readonly why: string }>([
    { name: 'another method', rules: [rule('a', calls({ methods: ['cancelOrder'] }), lose)], why: 'no call matched' },
    {
      name: 'a position that does not come',
      rules: [rule('a', calls({ nth: { kind: 'list', values: [4, 6] } }), lose)],
      why: '3 calls matched, but nth 4 or 6 was never reached (counted up to 3)',
    },
    {
      name: 'a time that is over, then a position',
      rules: [rule('a', calls({ from: { kind: 'offset', ms: 1_500 }, nth: { kind: 'list', values: [2] } }), lose)],
      why: '3 calls matched, 2 outside `from` and `until`, 1 but nth 2 was never reached (counted up to 1)',
    },
    {
      name: 'an anchor that never opened it',
      rules: [rule('a', calls({ from: { kind: 'anchor', anchor: { event: 'rollback.start', plusMs: 0 } } }), lose)],
      why: '3 calls matched, outside `from` and `until`',
    },
    { name: 'a chance that never came', rules: [rule('a', calls({ probability: 0 }), lose)], why: '3 calls matched, not chosen by `probability`' },
    {
      name: 'a state that never was',
      rules: [rule('a', calls({ state: [{ path: 'delta', op: 'gt', values: [1n] } as never] }), lose)],
      why: '3 calls matched, while `state` did not hold',
    },
    {
      name: 'an action that means other calls',
      rules: [rule('a', calls({ methods: ['*'] }), onCall({ kind: 'notFound', forMs: 5 }))],
      why: '3 calls matched, of a method that its action does nothing to',
    },
    {
      name: 'a timer beyond the run',
      rules: [rule('a', timer({ kind: 'offset', ms: 9_000 }), disk)],
      why: 'the run was over before its `at` of 9000 ms',
    },
    {
      name: 'a timer on what never happens',
      rules: [rule('a', timer({ kind: 'anchor', anchor: { event: 'order.filled', leg: 'spot', plusMs: 50 } }), outage)],
      why: 'its `at`, order.filled of spot plus 50 ms, never came',
    },
    {
      name: 'a window that nobody met',
      rules: [rule('a', timer({ kind: 'offset', ms: 500 }), outage)],
      why: 'it began once, and no request met it',
    },
    {
      name: 'a disk that nobody wrote to',
      rules: [rule('a', timer({ kind: 'offset', ms: 500 }), disk)],
      why: 'it began once, and no write of the journal met it',
    },
    {
      name: 'a calendar of other years',
      rules: [
        rule(
          'a',
          {
            kind: 'calendar',
            windows: [{ from: START, until: START }].map(({ from }) => ({ from: (from - 9_000) as never, until: (from - 8_000) as never })),
            venues: ['binance'],
          },
          { ...outage, for: undefined },
        ),
      ],
      why: 'none of its windows lies in the run',
    },
  ])('$name', ({ rules, why }) => {
    expect(whys(...rules)).toEqual([why]);
  });

  test('another fault in front of it, at its stage or before: is named', () => {
    const others = [rule('first', calls(), lose), rule('request', calls(), onCall(LOSE_REQUEST))];
    expect(whys(...others, rule('second', calls(), lose)).at(-1)).toBe('3 calls matched, masked by first');
    expect(whys(rule('request', calls(), onCall(LOSE_REQUEST)), rule('answer', calls(), lose)).at(-1)).toBe('3 calls matched, masked by request');
  });

  test('a step of the process that is not reached: is called a step', () => {
    const when: FaultWhen = { kind: 'step', match: { step: 'journal.append(intent).before', countPer: 'run' }, venues: ['binance'] };
    expect(whys(rule('a', when, disk))).toEqual(['no step matched']);
  });

  test('one that fired: has no reason', () => {
    expect(whys(rule('a', calls(), lose))).toEqual([undefined]);
  });
});

describe('a required fault that never fires', () => {
  const dir = mkdtempSync(join(tmpdir(), 'hedgedrill-misses-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('fails its scenario, and says which one, where it stands and why', async () => {
    const file = join(dir, 'never-fires.yaml');
    const lines = [
      'apiVersion: scenario/v1',
      'kind: Scenario',
      'id: never-fires',
      'title: The third short of an entry that sends one',
      'include: [lib/venues.yaml#calm]',
      'flow: [{ do: enter, qty: "0.05" }]',
      'faults:',
      '  - id: third-short',
      '    when: { leg: perp, method: createOrder, nth: 3 }',
      '    inject: { lose: { part: response } }',
      'expect: { outcome: hedged, within: 60s }',
    ];
    writeFileSync(file, lines.join('\n'));
    const scenario = await loadScenario(file, { scenariosDir: 'scenarios' });
    const { findings } = await drill({ scenario, executor: await executorNamed('reference'), seed: '1', withFaults: true });
    const broken = findings.filter(({ verdict }) => verdict === 'broken');
    expect(broken).toEqual([
      {
        key: 'faults.third-short',
        verdict: 'broken',
        expected: 'fires at least once',
        found: 'never fired: 1 call matched, but nth 3 was never reached (counted up to 1) (never-fires.yaml:8)',
      },
    ]);
  });
});
