import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { InputError } from '../../src/core/input-error.js';
import { parseFixed } from '../../src/core/money.js';
import { lintScenario, listScenarios, loadScenario } from '../../src/faults/load-scenario.js';
import type { ResolvedScenario } from '../../src/faults/resolved-scenario.js';

const folder = mkdtempSync(join(tmpdir(), 'hedgedrill-scenarios-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LIBRARY = `apiVersion: scenario/v1
kind: Library
fragments:
  plain:
    world:
      usdKrw: "1450"
      venues:
        upbit: { balances: { KRW: "100000000" }, book: { mid: "130000000", spreadBp: 1, depth: "1" }, latency: 40ms }
        binance: { balances: { USDT: "30000" }, book: { mid: "89500", spreadBp: 0.1, depth: "9" }, latency: 60ms }
`;

/** A sound scenario whose lines are counted in the tests: the fault begins on line 8, `expect` on line 13. */
const SOUND = `apiVersion: scenario/v1
kind: Scenario
id: sound
title: A sound scenario
include: [lib.yaml#plain]
flow: [{ do: enter, qty: "0.05" }]
faults:
  - id: lose-answer
    when:
      leg: perp
      method: createOrder
    inject: { lose: { part: response } }
expect:
  outcome: hedged
  within: 30s
`;

write({ 'lib.yaml': LIBRARY });

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

let count = 0;
async function load(text: string, params: Readonly<Record<string, string>> = {}): Promise<ResolvedScenario> {
  count += 1;
  write({ [`case-${count}.yaml`]: text });
  return loadScenario(join(folder, `case-${count}.yaml`), { scenariosDir: folder, params });
}

/** Every problem as `line: key: problem | hint`. */
async function problems(text: string): Promise<string[]> {
  count += 1;
  write({ [`case-${count}.yaml`]: text });
  const issues = await lintScenario(join(folder, `case-${count}.yaml`), { scenariosDir: folder });
  return issues.map(brief);
}

function brief(issue: InputError): string {
  const place = [issue.place.line, issue.place.key].filter((part) => part !== undefined).join(': ');
  const [first = ''] = issue.message.slice(issue.message.indexOf(`${issue.place.key ?? ''}: `) + (issue.place.key?.length ?? 0) + 2).split('\n');
  return `${place}: ${first}${issue.hint === undefined ? '' : ` | ${issue.hint}`}`;
}

const edit = (from: string, to: string): string => {
  expect(SOUND).toContain(from);
  return SOUND.replace(from, to);
};

test('a sound scenario: comes out with defaults, amounts as money and times in milliseconds', async () => {
  const scenario = await load(SOUND);
  expect(scenario).toMatchObject({
    id: 'sound',
    seeds: [1],
    trades: false,
    clock: { maxVirtualMs: 1_800_000, quietPeriodMs: 60_000 },
    executor: { preset: 'reference', policy: {}, restartAfterMs: 5_000 },
    flow: [{ do: 'enter', quantity: parseFixed('0.05') }],
    expect: { outcome: ['hedged'], withinMs: 30_000 },
  });
  expect(scenario.faults).toMatchObject([
    {
      id: 'lose-answer',
      required: true,
      limit: { times: 1 },
      when: { kind: 'call', match: { leg: 'perp', methods: ['createOrder'], countPer: 'flow' } },
      inject: { kind: 'call', stage: 'inbound', action: { kind: 'lose', part: 'response', as: 'timeout' } },
    },
  ]);
  expect(scenario.world.venues.upbit).toMatchObject({ idReuse: 'never', timeoutMs: 10_000, clockSkewMs: 0, positionMode: 'oneway', leverage: 1 });
  expect(scenario.world.venues.binance.idReuse).toBe('after-close');
});

test.each([
  { name: 'a misspelt key', text: edit('leg: perp', 'purpsoe: open'), issue: '10: faults[0].when.purpsoe: unknown key | did you mean "purpose"?' },
  {
    name: 'a misspelt value',
    text: edit('outcome: hedged', 'outcome: hegded'),
    issue:
      '14: expect.outcome: expected one of hedged, flat, rolled-back, partially-rolled-back, aborted, locked or a list, found "hegded" | did you mean "hedged"?',
  },
  {
    name: 'another way of creating an order',
    text: edit('createOrder', 'createMarketBuyOrderWithCost'),
    issue: '11: faults[0].when.method: no such method: "createMarketBuyOrderWithCost" | every way of creating an order is "createOrder"',
  },
  {
    name: 'a misspelt read',
    text: edit('createOrder', 'fetchOrdr'),
    issue: '11: faults[0].when.method: no such method: "fetchOrdr" | did you mean "fetchOrder"?',
  },
  {
    name: 'an amount as a float',
    text: edit('"0.05"', '0.05'),
    issue: '6: flow[0].qty: expected text, found 0.05 | write it in quotes: "0.05"',
  },
  {
    name: 'an amount with too many places',
    text: edit('"0.05"', '"0.0500000001"'),
    issue: '6: flow[0].qty: expected a decimal in quotes with at most 8 places such as "0.05", found "0.0500000001"',
  },
  {
    name: 'a duration without a unit',
    text: edit('30s', '30'),
    issue: '15: expect.within: expected a duration such as 250ms, 3s, 5m, 1h30m, found 30',
  },
  {
    name: 'a duration in an unknown unit',
    text: edit('30s', '30sec'),
    issue: '15: expect.within: expected a duration such as 250ms, 3s, 5m, 1h30m, found "30sec"',
  },
  { name: 'no liveness bound', text: edit('  within: 30s\n', ''), issue: '14: expect.within: missing; expected text' },
  {
    name: 'two actions in one fault',
    text: edit('{ part: response } }', '{ part: response }, notFound: { for: 3s } }'),
    issue:
      '12: faults[0].inject: inject has exactly one of lose, delay, duplicate, garble, transport, stale, reject, notFound, fill, cancelRace, fillAfterCancel, stuck, outage, ban, link, market, account, crash, stall, clock, disk, operator, twin, stream',
  },
  {
    name: 'a timer with a call counter',
    text: edit('leg: perp\n      method: createOrder', 'at: 3s\n      nth: 1').replace(
      'lose: { part: response }',
      'outage: { for: 3s, as: timeout }',
    ),
    issue: '11: faults[0].when.nth: at is a timer; nth belongs to calls | a fault on calls has from and until instead',
  },
  {
    name: 'a call action on a timer',
    text: edit('leg: perp\n      method: createOrder', 'at: 3s'),
    issue: '10: faults[0].when: lose happens to a call; say which with method, leg, purpose, nth instead of a timer',
  },
  {
    name: 'a stream that misbehaves for nobody knows how long',
    text: edit('lose: { part: response }', 'stream: { action: mute }').replace('method: createOrder', 'channel: orders'),
    issue: '12: faults[0].inject.stream.for: missing; mute says how long',
  },
  {
    name: 'a gap without its length',
    text: edit('lose: { part: response }', 'stream: { action: gap }').replace('method: createOrder', 'channel: orders'),
    issue: '12: faults[0].inject.stream: gap says how many events (count) or how long (for)',
  },
  {
    name: 'a channel of what is no stream',
    text: edit('method: createOrder', 'channel: orders'),
    issue: '11: faults[0].when.channel: only a stream has channels',
  },
  {
    name: 'a disk error without its length',
    text: edit('lose: { part: response }', 'disk: { error: ENOSPC }'),
    issue: '12: faults[0].inject.disk.for: missing; ENOSPC says how long',
  },
  {
    name: 'a clock that does not change',
    text: edit('lose: { part: response }', 'clock: {}'),
    issue: '12: faults[0].inject.clock: changes nothing: give jump or driftPpm',
  },
  {
    name: 'alerts with a method of a venue',
    text: edit('leg: perp', 'venue: alerts'),
    issue: '11: faults[0].when.method: method belongs to calls of a venue; alerts has at and nth',
  },
  {
    name: 'an action that cannot happen to alerts',
    text: edit('leg: perp\n      method: createOrder', 'venue: alerts').replace('lose: { part: response }', 'ban: { for: 3s }'),
    issue: '11: faults[0].inject: only outage and lose happen to alerts',
  },
  {
    name: 'a need that nobody can have',
    text: edit('kind: Scenario', 'kind: Scenario\nneeds: jurnal'),
    issue: '3: needs: expected one of journal, step or a list, found "jurnal" | did you mean "journal"?',
  },
  {
    name: 'an action that the method cannot have',
    text: edit('createOrder', 'fetchBalance').replace('lose: { part: response }', 'fill: { fraction: 0.5 }'),
    issue: '11: faults[0].when.method: fill can do nothing to fetchBalance | only a new order is executed: it happens to createOrder only',
  },
  {
    name: 'an old answer to a write',
    text: edit('lose: { part: response }', 'stale: { by: 3s }'),
    issue: '11: faults[0].when.method: stale can do nothing to createOrder | a write is answered by what it did, not by a cache',
  },
  {
    name: 'a position that Upbit cannot have',
    text: edit('leg: perp\n      method: createOrder', 'leg: spot\n      method: fetchPositions'),
    issue: '11: faults[0].when.method: lose can do nothing to fetchPositions | ccxt.upbit has no fetchPositions: nothing is sent',
  },
  {
    name: 'a read that arrives twice',
    text: edit('method: createOrder', 'method: fetchOrder').replace('lose: { part: response }', 'duplicate: { part: request, after: 1s }'),
    issue:
      '11: faults[0].when.method: duplicate can do nothing to fetchOrder | a read that arrives twice changes nothing, at the venue or at the client',
  },
  {
    name: 'another order in an answer without orders',
    text: edit('method: createOrder', 'method: fetchBalance').replace('lose: { part: response }', 'garble: { mode: other-order }'),
    issue:
      '11: faults[0].when.method: garble can do nothing to fetchBalance | fetchBalance answers with no single order; garble createOrder, cancelOrder or fetchOrder',
  },
  {
    name: 'a dropped field in a mode that drops none',
    text: edit('lose: { part: response }', 'garble: { mode: empty-body, field: uuid }'),
    issue: '12: faults[0].inject.garble.field: only missing-field drops a field, the mode is empty-body',
  },
  {
    name: 'an answer older than what is remembered',
    text: edit('method: createOrder', 'method: fetchOrder').replace('lose: { part: response }', 'stale: { by: 25h }'),
    issue: '12: faults[0].inject.stale.by: states are remembered for 24 h, found 25h',
  },
  {
    name: 'a part of a call that carries one order',
    text: edit('lose: { part: response }', 'reject: { http: 400, items: first }'),
    issue:
      '12: faults[0].inject.reject.items: no call of the executor carries several orders, so none can be refused in part | refuse one of the calls with nth',
  },
  {
    name: 'a link that loses nothing',
    text: edit('leg: perp\n      method: createOrder', 'at: 3s').replace(
      'lose: { part: response }',
      'link: { gilbertElliott: { p: 0.1, r: 0.5, lossBad: 0 } }',
    ),
    issue: '11: faults[0].inject.link.gilbertElliott: loses nothing: give lossGood or lossBad',
  },
  {
    name: 'a state that does not exist',
    text: edit('method: createOrder', 'method: createOrder\n      state: [{ path: binance.postion, op: lt, value: "0" }]'),
    issue: '12: faults[0].when.state[0].path: there is no such state: "binance.postion" | did you mean "binance.position"?',
  },
  {
    name: 'a word compared by size',
    text: edit('method: createOrder', 'method: createOrder\n      state: [{ path: binance.positionMode, op: lt, value: hedge }]'),
    issue: '12: faults[0].when.state[0].op: binance.positionMode is a word; compare it with eq, ne or in, found lt',
  },
  {
    name: 'a list for a single value',
    text: edit('method: createOrder', 'method: createOrder\n      state: [{ path: delta, op: eq, value: ["0"] }]'),
    issue: '12: faults[0].when.state[0].value: eq takes one value, not a list',
  },
  {
    name: 'a call to the USD/KRW quote',
    text: edit('leg: perp', 'venue: fx'),
    issue: '10: faults[0].when.venue: no call goes to fx: the USD/KRW quote is not asked for | say when with at or calendar',
  },
  {
    name: 'an outage of the USD/KRW quote',
    text: edit('leg: perp\n      method: createOrder', 'venue: fx\n      at: 3s').replace(
      'lose: { part: response }',
      'outage: { for: 3s, as: timeout }',
    ),
    issue:
      '10: faults[0].when.venue: outage happens to a venue; fx is the USD/KRW quote | freeze it with market: { halt: true } or move it with market: { gapBp: ... }',
  },
  {
    name: 'rules of nobody',
    text: edit('leg: perp\n      method: createOrder', 'at: 3s').replace('lose: { part: response }', 'account: { rules: { minNotional: "200" } }'),
    issue: '10: faults[0].when.venue: whose rules? name a venue',
  },
  {
    name: 'a rule that does not exist',
    text: edit('leg: perp\n      method: createOrder', 'venue: binance\n      at: 3s').replace(
      'lose: { part: response }',
      'account: { rules: { minNotinal: "200" } }',
    ),
    issue: '12: faults[0].inject.account.rules.minNotinal: unknown key | did you mean "minNotional"?',
  },
  {
    name: 'samples in order inside a mixture',
    text: edit(
      'lose: { part: response }',
      'delay: { part: response, by: { mixture: [{ w: 1, d: 1s }, { w: 1, d: { empirical: { samples: [1], mode: sequential } } }] } }',
    ),
    issue:
      '12: faults[0].inject.delay.by.mixture[1].d.empirical.mode: a part of a mixture is drawn at random, so its samples have no order | use bootstrap',
  },
  {
    name: 'a leg on another venue',
    text: edit('leg: perp', 'leg: perp\n      venue: upbit'),
    issue: '10: faults[0].when.leg: the perp leg is on binance, and venue says upbit: nothing can match',
  },
  {
    name: 'an anchor on a fault that is not there',
    text: edit('method: createOrder', 'from: { event: fault.fired, fault: lose-anser }'),
    issue: '11: faults[0].when.from.fault: no fault has the id "lose-anser" | did you mean "lose-answer"?',
  },
  {
    name: 'an anchor on an unknown event',
    text: edit('method: createOrder', 'from: { event: order.fill }'),
    issue:
      '11: faults[0].when.from.event: expected one of flow.start, intent.written, order.sent, order.accepted, order.filled, order.partiallyFilled, leg.done, rollback.start, process.restart, fault.fired, found "order.fill" | did you mean "order.filled"?',
  },
  {
    name: 'an instant without a zone',
    text: edit('method: createOrder', 'from: "2025-01-03T06:26:00"'),
    issue:
      '11: faults[0].when.from: expected a duration after the start (10s), an instant with its zone (2025-01-03 06:26 KST) or an anchor ({ event: ... }), found "2025-01-03T06:26:00"',
  },
  {
    name: 'a day that does not exist',
    text: edit('method: createOrder', 'from: 2025-02-30T06:26:00Z'),
    issue: '11: faults[0].when.from: there is no such instant: "2025-02-30T06:26:00Z"',
  },
  {
    name: 'an unknown mark',
    text: edit('outcome: hedged', 'outcome: hedged\n  sometimes: [rollback.strat]'),
    issue: '15: expect.sometimes[0]: no such mark: "rollback.strat" | did you mean "rollback.start"?',
  },
  {
    name: 'a violation that is hoped for',
    text: edit('outcome: hedged', 'outcome: hedged\n  sometimes: [fill.counted-twice]'),
    issue: '15: expect.sometimes[0]: "fill.counted-twice" is a violation; it can only be under never',
  },
  {
    name: 'an unknown alert',
    text: edit('outcome: hedged', 'outcome: hedged\n  alerts: [UNHEDGED_EXPOSURES]'),
    issue: '15: expect.alerts[0]: no such alert: "UNHEDGED_EXPOSURES" | did you mean "UNHEDGED_EXPOSURE"?',
  },
  {
    name: 'an error class that ccxt does not have',
    text: edit('lose: { part: response }', 'reject: { error: InsufficientFund }'),
    issue: '12: faults[0].inject.reject.error: ccxt has no error class "InsufficientFund" | did you mean "InsufficientFunds"?',
  },
  {
    name: 'p99 below p50',
    text: edit('lose: { part: response }', 'delay: { part: response, by: { lognormal: { p50: 3s, p99: 1s } } }'),
    issue: '12: faults[0].inject.delay.by.lognormal.p99: p99 is at least p50 (3s), found 1s',
  },
  {
    name: 'a misspelt policy word',
    text: edit('flow:', 'executor: { policy: { orderStlye: market } }\nflow:'),
    issue: '6: executor.policy.orderStlye: unknown key | did you mean "orderStyle"?',
  },
  {
    name: 'two leg orders in one run',
    text: edit('"0.05" }', '"0.05", order: spot-first }, { do: enter, qty: "0.05", order: perp-first }'),
    issue: '6: flow[1].order: one run has one leg order; it is spot-first already',
  },
  {
    name: 'an exit without an entry',
    text: edit('{ do: enter, qty: "0.05" }', '{ do: exit }'),
    issue: '6: flow[0]: there is nothing to exit: no enter stands before it',
  },
  {
    name: 'bounds of a run around a single flow',
    text: edit('outcome: hedged', 'outcome: hedged\n  run: { flowsMin: 2 }'),
    issue: '15: expect.run.flowsMin: bounds of a whole run go with do: trade | a single flow has budget',
  },
  {
    name: 'an outage that does not say how long',
    text: edit('leg: perp\n      method: createOrder', 'at: 3s').replace('lose: { part: response }', 'outage: { as: timeout }'),
    issue: '11: faults[0].inject.outage.for: missing; only a calendar says how long by itself',
  },
  {
    name: "a position's event on the spot venue",
    text: edit('leg: perp\n      method: createOrder', 'at: 3s\n      venue: upbit').replace('lose: { part: response }', 'account: { adl: 1 }'),
    issue: '11: faults[0].when.venue: only binance has positions, leverage and funding',
  },
  {
    name: 'a key of nobody',
    text: edit('leg: perp\n      method: createOrder', 'at: 3s').replace('lose: { part: response }', 'account: { key: revoked }'),
    issue: '10: faults[0].when.venue: whose key? name a venue',
  },
  {
    name: 'a balance of nobody',
    text: edit('leg: perp\n      method: createOrder', 'at: 3s').replace('lose: { part: response }', 'account: { balance: { KRW: "0" } }'),
    issue: '10: faults[0].when.venue: whose balance? name one venue',
  },
  {
    name: 'a group of one',
    text: edit('    when:', '    group: both\n    when:'),
    issue: '9: faults[0].group: "both" has one fault; a group is several that fire as one cause',
  },
  {
    name: 'a parameter that is not there',
    text: edit('"0.05"', '"${qyt}"').replace('flow:', 'params: { qty: "0.05" }\nflow:'),
    issue: '7: flow[0].qty: no parameter "qyt" | did you mean "qty"?',
  },
  {
    name: 'a fragment that is not there',
    text: edit('#plain', '#plian'),
    issue: '5: include[0]: lib.yaml has no fragment "plian" | did you mean "plain"?',
  },
  { name: 'an unknown kind', text: edit('kind: Scenario', 'kind: Scenaro'), issue: '2: kind: no such kind: "Scenaro" | did you mean "Scenario"?' },
])('a file with $name: one problem with line, key and hint', async ({ text, issue }) => {
  const found = await problems(text);
  expect(found).toEqual([issue.replace('lib.yaml has', `${join(folder, 'lib.yaml')} has`)]);
  await expect(load(text)).rejects.toBeInstanceOf(InputError);
});

test.each([{ word: 'Exploration', text: edit('kind: Scenario', 'kind: Exploration') }])(
  'a word of the language that is not built, $word: is refused as such, once',
  async ({ word, text }) => {
    const found = await problems(text);
    expect(found.filter((each) => each.includes('not built yet'))).toHaveLength(1);
    expect(found.join('\n')).toContain(`"${word}" is not built yet`);
    await expect(load(text)).rejects.toThrow(/:\d+:\d+: .*not built yet/s);
  },
);

test.each([
  { step: 'journal.append(intnt).before', problem: 'the journal has no event "intnt"', hint: 'did you mean "intent"?' },
  { step: 'journal.append(intent).sent', problem: '"sent" is no moment of journal.append', hint: 'expected' },
  { step: 'binance.createOrdr.sent', problem: 'no such step: "binance.createOrdr"', hint: 'did you mean "binance.createOrder"?' },
  { step: 'journal.append', problem: '"journal.append" names no step', hint: 'expected' },
])('step "$step": is refused by line, with what was meant', async ({ step, problem, hint }) => {
  const found = await problems(edit('leg: perp', `step: "${step}"`));
  expect(found.join('\n')).toContain(problem);
  expect(found.join('\n')).toContain(hint);
});

test('words about the process, its disk, streams and alerts: come out as actions of one moment', async () => {
  const actionOf = async (when: string, inject: string) => {
    const text = edit('leg: perp\n      method: createOrder', when).replace('lose: { part: response }', inject);
    const [rule] = (await load(text)).faults;
    return rule?.inject.kind === 'instant' ? rule.inject.action : undefined;
  };
  expect(await actionOf('at: 3s', 'crash: { restartAfter: 1s, unsynced: torn }')).toMatchObject({ kind: 'crash', unsynced: 'torn' });
  expect(await actionOf('at: 3s', 'stall: { for: 2s }')).toEqual({ kind: 'stall', forMs: 2_000 });
  expect(await actionOf('at: 3s', 'clock: { jump: -1h }')).toEqual({ kind: 'clock', jumpMs: -3_600_000, driftPpm: undefined });
  expect(await actionOf('at: 3s', 'twin: { startAfter: 5s }')).toEqual({ kind: 'twin', startAfterMs: 5_000 });
  expect(await actionOf('method: createOrder', 'disk: { error: EIO, for: forever }')).toEqual({ kind: 'disk', error: 'EIO', for: 'forever' });
  expect(await actionOf('channel: [orders, book]\n      at: 3s', 'stream: { action: gap, count: 2 }')).toMatchObject({
    kind: 'stream',
    count: 2,
    channels: ['orders', 'book'],
  });
  expect(await actionOf('venue: alerts\n      nth: 2', 'lose: { part: response, as: reset }')).toMatchObject({
    kind: 'alarm',
    as: 'error',
    delivers: true,
    times: 1,
  });
  expect(await actionOf('venue: alerts', 'outage: { for: 3s, as: timeout }')).toMatchObject({
    kind: 'alarm',
    as: 'timeout',
    for: 3_000,
    times: undefined,
  });
});

test('a recorded book: is refused as not built', async () => {
  const text = edit('flow:', 'world: { venues: { upbit: { book: l2.jsonl } } }\nflow:');
  expect(await problems(text)).toEqual(['6: world.venues.upbit.book: a recorded book is not built yet']);
});

test('several problems: lint tells all of them in the order of lines, load the first and how many more', async () => {
  const text = edit('leg: perp', 'purpsoe: open').replace('within: 30s', 'within: soon').replace('part: response', 'part: answer');
  expect((await problems(text)).map((each) => each.split(':')[0])).toEqual(['10', '12', '15']);
  await expect(load(text)).rejects.toThrow(/purpsoe.*2 more: hedgedrill scenario lint/s);
});

test('a slip in one fault: does not hide what is wrong with another', async () => {
  const second = `  - id: second\n    when: { at: 3s }\n    inject: { lose: { part: response } }\nexpect:`;
  const found = await problems(edit('leg: perp', 'purpsoe: open').replace('expect:', second));
  expect(found).toHaveLength(2);
  expect(found[1]).toContain('faults[1].when: lose happens to a call');
});

test('YAML that cannot be read: names the place', async () => {
  expect(await problems(edit('flow: [', 'flow: [['))).not.toEqual([]);
  await expect(load(`${SOUND}id: twice\n`)).rejects.toThrow(/case-\d+\.yaml:16:1: not valid YAML/);
  await expect(load(`${SOUND}---\n${SOUND}`)).rejects.toThrow(/a file of its own/);
});

test('a file that is not there: names its nearest neighbour', async () => {
  await expect(loadScenario(join(folder, 'libb.yaml'), { scenariosDir: folder })).rejects.toThrow(/no file .*libb\.yaml\n.*"lib\.yaml"/);
});

describe('overlaps', () => {
  const twin = (when: string, inject: string): string => edit('expect:', `  - id: second\n    when: ${when}\n    inject: ${inject}\nexpect:`);

  test('two faults with one matcher at one stage: are refused with both places', async () => {
    const found = await problems(twin('{ method: createOrder, leg: perp }', '{ delay: { part: response, by: 1s } }'));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^14: faults\[1\]\.when: "second" and "lose-answer" \(.*:8\) match the same calls at the same stage/);
  });

  test.each([
    { name: 'at another stage', when: '{ method: createOrder, leg: perp }', inject: '{ lose: { part: request } }' },
    { name: 'with a narrower matcher', when: '{ method: createOrder, leg: perp, nth: 2 }', inject: '{ delay: { part: response, by: 1s } }' },
    { name: 'by chance', when: '{ method: createOrder, leg: perp, probability: 0.5 }', inject: '{ delay: { part: response, by: 1s } }' },
  ])('two faults $name: both load', async ({ when, inject }) => {
    expect((await load(twin(when, inject))).faults).toHaveLength(2);
  });

  test('an id used twice: is refused with the first place', async () => {
    const found = await problems(edit('expect:', '  - id: lose-answer\n    when: { leg: spot }\n    inject: { lose: { part: response } }\nexpect:'));
    expect(found[0]).toMatch(/^13: faults\[1\]\.id: the id "lose-answer" is taken \(.*:8\)/);
  });
});

describe('includes', () => {
  test('maps are merged key by key, later ones win, distributions are replaced whole and faults are appended', async () => {
    write({
      'merge.yaml': `apiVersion: scenario/v1
kind: Library
fragments:
  base:
    include: [lib.yaml#plain]
    clock: { maxVirtual: 1h, quietPeriod: 5s }
    world: { venues: { upbit: { latency: { lognormal: { p50: 40ms, p99: 90ms } } } } }
    faults: [{ id: base-fault, when: { leg: spot }, inject: { lose: { part: request } } }]
  slow:
    clock: { quietPeriod: 9s }
    world: { venues: { upbit: { latency: { uniform: [1s, 2s] } } } }
    faults: [{ id: slow-fault, when: { leg: spot }, inject: { lose: { part: response } } }]
`,
    });
    const scenario = await load(edit('lib.yaml#plain', 'merge.yaml#base, merge.yaml#slow'));
    expect(scenario.faults.map(({ id }) => id)).toEqual(['base-fault', 'slow-fault', 'lose-answer']);
    expect(scenario.clock).toMatchObject({ maxVirtualMs: 3_600_000, quietPeriodMs: 9_000 });
    // Half of the round trip each way.
    expect(scenario.world.venues.upbit.latency).toEqual({
      request: { '*': { kind: 'uniform', fromMs: 500, toMs: 1_000 } },
      response: { '*': { kind: 'uniform', fromMs: 500, toMs: 1_000 } },
    });
    expect(scenario.world.venues.upbit.balances).toEqual({ KRW: '100000000' });
  });

  test('a circle: is refused with its way round', async () => {
    write({
      'ring.yaml': `apiVersion: scenario/v1\nkind: Library\nfragments:\n  aa: { include: [ring.yaml#bb] }\n  bb: { include: [ring.yaml#aa] }\n`,
    });
    await expect(load(edit('lib.yaml#plain', 'lib.yaml#plain, ring.yaml#aa'))).rejects.toThrow(
      /ring\.yaml:5:\d+: .*circle: .* -> ring\.yaml#aa -> ring\.yaml#bb -> ring\.yaml#aa/,
    );
  });

  test('a slip inside a library: is told with the file and line of the library', async () => {
    write({ 'slip.yaml': LIBRARY.replace('usdKrw', 'usdKwr') });
    await expect(load(edit('lib.yaml', 'slip.yaml'))).rejects.toThrow(
      /slip\.yaml:6:7: fragments\.plain\.world\.usdKwr: unknown key\n.*did you mean "usdKrw"/s,
    );
  });

  test('a scenario as an include: is refused', async () => {
    write({ 'other.yaml': SOUND });
    await expect(load(edit('lib.yaml#plain', 'other.yaml#plain'))).rejects.toThrow(/only a Library can be included, found "Scenario"/);
  });

  test('a fault of a library that clashes: names both files', async () => {
    write({
      'clash.yaml': `apiVersion: scenario/v1\nkind: Library\nfragments:\n  aa:\n    faults:\n      - { id: lose-answer, when: { leg: spot }, inject: { lose: { part: request } } }\n`,
    });
    await expect(load(edit('lib.yaml#plain', 'lib.yaml#plain, clash.yaml#aa'))).rejects.toThrow(/case-\d+\.yaml:8:\d+: .*taken \(.*clash\.yaml:6\)/);
  });

  test('a world without what a drill needs: is refused', async () => {
    const found = await problems(edit('include: [lib.yaml#plain]\n', ''));
    expect(found).toEqual(['1: world: missing; venues need balances, latency and books | include lib/venues.yaml#calm or give it']);
    const partial = await problems(edit('include: [lib.yaml#plain]', 'world: { usdKrw: "1450", venues: { upbit: { latency: 1ms } } }'));
    expect(partial.map((each) => each.split(':')[1]?.trim())).toEqual([
      'world.venues.binance.book',
      'world.venues.binance.balances',
      'world.venues.binance.latency',
      'world.venues.upbit.book',
      'world.venues.upbit.balances',
    ]);
  });
});

describe('parameters', () => {
  const text = edit('"0.05"', '"${qty}"')
    .replace('flow:', 'params: { qty: "0.05", fraction: 0.4 }\nflow:')
    .replace('lose: { part: response }', 'fill: { fraction: "${fraction}" }');

  test('a whole value keeps its type, and the command line wins', async () => {
    const scenario = await load(text, { qty: '0.1', fraction: '0.25' });
    expect(scenario.flow).toMatchObject([{ quantity: parseFixed('0.1') }]);
    expect(scenario.faults).toMatchObject([{ inject: { action: { fraction: 0.25 } } }]);
    expect(scenario.text).not.toContain('${');
  });

  test('one that the file does not have: is refused with a suggestion', async () => {
    await expect(load(text, { qyt: '0.1' })).rejects.toThrow(/--param qyt: .* has no parameter "qyt"\n.*did you mean "qty"/);
  });

  test('one of the wrong kind: is refused where it stands', async () => {
    await expect(load(text, { qty: 'much' })).rejects.toThrow(/case-\d+\.yaml:7:\d+: flow\[0\]\.qty: expected a decimal/);
  });
});

describe('files', () => {
  const calendar = (spec: string, when = 'venue: upbit'): string =>
    edit('leg: perp\n      method: createOrder', `${when}\n      calendar: ${spec}`).replace(
      'lose: { part: response }',
      'outage: { as: maintenance }',
    );
  /** A run that begins so that windows of that date lie inside it. */
  const from = (start: string, text: string): string => text.replace('flow:', `clock: { start: "${start}" }\nflow:`);

  test('an outage calendar in milliseconds: gives its windows, unlimited', async () => {
    write({ 'gaps.csv': 'start,end,missing_hours\n1507190400000,1507197600000,2\n1507348800000,1507352400000,1\n' });
    const { faults } = await load(from('2017-10-05T07:50:00Z', calendar('{ file: gaps.csv }')));
    expect(faults).toMatchObject([
      {
        limit: { times: undefined },
        when: {
          kind: 'calendar',
          venues: ['upbit'],
          windows: [
            { from: 1_507_190_400_000, until: 1_507_197_600_000 },
            { from: 1_507_348_800_000, until: 1_507_352_400_000 },
          ],
        },
      },
    ]);
  });

  test("an outage calendar with venues, in Korean time and shifted: gives one venue's windows", async () => {
    write({
      'named.csv': 'venue,start,end\nupbit,2025-01-03T06:26:00+09:00,2025-01-03 08:37 KST\nbinance,2025-08-29T06:35:00Z,2025-08-29T07:00:00Z\n',
    });
    const { faults } = await load(from('2025-01-01T21:20:00Z', calendar('{ file: named.csv, shift: -1d }')));
    const start = Date.parse('2025-01-01T21:26:00Z');
    expect(faults).toMatchObject([{ when: { windows: [{ from: start, until: start + 131 * 60_000 }] } }]);
  });

  test.each([
    {
      name: 'a row that ends before it starts',
      csv: 'start,end\n1507190400000,1507190400000\n',
      problem: /bad\.csv:2:end: a window ends after it starts/,
    },
    {
      name: 'a cell that is no time',
      csv: 'start,end\n1507190400000,1507197600000\nsoon,1507197600000\n',
      problem: /bad\.csv:3:start: expected milliseconds.*found "soon"/,
    },
    { name: 'no start column', csv: 'begin,end\n1,2\n', problem: /bad\.csv:2:start: .*the column is missing/ },
    { name: 'no rows', csv: 'start,end\n', problem: /bad\.csv: .*at least one row/ },
  ])('a calendar with $name: is refused with its line', async ({ csv, problem }) => {
    write({ 'bad.csv': csv });
    await expect(load(calendar('{ file: bad.csv }'))).rejects.toThrow(problem);
  });

  test('a calendar of named venues on both venues: is refused', async () => {
    write({ 'both.csv': 'venue,start,end\nupbit,1507190400000,1507197600000\n' });
    await expect(
      load(calendar('{ file: both.csv }', 'calendar: { file: both.csv }').replace(/calendar: .*\n\s+calendar/, 'calendar')),
    ).rejects.toThrow(/names venues; say with when.venue/);
  });

  test('measured latencies: are read from their file, its header left out', async () => {
    write({ 'ms.csv': 'latency_ms,count\n12,3\n14,1\n900,1\n' });
    const { faults } = await load(edit('lose: { part: response }', 'delay: { part: request, by: { empirical: { file: ms.csv } } }'));
    expect(faults).toMatchObject([{ inject: { action: { by: { kind: 'empirical', samplesMs: [12, 14, 900] } } } }]);
  });

  test('a file that is not there: is named where it is asked for', async () => {
    await expect(load(calendar('{ file: gaps2.csv }'))).rejects.toThrow(/case-\d+\.yaml:11:\d+: faults\[0\]\.when\.calendar\.file: there is no file/);
  });

  test('a slip in the library of latencies: leaves the resolved text loading by itself', async () => {
    write({ 'ms.csv': '12\n14\n', 'gaps.csv': 'start,end\n1507190400000,1507197600000\n' });
    const first = await load(calendar('{ file: gaps.csv, fold: 3d }'));
    expect(first.text).not.toContain('gaps.csv');
    const again = await load(first.text);
    expect({ ...again, file: first.file, faults: bare(again) }).toEqual({ ...first, faults: bare(first) });
    expect(again.text).toBe(first.text);
  });
});

/** Faults without where they were written. */
const bare = ({ faults }: ResolvedScenario): unknown => faults.map((fault) => ({ ...fault, place: undefined }));

test('latency by direction and method: each has its own distribution', async () => {
  const latency = '{ request: 20ms, response: 30ms, methods: { createOrder: { request: 90ms }, fetchOrder: 10ms } }';
  const scenario = await load(edit('flow:', `world: { venues: { upbit: { latency: ${latency} } } }\nflow:`));
  const fixed = (ms: number): object => ({ kind: 'fixed', ms });
  expect(scenario.world.venues.upbit.latency).toEqual({
    request: { '*': fixed(20), createOrder: fixed(90), fetchOrder: fixed(5) },
    response: { '*': fixed(30), fetchOrder: fixed(5) },
  });
});

test('a flow of all steps: comes out in order with its anchors', async () => {
  const flow = `flow:
  - { do: enter, qty: "0.05", order: perp-first, ends: [hedged, locked] }
  - { do: hold, for: 10m }
  - { do: kill-switch, at: { event: order.sent, leg: spot, plus: 5ms } }
  - { do: unlock, at: 2025-03-03 10:30 KST }
  - { do: restart, at: 20m }
  - { do: exit, ends: flat }
`;
  const scenario = await load(edit('flow: [{ do: enter, qty: "0.05" }]\n', flow));
  expect(scenario.flow).toEqual([
    { do: 'enter', quantity: parseFixed('0.05'), at: undefined, ends: ['hedged', 'locked'] },
    { do: 'hold', forMs: 600_000 },
    {
      do: 'kill-switch',
      level: 'opening',
      at: { kind: 'anchor', anchor: { event: 'order.sent', leg: 'spot', fault: undefined, flow: undefined, plusMs: 5 } },
    },
    { do: 'unlock', at: { kind: 'instant', at: Date.parse('2025-03-03T01:30:00Z') } },
    { do: 'restart', at: { kind: 'offset', ms: 1_200_000 } },
    { do: 'exit', at: undefined, ends: ['flat'] },
  ]);
  expect(scenario.executor.policy).toEqual({ legs: 'perp-first' });
});

describe('trading runs', () => {
  const trade = edit('flow: [{ do: enter, qty: "0.05" }]', 'flow: [{ do: trade }]').replace(
    'within: 30s',
    'within: 30s\n  run: { flowsMin: 3, nakedKrwSecondsMax: "1000000" }',
  );

  test('a strategy over data: has no constant book, even where its library has one', async () => {
    const scenario = await load(trade);
    expect([scenario.trades, scenario.world.books]).toEqual([true, undefined]);
    expect(scenario.expect.run).toMatchObject({ flowsMin: 3, nakedKrwSecondsMax: parseFixed('1000000') });
  });

  test('a book of its own: is refused', async () => {
    const text = trade.replace('flow:', 'world: { venues: { upbit: { book: { mid: "1", spreadBp: 1, depth: "1" } } } }\nflow:');
    await expect(load(text)).rejects.toThrow(/takes its market from the data; leave the book out/);
  });

  test('trade beside enter: is refused', async () => {
    await expect(load(trade.replace('{ do: trade }', '{ do: trade }, { do: enter, qty: "1" }'))).rejects.toThrow(/enter does not go with trade/);
  });
});

test('seeds from a start: are as many as asked for', async () => {
  expect((await load(edit('flow:', 'seeds: { from: 100, count: 3 }\nflow:'))).seeds).toEqual([100, 101, 102]);
});

test('a list of scenarios: names scenarios only, by file', async () => {
  const dir = join(folder, 'listing');
  write({
    'listing/b.yaml': SOUND,
    'listing/lib/a.yaml': LIBRARY,
    'listing/a.yaml': SOUND.replace('id: sound', 'id: other\ntags: [x]'),
    'listing/c.txt': '',
  });
  expect(await listScenarios(dir)).toEqual([
    { file: 'a.yaml', id: 'other', title: 'A sound scenario', tags: ['x'], trades: false },
    { file: 'b.yaml', id: 'sound', title: 'A sound scenario', tags: [], trades: false },
  ]);
  await expect(listScenarios(join(folder, 'nowhere'))).rejects.toThrow(/no scenarios folder/);
});
