import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/executor/reference-executor.js';
import type { CallAction } from '../../src/faults/fault-action.js';
import { stageOf, type FaultRule } from '../../src/faults/fault-rule.js';
import { loadScenario } from '../../src/faults/load-scenario.js';
import type { ResolvedScenario } from '../../src/faults/resolved-scenario.js';
import { drill } from '../../src/run/drill.js';
import type { SimulatedRun } from '../../src/run/simulated-run.js';

/** What may go wrong once with a call; reads cannot be filled or refused for funds. */
const KINDS: readonly { readonly name: string; readonly on: 'every' | 'create' | 'read'; readonly action: CallAction }[] = [
  { name: 'request lost', on: 'every', action: { kind: 'lose', part: 'request', as: 'timeout' } },
  { name: 'request reset', on: 'every', action: { kind: 'lose', part: 'request', as: 'reset' } },
  { name: 'reply lost', on: 'every', action: { kind: 'lose', part: 'response', as: 'timeout' } },
  { name: 'reply reset', on: 'every', action: { kind: 'lose', part: 'response', as: 'reset' } },
  { name: 'reply 4 s late', on: 'every', action: { kind: 'delay', part: 'response', by: { kind: 'fixed', ms: 4_000 } } },
  { name: 'request 12 s late', on: 'every', action: { kind: 'delay', part: 'request', by: { kind: 'fixed', ms: 12_000 } } },
  { name: '503, not processed', on: 'every', action: { kind: 'reject', http: 503, processed: false } },
  { name: '503, processed', on: 'every', action: { kind: 'reject', http: 503, processed: true } },
  { name: '429', on: 'every', action: { kind: 'reject', http: 429, retryAfterMs: 1_000, processed: false } },
  { name: 'not found for 3 s', on: 'read', action: { kind: 'notFound', forMs: 3_000 } },
  { name: '40 % filled, then expired', on: 'create', action: { kind: 'fill', fraction: 0.4, pieces: 1, then: 'expire', slipBp: 0 } },
  { name: 'nothing filled, then expired', on: 'create', action: { kind: 'fill', fraction: 0, pieces: 1, then: 'expire', slipBp: 0 } },
  { name: 'stuck open for 5 s', on: 'create', action: { kind: 'stuck', state: 'open', for: 5_000 as never } },
];

const BASE = `apiVersion: scenario/v1
kind: Scenario
id: single-faults
title: An entry and an exit, one fault somewhere
include: [lib/venues.yaml#calm]
flow: [{ do: enter, qty: "0.05" }, { do: hold, for: 2m }, { do: exit }]
expect: { outcome: [hedged, flat], within: 5m }
`;

const executor = { name: 'reference', factory: createReferenceExecutor };
let dir = '';
let base: ResolvedScenario;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'hedgedrill-singles-'));
  const file = join(dir, 'single-faults.yaml');
  writeFileSync(file, BASE);
  base = await loadScenario(file, { scenariosDir: 'scenarios' });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function withFault(point: string, action: CallAction): ResolvedScenario {
  const rule: FaultRule = {
    id: 'single',
    when: { kind: 'call', match: { point, countPer: 'flow' } },
    inject: { kind: 'call', stage: stageOf(action), action },
    limit: { times: 1 },
    required: true,
  };
  return { ...base, faults: [rule] };
}

/** Ended hedged or flat as asked, nothing naked, nothing locked, nothing sent twice. */
function isWell({ facts, stopped }: SimulatedRun): boolean {
  return stopped === undefined && facts.spot === 0n && facts.perp === 0n && facts.openOrders === 0 && facts.entryLocked === false;
}

test('one transient fault at any call of an entry and an exit: at least 95 % end hedged or flat and unlocked, and no run ends naked in silence', async () => {
  const clean = await drill({ scenario: base, executor, seed: '1', withFaults: false });
  expect(clean.facts.flows.map(({ outcome }) => outcome)).toEqual(['hedged', 'flat']);
  const calls = clean.tape.events.flatMap((event) => (event.type === 'request' ? [{ point: event.point, method: event.method }] : []));
  const ill: string[] = [];
  const silent: string[] = [];
  let runs = 0;
  const outcomes = new Map<string, number>();
  for (const { point, method } of calls) {
    for (const { name, on, action } of KINDS) {
      if (on === 'create' && method !== 'createOrder') continue;
      if (on === 'read' && method !== 'fetchOrder') continue;
      const run = await drill({ scenario: withFault(point, action), executor, seed: '1', withFaults: true });
      runs += 1;
      expect(
        run.facts.tally.every(({ fired }) => fired > 0),
        `${point}: ${name} did not fire`,
      ).toBe(true);
      const end = run.facts.flows.map(({ outcome }) => outcome).join(', ');
      outcomes.set(end, (outcomes.get(end) ?? 0) + 1);
      if (isWell(run)) continue;
      ill.push(
        `${point}: ${name} -> ${run.facts.flows.map(({ outcome }) => outcome).join(', ')}${run.stopped === undefined ? '' : ` (${run.stopped})`}`,
      );
      const isNaked = run.facts.spot + run.facts.perp !== 0n;
      if (isNaked && run.facts.entryLocked !== true) silent.push(`${point}: ${name}`);
    }
  }
  expect(silent).toEqual([]);
  expect(runs).toBeGreaterThan(150);
  // Giving up is safe, but a fault that passes should not cost the trade.
  expect((outcomes.get('hedged, flat') ?? 0) / runs).toBeGreaterThanOrEqual(0.95);
  expect((runs - ill.length) / runs, ill.join('\n')).toBeGreaterThanOrEqual(0.95);
}, 240_000);
