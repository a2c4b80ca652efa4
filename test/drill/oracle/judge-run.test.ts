import { describe, expect, test } from 'vitest';
import { INVARIANTS, judgeRun } from '../../../src/drill/oracle/judge-run.js';
import { epochMs } from '../../../src/core/units.js';
import type { OracleContext } from '../../../src/drill/oracle/oracle-context.js';
import { BREAKS, KEEPS, ROUND_TRIP } from './support/cases.js';
import { believed, evidenceOf, first, resultOf, runOf, type RunOf } from './support/judged-run.js';

/** What the harness knows of a shipped run: the venue that is lost for ever. */
function knownOf(run: RunOf, tape: Parameters<typeof first>[0]): Partial<OracleContext> {
  if (run.executor !== undefined) return { capabilities: [] };
  if (run.scenario !== 'rollback-order-itself-fails') return {};
  return { permanent: [{ since: epochMs(first(tape, 'fault', ({ action }) => action === 'outage').t), venue: 'upbit' }] };
}

describe('what breaks an invariant is found', () => {
  test.each(BREAKS)('$id: $name', async ({ id, run, doctor, says }) => {
    const simulated = await runOf(run);
    const evidence = evidenceOf(simulated, knownOf(run, simulated.tape.events));
    doctor?.(evidence);
    const result = resultOf(evidence, id);
    expect(result.verdict).toBe('broken');
    expect(`${result.broken?.expected ?? ''}; ${result.broken?.found ?? ''}`).toMatch(says);
    expect(result.breaks).toBeGreaterThan(0);
  });
});

describe('a run that keeps an invariant is not accused', () => {
  test.each(Object.entries(KEEPS).map(([id, run]) => ({ id, run })))('$id holds in $run.scenario', async ({ id, run }) => {
    const simulated = await runOf(run);
    const result = resultOf(evidenceOf(simulated, knownOf(run, simulated.tape.events)), id as keyof typeof KEEPS);
    expect(result.broken).toBeUndefined();
    expect(result.verdict).toBe('held');
    expect(result.evaluated).toBeGreaterThan(0);
  });
});

test('every invariant is broken by a case and held by a run; only the reports, which a drill does not write, are judged elsewhere', () => {
  const judged = INVARIANTS.map(({ id }) => id).filter((id) => id !== 'I16');
  expect(judged.filter((id) => !BREAKS.some((each) => each.id === id))).toEqual([]);
  expect(judged.filter((id) => KEEPS[id] === undefined)).toEqual([]);
});

test('the canary: not there unless planted, and then the only one that breaks', async () => {
  const evidence = evidenceOf(await runOf({ scenario: ROUND_TRIP }));
  const broken = (context: Partial<OracleContext>): string[] =>
    judgeRun({ ...evidence, context: { ...evidence.context, ...context } }).results.flatMap(({ id, verdict }) => (verdict === 'broken' ? [id] : []));
  expect(broken({})).toEqual([]);
  expect(broken({ canary: true })).toEqual(['canary']);
});

test('an executor that declares nothing: what only its journal or alerts could show reads not judged, the money is judged all the same', async () => {
  const evidence = evidenceOf(await runOf({ scenario: ROUND_TRIP }), { capabilities: [] });
  const { results } = judgeRun({ ...evidence, journal: [] });
  const verdicts = Object.fromEntries(results.map(({ id, verdict }) => [id, verdict]));
  for (const id of ['I1', 'I7', 'I8', 'I9', 'I13', 'I14', 'L3', 'L4', 'L5'] as const) expect(verdicts[id], id).toBe('not judged');
  for (const id of ['I2', 'I3', 'I4', 'I5', 'I6'] as const) expect(verdicts[id], id).toBe('held');
  expect(verdicts['I15']).toBe('vacuous');
});

test('a waiver with its reason: stays visible, with the place, and does not count as broken', async () => {
  const evidence = evidenceOf(await runOf({ scenario: ROUND_TRIP }), { waivers: [{ oracle: 'I12', reason: 'the decision is replayed from a log' }] });
  Object.assign(first(evidence.tape, 'flow.begin'), { decidedAt: 0 });
  const result = resultOf(evidence, 'I12');
  expect(result).toMatchObject({ verdict: 'waived', why: 'the decision is replayed from a log' });
  expect(result.broken?.found).toMatch(/after it/);
});

test.each([
  { error: 'RequestTimeout', verdict: 'held' },
  { error: 'OrderNotFound', verdict: 'broken' },
])('L4: a read of the venue that ended with $error just before the doubt did: $verdict', async ({ error, verdict }) => {
  const evidence = evidenceOf(await runOf({ scenario: ROUND_TRIP }), { lastFaultAt: undefined });
  const { clientOrderId, venue } = believed(evidence, 'intent');
  const sent = first(evidence.tape, 'request', (event) => event.clientOrderId === clientOrderId);
  // Everything that the journal learns of the first order is moved 100 s back.
  const late = evidence.journal.filter(({ event }) => 'clientOrderId' in event && event.clientOrderId === clientOrderId && event.type !== 'intent');
  for (const { event } of late) Object.assign(event, { t: event.t + 100_000 });
  const read = first(evidence.tape, 'request', (event) => event.venue === venue && event.method.startsWith('fetch') && event.t > sent.t);
  Object.assign(
    first(evidence.tape, 'answer', ({ request }) => request === read.request),
    { ok: false, error, t: sent.t + 99_000 },
  );
  expect(resultOf(evidence, 'L4').verdict).toBe(verdict);
});

test('marks of what broke reach the scenario: a client id sent twice is a duplicate intent', async () => {
  const run = await runOf({ scenario: 'crash-hour', executor: 'naive', seed: '8' });
  expect(run.facts.violations).toContain('order.duplicate-intent');
  expect(run.findings.find(({ key }) => key === 'oracle.I2')).toMatchObject({ verdict: 'broken' });
});
