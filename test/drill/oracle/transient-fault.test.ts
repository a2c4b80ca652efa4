import { describe, expect, test } from 'vitest';
import type { TapeEvent } from '../../../src/sim/tape-event.js';
import { drop, type Evidence, evidenceOf, first, resultOf, runOf } from './support/judged-run.js';

/** The kill switch comes on with both orders on their way, and the short is refused once. */
const SWITCHED = `apiVersion: scenario/v1
kind: Scenario
id: switched-off
title: The kill switch and one passing refusal in one entry
include: [lib/venues.yaml#calm]
flow:
  - { do: kill-switch, level: opening, at: { event: order.sent, leg: spot } }
  - { do: enter, qty: "0.05" }
faults:
  - id: perp-overloaded
    when: { leg: perp, method: createOrder, side: sell, nth: 1 }
    inject: { reject: { http: 503, code: "-1008" } }
expect: { outcome: [rolled-back, aborted, locked], within: 5m }
`;

/** A run whose only flow is given up, seen by an oracle that has no journal to look into. */
async function blackBox(): Promise<Evidence> {
  const evidence = evidenceOf(await runOf({ scenario: SWITCHED }), { capabilities: [] });
  return { ...evidence, journal: [] };
}

const operator = (seq: number, t: TapeEvent['t'], action: 'kill-switch' | 'unlock'): TapeEvent => ({ seq, t, type: 'operator', action });

describe('L6 of a flow that was given up', () => {
  test("the scenario's own kill switch came on meanwhile: nobody is blamed, journal or not", async () => {
    const evidence = await blackBox();
    expect(first(evidence.tape, 'operator')).toMatchObject({ action: 'kill-switch', level: 'opening' });
    expect(first(evidence.tape, 'flow.end').outcome).toBe('rolled-back');
    expect(resultOf(evidence, 'L6').verdict).toBe('vacuous');
  });

  test('the same without the switch: is broken', async () => {
    const evidence = await blackBox();
    drop(evidence, first(evidence.tape, 'operator'));
    expect(resultOf(evidence, 'L6')).toMatchObject({ verdict: 'broken', broken: { found: 'rolled-back' } });
  });

  test.each([
    { name: 'thrown before the flow and still on', steps: ['kill-switch'] as const, verdict: 'vacuous' },
    { name: 'thrown before the flow and released again', steps: ['kill-switch', 'unlock'] as const, verdict: 'broken' },
  ])('a switch $name: $verdict', async ({ steps, verdict }) => {
    const evidence = await blackBox();
    drop(evidence, first(evidence.tape, 'operator'));
    const begin = first(evidence.tape, 'flow.begin');
    const before = steps.map((action, index) => operator(begin.seq - 0.5 + index / 10, begin.t, action));
    evidence.tape.splice(evidence.tape.indexOf(begin), 0, ...before);
    expect(resultOf(evidence, 'L6').verdict).toBe(verdict);
  });

  test('a switch thrown after its end: excuses nothing', async () => {
    const evidence = await blackBox();
    drop(evidence, first(evidence.tape, 'operator'));
    const end = first(evidence.tape, 'flow.end');
    evidence.tape.splice(evidence.tape.indexOf(end) + 1, 0, operator(end.seq + 0.5, end.t, 'kill-switch'));
    expect(resultOf(evidence, 'L6').verdict).toBe('broken');
  });

  test("a lock of the executor's own, journaled during the flow: excuses nothing", async () => {
    const run = await runOf({ scenario: SWITCHED });
    expect(run.journal.map(({ event }) => event.type)).toContain('halt');
    const evidence = evidenceOf(run);
    drop(evidence, first(evidence.tape, 'operator'));
    expect(resultOf(evidence, 'L6').verdict).toBe('broken');
  });
});
