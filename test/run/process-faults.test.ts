import { beforeAll, describe, expect, test } from 'vitest';
import { epochMs } from '../../src/core/units.js';
import { createReferenceExecutor } from '../../src/executor/reference-executor.js';
import { loadScenario } from '../../src/faults/load-scenario.js';
import type { ResolvedScenario } from '../../src/faults/resolved-scenario.js';
import { AlarmChannel } from '../../src/run/alarm-channel.js';
import { drill, drillWithControl } from '../../src/run/drill.js';
import { executorNamed, type NamedExecutor } from '../../src/run/executors.js';
import { scenariosDir } from '../../src/run/package-paths.js';
import { RecordingNotifier } from '../../src/run/recording-notifier.js';

const load = (id: string): Promise<ResolvedScenario> => loadScenario(`${scenariosDir()}/families/${id}.yaml`, { scenariosDir: scenariosDir() });
const reference: NamedExecutor = { name: 'reference', factory: createReferenceExecutor };
let naive: NamedExecutor;
beforeAll(async () => {
  naive = await executorNamed('naive');
});

describe('a second instance', () => {
  test('that finds the lease taken: sends nothing at all', async () => {
    const run = await drill({ scenario: await load('p8-twin-refused'), executor: reference, seed: '1', withFaults: true });
    const lives = new Set(run.tape.events.flatMap((event) => (event.type === 'request' ? [event.point.split('/')[0]] : [])));
    expect(lives).toEqual(new Set(['e0']));
    expect(run.tape.events.some((event) => event.type === 'process' && event.event === 'refused')).toBe(true);
  });

  test('that takes over from one that stands still: the old one sends no request once it wakes up, the new one ends its flow', async () => {
    const run = await drill({ scenario: await load('p8-zombie-wakes'), executor: reference, seed: '1', withFaults: true });
    const takeover = run.tape.events.find((event) => event.type === 'process' && event.event === 'takeover');
    const after = run.tape.events.flatMap((event) => (event.type === 'request' && event.t > (takeover?.t ?? Infinity) ? [event] : []));
    expect(after.length).toBeGreaterThan(10);
    expect(after.filter(({ point }) => point.startsWith('e0/'))).toEqual([]);
    expect(run.findings.filter(({ verdict }) => verdict === 'broken')).toEqual([]);
  });

  test('of an executor that asks for no lease: both enter, and the drill catches it', async () => {
    const verdict = await drillWithControl({ scenario: await load('p8-twin-refused'), executor: naive, seed: '1' });
    expect(verdict.control).toBe('passed');
    expect(verdict.broken.map(({ key }) => key)).toEqual(expect.arrayContaining(['final.spot', 'final.perp', 'budget.orders']));
  });
});

describe('what a scenario needs', () => {
  test('an executor without a journal: is neither passed nor failed by a fault of the disk', async () => {
    const verdict = await drillWithControl({ scenario: await load('p5-disk-gone'), executor: naive, seed: '1' });
    expect(verdict.notJudged).toBe('needs journal');
  });

  test('an executor that has one: is judged', async () => {
    const verdict = await drillWithControl({ scenario: await load('p5-disk-gone'), executor: reference, seed: '1' });
    expect([verdict.notJudged, verdict.isPassed]).toEqual([undefined, true]);
  });
});

test('a wall clock that jumps during a flow: every request is signed with it, and Binance refuses what Upbit takes', async () => {
  const run = await drill({ scenario: await load('p6-clock-jump-ahead'), executor: reference, seed: '1', withFaults: true });
  const venueOf = new Map(run.tape.events.flatMap((event) => (event.type === 'request' ? [[event.request, event.venue] as const] : [])));
  const refused = run.tape.events.flatMap((event) => (event.type === 'answer' && event.code === '-1021' ? [venueOf.get(event.request)] : []));
  expect(new Set(refused)).toEqual(new Set(['binance']));
});

describe('a journal that fails while an executor works', () => {
  test.each(['p5-disk-full-in-rollback', 'p5-eio', 'p5-sqlite-busy'])(
    '%s: every order has an intent that was durable before it left, and belief is whole again',
    async (id) => {
      const run = await drill({ scenario: await load(id), executor: reference, seed: '1', withFaults: true });
      const intents = new Map(run.journal.flatMap(({ event }) => (event.type === 'intent' ? [[event.clientOrderId, event.t] as const] : [])));
      const sent = run.tape.events.flatMap((event) => (event.type === 'request' && event.method === 'createOrder' ? [event] : []));
      expect(sent.length).toBeGreaterThan(0);
      for (const { clientOrderId, t } of sent) expect(intents.get(clientOrderId ?? '') ?? Infinity).toBeLessThanOrEqual(t);
      const settled = new Set(run.journal.flatMap(({ event }) => (event.type === 'order.settled' ? [event.clientOrderId] : [])));
      expect([...intents.keys()].filter((intent) => !settled.has(intent))).toEqual([]);
      const open = run.journal.filter(({ event }) => event.type === 'flow.started').length;
      expect(new Set(run.journal.flatMap(({ event }) => (event.type === 'flow.ended' ? [event.flow] : []))).size).toBeLessThanOrEqual(open);
    },
  );
});

describe('alarm channel', () => {
  const message = { severity: 'critical', code: 'HALTED', text: '', at: epochMs(0) } as const;
  const bench = () => {
    const people = new RecordingNotifier(() => epochMs(0));
    const met: string[] = [];
    let now = 0;
    const channel = new AlarmChannel({ people, now: () => now, met: (fault) => void met.push(fault) });
    return { people, met, channel, at: (ms: number) => (now = ms) };
  };

  test('outage with errors: rejects while it lasts, tells people again afterwards', async () => {
    const { people, met, channel, at } = bench();
    channel.strike('down', { kind: 'alarm', as: 'error', delivers: false, for: 1_000 as never, nth: undefined, times: undefined });
    await expect(channel.notify(message)).rejects.toThrow('503');
    at(1_000);
    await channel.notify(message);
    expect([people.messages.length, met]).toEqual([1, ['down']]);
  });

  test('the second message is lost on its way back: it was told, and its sender does not know', async () => {
    const { people, channel } = bench();
    channel.strike('lost', { kind: 'alarm', as: 'error', delivers: true, for: 'forever', nth: { kind: 'list', values: [2] }, times: 1 });
    await channel.notify(message);
    await expect(channel.notify(message)).rejects.toThrow('503');
    await channel.notify(message);
    expect(people.messages).toHaveLength(3);
  });
});
