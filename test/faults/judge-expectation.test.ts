import { describe, expect, test } from 'vitest';

import { parseFixed } from '../../src/core/money.js';
import type { Btc, Krw } from '../../src/core/money.js';
import { epochMs } from '../../src/core/units.js';
import type { Expectation, FlowFact, ScenarioFacts } from '../../src/faults/expectation.js';
import { judgeExpectation } from '../../src/faults/judge-expectation.js';

const btc = (text: string): Btc => parseFixed<Btc>(text);
const krw = (text: string): Krw => parseFixed<Krw>(text);

/** Nothing but what every scenario must say. */
const BARE: Expectation = {
  outcome: ['hedged'],
  withinMs: 30_000,
  final: {},
  budget: {},
  run: {},
  alerts: [],
  sometimes: [],
  never: [],
  waive: [],
};

const flow = (given: Partial<FlowFact> = {}): FlowFact => ({
  flow: 1,
  kind: 'enter',
  begunAt: epochMs(1_000),
  endedAt: epochMs(5_000),
  outcome: 'hedged',
  ...given,
});

const FACTS: ScenarioFacts = {
  trades: false,
  flows: [flow()],
  spot: btc('0.05'),
  perp: btc('-0.05'),
  openOrders: 0,
  entryLocked: false,
  maxUnhedged: btc('0.05'),
  longestUnhedgedMs: 800,
  nakedKrwSeconds: krw('1000'),
  rollbacks: 0,
  rollbacksProven: 0,
  rollbackCostBp: undefined,
  rollbackCostKrw: krw('0'),
  orders: 2,
  requests: 9,
  alerts: [],
  marks: [],
  violations: [],
  tally: [],
  lastFaultAt: undefined,
  terminalAt: epochMs(5_000),
};

/** The one finding with this key. */
function judged(key: string, expectation: Partial<Expectation>, facts: Partial<ScenarioFacts> = {}): string {
  const found = judgeExpectation({ ...BARE, ...expectation }, { ...FACTS, ...facts }).filter((finding) => finding.key === key);
  expect(found).toHaveLength(1);
  return found.map(({ verdict, found: what }) => `${verdict}: ${what}`)[0] ?? '';
}

test('a run that did what was expected: holds', () => {
  const findings = judgeExpectation(BARE, FACTS);
  expect(findings.map(({ key, verdict }) => `${key} ${verdict}`)).toEqual(['outcome held', 'within held']);
});

describe('outcome', () => {
  test.each<{ name: string; flows: FlowFact[]; result: string }>([
    { name: 'another outcome', flows: [flow({ outcome: 'aborted' })], result: 'broken: flow 1 (enter): aborted' },
    { name: 'a flow that never ended', flows: [flow({ outcome: undefined, endedAt: undefined })], result: 'broken: flow 1 (enter): never ended' },
    { name: 'no flow at all', flows: [], result: 'broken: no flow ran' },
    {
      name: 'a step with an end of its own',
      flows: [flow({ outcome: 'locked', ends: ['locked'] }), flow({ flow: 2 })],
      result: 'held: 1 locked, 1 hedged',
    },
    { name: 'an end that only another step may have', flows: [flow({ ends: ['locked'] })], result: 'broken: flow 1 (enter): hedged' },
    {
      name: 'several wrong flows',
      flows: [flow(), flow({ flow: 2, outcome: 'locked' }), flow({ flow: 3, outcome: 'locked' })],
      result: 'broken: flow 2 (enter): locked, and 1 more of 3',
    },
  ])('$name', ({ flows, result }) => {
    expect(judged('outcome', {}, { flows })).toBe(result);
  });
});

describe('within', () => {
  test.each<{ name: string; facts: Partial<ScenarioFacts>; result: string }>([
    { name: 'without a fault it counts from the begin of the flow', facts: { terminalAt: epochMs(31_000) }, result: 'held: 30000 ms' },
    { name: 'a millisecond too late', facts: { terminalAt: epochMs(31_001) }, result: 'broken: 30001 ms' },
    { name: 'it counts from the last fault', facts: { terminalAt: epochMs(91_000), lastFaultAt: epochMs(61_000) }, result: 'held: 30000 ms' },
    { name: 'a fault that outlives the end', facts: { lastFaultAt: epochMs(900_000) }, result: 'held: 0 ms' },
    { name: 'truth that never stands still', facts: { terminalAt: undefined }, result: 'broken: never settled' },
  ])('$name', ({ facts, result }) => {
    expect(judged('within', {}, facts)).toBe(result);
  });

  test('a trading run: each flow counts for itself, from its own last fault', () => {
    const flows = [
      flow({ endedAt: epochMs(20_000) }),
      flow({ flow: 2, begunAt: epochMs(100_000), lastFaultAt: epochMs(160_000), endedAt: epochMs(190_000) }),
    ];
    const late = epochMs(9_000_000);
    expect(judged('within', {}, { trades: true, flows, terminalAt: late })).toBe('held: flow 2 took 30000 ms');
    expect(judged('within', { withinMs: 29_999 }, { trades: true, flows, terminalAt: late })).toBe('broken: flow 2 took 30000 ms');
  });
});

test.each<{ key: string; expectation: Partial<Expectation>; facts: Partial<ScenarioFacts>; result: string }>([
  { key: 'final.netDelta', expectation: { final: { netDelta: btc('0') } }, facts: {}, result: 'held: 0 BTC' },
  { key: 'final.netDelta', expectation: { final: { netDelta: btc('0') } }, facts: { perp: btc('-0.04999999') }, result: 'broken: 0.00000001 BTC' },
  {
    key: 'final.netDelta',
    expectation: { final: { netDelta: btc('0'), tolerance: btc('0.0005') } },
    facts: { spot: btc('0.0505') },
    result: 'held: 0.0005 BTC',
  },
  {
    key: 'final.spot',
    expectation: { final: { spot: btc('0.05'), tolerance: btc('0.0005') } },
    facts: { spot: btc('0.04949999') },
    result: 'broken: 0.04949999 BTC',
  },
  { key: 'final.perp', expectation: { final: { perp: btc('0.05') } }, facts: {}, result: 'broken: -0.05 BTC' },
  { key: 'final.openOrders', expectation: { final: { openOrders: 0 } }, facts: { openOrders: 1 }, result: 'broken: 1' },
  { key: 'final.entryLocked', expectation: { final: { entryLocked: true } }, facts: {}, result: 'broken: not locked' },
  {
    key: 'final.entryLocked',
    expectation: { final: { entryLocked: true } },
    facts: { entryLocked: undefined },
    result: 'not judged: this executor declares no lock',
  },
  { key: 'budget.maxUnhedged', expectation: { budget: { maxUnhedged: btc('0.05') } }, facts: {}, result: 'held: 0.05 BTC' },
  {
    key: 'budget.maxUnhedged',
    expectation: { budget: { maxUnhedged: btc('0.05') } },
    facts: { maxUnhedged: btc('-0.051') },
    result: 'broken: 0.051 BTC',
  },
  { key: 'budget.maxUnhedgedForMs', expectation: { budget: { maxUnhedgedForMs: 799 } }, facts: {}, result: 'broken: 800 ms' },
  { key: 'budget.rollbackCostBp', expectation: { budget: { rollbackCostBp: 25 } }, facts: { rollbackCostBp: 25.1 }, result: 'broken: 25.1 bp' },
  { key: 'budget.rollbackCostBp', expectation: { budget: { rollbackCostBp: 25 } }, facts: {}, result: 'held: nothing was rolled back' },
  { key: 'budget.orders', expectation: { budget: { orders: 1 } }, facts: {}, result: 'broken: 2' },
  { key: 'budget.requests', expectation: { budget: { requests: 9 } }, facts: {}, result: 'held: 9' },
  { key: 'run.flowsMin', expectation: { run: { flowsMin: 2 } }, facts: {}, result: 'broken: 1' },
  {
    key: 'run.allFlowsTerminal',
    expectation: { run: { allFlowsTerminal: true } },
    facts: { flows: [flow(), flow({ endedAt: undefined })] },
    result: 'broken: 1 did not',
  },
  {
    key: 'run.nakedKrwSecondsMax',
    expectation: { run: { nakedKrwSecondsMax: krw('999.99999999') } },
    facts: {},
    result: 'broken: 1000 KRW s',
  },
  {
    key: 'run.rollbackSuccessMin',
    expectation: { run: { rollbackSuccessMin: 0.95 } },
    facts: { rollbacks: 20, rollbacksProven: 19 },
    result: 'held: 19 of 20',
  },
  {
    key: 'run.rollbackSuccessMin',
    expectation: { run: { rollbackSuccessMin: 0.95 } },
    facts: { rollbacks: 19, rollbacksProven: 18 },
    result: 'broken: 18 of 19',
  },
  {
    key: 'run.rollbackCostKrwMax',
    expectation: { run: { rollbackCostKrwMax: krw('10') } },
    facts: { rollbackCostKrw: krw('11') },
    result: 'broken: 11 KRW',
  },
  { key: 'run.rollbackCostBpMax', expectation: { run: { rollbackCostBpMax: 20 } }, facts: { rollbackCostBp: 19 }, result: 'held: 19 bp' },
  { key: 'alerts', expectation: { alerts: ['HALTED'] }, facts: {}, result: 'broken: did not happen' },
  { key: 'alerts', expectation: { alerts: ['HALTED'] }, facts: { alerts: undefined }, result: 'not judged: this executor declares no alerts' },
  { key: 'sometimes', expectation: { sometimes: ['rollback.start'] }, facts: { marks: ['rollback.start'] }, result: 'held: happened' },
  {
    key: 'sometimes',
    expectation: { sometimes: ['rollback.start'] },
    facts: { marks: undefined },
    result: 'not judged: this executor declares no marks',
  },
  { key: 'never', expectation: { never: ['rollback.start'] }, facts: { marks: ['rollback.start'] }, result: 'broken: happened' },
  { key: 'never', expectation: { never: ['fill.counted-twice'] }, facts: { violations: ['fill.counted-twice'] }, result: 'broken: happened' },
  { key: 'never', expectation: { never: ['fill.counted-twice'] }, facts: { violations: undefined }, result: 'not judged: no oracle looked' },
  { key: 'waive.I3', expectation: { waive: [{ oracle: 'I3', reason: 'the venue is gone' }] }, facts: {}, result: 'waived: the venue is gone' },
])('$key is $result', ({ key, expectation, facts, result }) => {
  expect(judged(key, expectation, facts)).toBe(result);
});

describe('vacuity', () => {
  const tally = (fault: string, fired: number, rest: object = {}): ScenarioFacts['tally'][number] => ({
    fault,
    fired,
    masked: 0,
    required: true,
    ...rest,
  });

  test('a required fault that never fired: breaks the scenario', () => {
    expect(judged('faults.a', {}, { tally: [tally('a', 0, { masked: 2 })] })).toBe('broken: never fired, masked 2 times');
    expect(judged('faults.a', {}, { tally: [tally('a', 1)] })).toBe('held: fired 1 times');
  });

  test('a fault that need not fire: is not judged', () => {
    expect(judgeExpectation(BARE, { ...FACTS, tally: [tally('a', 0, { required: false })] })).toHaveLength(2);
  });

  test('a group of which only one fired: is broken even where none is required', () => {
    const members = (second: number): ScenarioFacts['tally'] => [
      tally('a', 1, { required: false, group: 'both' }),
      tally('b', second, { required: false, group: 'both' }),
    ];
    expect(judged('groups.both', {}, { tally: members(0) })).toBe('broken: not b');
    expect(judged('groups.both', {}, { tally: members(3) })).toBe('held: all did');
  });
});
