import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { INVARIANTS } from '../../src/drill/oracle/judge-run.js';
import { lintScenario } from '../../src/faults/load-scenario.js';
import { ORACLES } from '../../src/faults/oracle-names.js';
import { scenariosDir } from '../../src/run/package-paths.js';

const folder = mkdtempSync(join(tmpdir(), 'hedgedrill-refusals-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Made {
  readonly flow?: string;
  readonly clock?: string;
  /** Lines 9 on: the first fault begins there. */
  readonly faults?: string;
  readonly expect?: string;
}

const LOSE = '  - { id: lose-answer, when: { leg: perp, method: createOrder }, inject: { lose: { part: response } } }';

/** Line 6 is the clock, 7 the flow, 8 `faults:`, 9 the first fault. */
function scenario({ flow, clock, faults, expect: wanted }: Made): string {
  return `apiVersion: scenario/v1
kind: Scenario
id: refused
title: A scenario that cannot be
include: [lib/venues.yaml#calm]
clock: ${clock ?? '{ maxVirtual: 30m }'}
flow: ${flow ?? '[{ do: enter, qty: "0.05" }]'}
faults:
${faults ?? LOSE}
expect:
${wanted ?? '  outcome: hedged\n  within: 30s'}
`;
}

let count = 0;
/** Every problem as `line key: problem`, and whether each says what to do. */
async function problems(text: string): Promise<readonly string[]> {
  count += 1;
  const file = join(folder, `case-${count}.yaml`);
  writeFileSync(file, text);
  const issues = await lintScenario(file, { scenariosDir: scenariosDir() });
  return issues.map(({ place, message }) => {
    const [first = ''] = message.split('\n');
    return `${place.line} ${place.key}: ${first.slice(first.indexOf(`${place.key}: `) + (place.key?.length ?? 0) + 2)}`;
  });
}

test('a sound scenario of this make: has no problem', async () => {
  expect(await problems(scenario({}))).toEqual([]);
});

const fault = (when: string, inject = '{ lose: { part: response } }', more = ''): string =>
  `  - { id: odd, when: ${when}, inject: ${inject}${more === '' ? '' : `, ${more}`} }`;

test.each<{ readonly name: string; readonly made: Made; readonly found: string }>([
  // Faults that can never fire.
  {
    name: 'a fault behind one that always answers the same calls',
    made: {
      faults: `  - { id: always, when: { venue: binance, method: createOrder }, inject: { reject: { http: 503 } }, limit: {} }\n${fault('{ venue: binance, method: createOrder, purpose: hedge, nth: 2 }', '{ reject: { http: 429 } }')}`,
    },
    found: '10 faults[1].when: "always" (',
  },
  {
    name: 'a fill of orders that a refusal never lets in',
    made: {
      faults: `${fault('{ leg: spot, method: createOrder }', '{ fill: { fraction: 0.5 } }')}\n  - { id: always, when: { venue: upbit, method: createOrder }, inject: { reject: { http: 503 } }, limit: {} }`,
    },
    found: '9 faults[0].when: "always" (',
  },
  {
    name: 'a start after the end of the run',
    made: { faults: fault('{ leg: perp, method: createOrder, from: 45m }') },
    found: '9 faults[0].when.from: lies 2700000 ms after the start, and the run ends after 1800000 ms',
  },
  {
    name: 'a timer after the end of the run',
    made: { faults: fault('{ at: 31m, venue: upbit }', '{ outage: { for: 1m, as: timeout } }') },
    found: '9 faults[0].when.at: lies 1860000 ms after the start',
  },
  {
    name: 'an instant of another year',
    made: { faults: fault('{ at: "2031-03-03T01:00:00Z", venue: upbit }', '{ outage: { for: 1m, as: timeout } }') },
    found: '9 faults[0].when.at: lies ',
  },
  {
    name: 'an end before the start of the run',
    made: { faults: fault('{ leg: perp, method: createOrder, until: "2020-01-01T00:00:00Z" }') },
    found: '9 faults[0].when.until: lies at or before the start of the run',
  },
  {
    name: 'an end before its own start',
    made: { faults: fault('{ leg: perp, method: createOrder, from: 20s, until: 5s }') },
    found: '9 faults[0].when.until: is not after from',
  },
  {
    name: 'an end before its own start, by one anchor',
    made: { faults: fault('{ method: createOrder, from: { event: order.filled, plus: 5s }, until: { event: order.filled, plus: 2s } }') },
    found: '9 faults[0].when.until: is not after from',
  },
  {
    name: 'a calendar of another year',
    made: {
      faults: fault('{ venue: upbit, calendar: { windows: [["2017-01-01T00:00:00Z", "2017-01-02T00:00:00Z"]] } }', '{ outage: { as: timeout } }'),
    },
    found: '9 faults[0].when.calendar: no window of the calendar lies inside the run',
  },
  {
    name: 'a fault that waits for itself',
    made: { faults: fault('{ leg: perp, method: createOrder, from: { event: fault.fired, fault: odd } }') },
    found: '9 faults[0].when.from: "odd" waits for itself to fire',
  },
  {
    name: 'two faults that wait for one another',
    made: {
      faults: `${fault('{ leg: perp, method: createOrder, from: { event: fault.fired, fault: other } }')}\n  - { id: other, when: { at: { event: fault.fired, fault: odd } }, inject: { outage: { for: 1s, as: timeout } } }`,
    },
    found: '9 faults[0].when.from: "odd" waits for other, which waits for it',
  },
  {
    name: 'a setting of the perpetual at the spot venue',
    made: { faults: fault('{ venue: upbit, method: setLeverage }') },
    found: '9 faults[0].when.method: lose can do nothing to setLeverage',
  },
  {
    name: 'a reduce-only order at the spot venue',
    made: { faults: fault('{ leg: spot, method: createOrder, reduceOnly: true }') },
    found: '9 faults[0].when.reduceOnly: a spot venue has no reduce-only orders',
  },
  {
    name: 'an order by cost of the perpetual',
    made: { faults: fault('{ venue: binance, method: createOrder, orderType: market-by-cost }') },
    found: '9 faults[0].when.orderType: only upbit takes a market order by cost',
  },
  {
    name: 'the side of a read',
    made: { faults: fault('{ venue: binance, method: fetchBalance, side: buy }') },
    found: '9 faults[0].when.method: side, orderType and reduceOnly belong to createOrder',
  },
  {
    name: 'an order that polls',
    made: { faults: fault('{ venue: binance, method: createOrder, purpose: poll }') },
    found: '9 faults[0].when.purpose: no order is created to poll',
  },
  {
    name: 'a read that hedges',
    made: { faults: fault('{ venue: binance, method: fetchOrder, purpose: hedge }') },
    found: '9 faults[0].when.purpose: a call that changes nothing is for precheck or poll',
  },
  {
    name: 'a close without an exit',
    made: { faults: fault('{ venue: binance, method: createOrder, purpose: close }') },
    found: '9 faults[0].when.purpose: nothing is closed: the flow has no exit',
  },
  {
    name: 'a flow too many',
    made: { faults: fault('{ leg: perp, method: createOrder, flow: 2 }') },
    found: '9 faults[0].when.flow: there is no flow 2: the scenario has 1',
  },
  {
    name: 'a second life without a crash',
    made: { faults: fault('{ leg: perp, method: createOrder, incarnation: 1 }') },
    found: '9 faults[0].when.incarnation: the process has one life here',
  },
  {
    name: 'a recovery without a crash',
    made: { faults: fault('{ leg: perp, method: createOrder, purpose: recover }') },
    found: '9 faults[0].when.purpose: nothing recovers',
  },
  // Values that mean nothing.
  {
    name: 'a limit of 0',
    made: { faults: fault('{ leg: perp }', '{ lose: { part: response } }', 'limit: { times: 0 }') },
    found: '9 faults[0].limit.times: expected',
  },
  { name: 'a probability of 0', made: { faults: fault('{ leg: perp, probability: 0 }') }, found: '9 faults[0].when.probability: expected' },
  { name: 'a negative time', made: { faults: fault('{ leg: perp, from: "-3s" }') }, found: '9 faults[0].when.from: expected a duration' },
  { name: 'the 0th call', made: { faults: fault('{ leg: perp, nth: 0 }') }, found: '9 faults[0].when.nth: expected' },
  { name: 'a venue that is not there', made: { faults: fault('{ venue: bithumb }') }, found: '9 faults[0].when.venue: expected' },
  // Expectations that no run can meet.
  {
    name: 'an entry that ends flat',
    made: { expect: '  outcome: flat\n  within: 30s' },
    found: '11 expect.outcome: flow 1 is an enter, which never ends flat',
  },
  {
    name: 'an end of its own that cannot be',
    made: { flow: '[{ do: enter, qty: "0.05", ends: flat }]' },
    found: '7 flow[0].ends: an enter never ends flat',
  },
  {
    name: 'an exit that ends rolled back',
    made: { flow: '[{ do: enter, qty: "0.05", ends: hedged }, { do: exit }]', expect: '  outcome: rolled-back\n  within: 30s' },
    found: '11 expect.outcome: flow 2 is an exit, which never ends rolled-back',
  },
  {
    name: 'legs that do not make the delta',
    made: { expect: '  outcome: hedged\n  within: 30s\n  final: { netDelta: "0", spot: "0.05", perp: "0.05" }' },
    found: '13 expect.final.netDelta: spot 0.05 and perp 0.05 make a delta of 0.1, not 0',
  },
  {
    name: 'a hedge of nothing',
    made: { expect: '  outcome: hedged\n  within: 30s\n  final: { spot: "0", perp: "0" }' },
    found: '13 expect.final.spot: outcome is hedged and nothing exits',
  },
  {
    name: 'a lock that does not lock',
    made: { expect: '  outcome: locked\n  within: 30s\n  final: { entryLocked: false }' },
    found: '13 expect.final.entryLocked: outcome is locked',
  },
  {
    name: 'a hedge of one order',
    made: { expect: '  outcome: hedged\n  within: 30s\n  budget: { orders: 1 }' },
    found: '13 expect.budget.orders: a hedge takes an order on each leg',
  },
  {
    name: 'a negative exposure',
    made: { expect: '  outcome: hedged\n  within: 30s\n  budget: { maxUnhedged: "-0.05" }' },
    found: '13 expect.budget.maxUnhedged: is 0 or more',
  },
  {
    name: 'a bound beyond the end of the run',
    made: { expect: '  outcome: hedged\n  within: 45m' },
    found: '12 expect.within: is 2700000 ms, and the run ends after 1800000 ms',
  },
  {
    name: 'a mark that must and must not be passed',
    made: { expect: '  outcome: hedged\n  within: 30s\n  sometimes: [rollback.start]\n  never: [rollback.start]' },
    found: '14 expect.never: "rollback.start" cannot be both sometimes and never',
  },
  {
    name: 'a hold beyond the end of the run',
    made: { flow: '[{ do: enter, qty: "0.05" }, { do: hold, for: 31m }]' },
    found: '7 flow[1].for: holds 1860000 ms in all',
  },
  {
    name: 'a step beyond the end of the run',
    made: { flow: '[{ do: enter, qty: "0.05" }, { do: enter, qty: "0.05", at: 40m }]' },
    found: '7 flow[1].at: lies 2400000 ms after the start',
  },
  // Waivers.
  {
    name: 'a waiver without a reason',
    made: { expect: '  outcome: hedged\n  within: 30s\n  waive: [{ oracle: I3 }]' },
    found: '13 expect.waive[0].reason: missing',
  },
  {
    name: 'a waiver with a reason that is none',
    made: { expect: '  outcome: hedged\n  within: 30s\n  waive: [{ oracle: I3, reason: "TODO: find out" }]' },
    found: '13 expect.waive[0].reason: says no reason',
  },
  {
    name: 'a waiver of an oracle that is not there',
    made: { expect: '  outcome: hedged\n  within: 30s\n  waive: [{ oracle: I19, reason: "there are sixteen of these" }]' },
    found: '13 expect.waive[0].oracle: no such oracle: "I19"',
  },
  {
    name: 'a waiver of what is not judged here',
    made: { expect: '  outcome: hedged\n  within: 30s\n  waive: [{ oracle: L3, reason: "the recovery is slow here" }]' },
    found: '13 expect.waive[0].oracle: L3 is not judged here: nothing restarts the process',
  },
  {
    name: 'a waiver twice',
    made: {
      expect:
        '  outcome: hedged\n  within: 30s\n  waive: [{ oracle: I3, reason: "slow on purpose, see the note" }, { oracle: I3, reason: "slow on purpose, see the note" }]',
    },
    found: '13 expect.waive[1].oracle: I3 is waived already',
  },
])('$name: is refused once, with its line and key', async ({ made, found }) => {
  const all = await problems(scenario(made));
  expect(all).toHaveLength(1);
  expect(all[0]).toContain(found);
});

test('the oracles that can be waived: are those that judge', () => {
  expect(ORACLES).toEqual(INVARIANTS.map(({ id }) => id));
});
