import { describe, expect, test } from 'vitest';
import { toNumber } from '../../../src/core/money.js';
import { recomputedFigures } from '../../../src/drill/oracle/recomputed-figures.js';
import { listScenarios } from '../../../src/faults/load-scenario.js';
import { analyse } from '../../../src/report/analysis.js';
import { fillQualitySection } from '../../../src/report/sections/fill-quality-section.js';
import type { SimulatedRun } from '../../../src/run/simulated-run.js';
import type { TapeEvent } from '../../../src/sim/tape-event.js';
import { first, type RunOf, runOf } from './support/judged-run.js';

const literal = (await listScenarios('scenarios')).filter(({ trades }) => !trades).map(({ file }) => file.replace(/\.yaml$/, ''));

const analysisOf = (run: SimulatedRun, tape: readonly TapeEvent[] = run.tape.events) =>
  analyse({ tape, journal: run.journal, card: [], config: {}, runId: '', data: { name: '', hash: '', synthetic: true, notes: [] } });

/** Every figure of the report that the fills alone decide, beside its recomputation. */
function compared(run: SimulatedRun, tape?: readonly TapeEvent[]): { readonly reported: object; readonly recomputed: object } {
  const analysis = analysisOf(run);
  const quality = fillQualitySection(analysis);
  const figures = recomputedFigures(tape ?? run.tape.events);
  // Sums of floats against exact money: half a hundredth of a won may fall on either side.
  const round = (value: number): number => Math.round(value * 10) / 10 + 0;
  const btc = (value: number): number => Math.round(value * 1e8) / 1e8;
  return {
    reported: {
      sent: quality.sent,
      outcomes: quality.outcomes,
      cancels: quality.cancels,
      flows: analysis.flows.map(({ flow, rollbackKrw, legs }) => ({
        flow,
        rollbackKrw: round(rollbackKrw),
        executed: legs.map(({ executedBtc }) => btc(executedBtc)),
        averages: legs.map(({ averagePrice }) => (typeof averagePrice === 'number' ? round(averagePrice) : 0)),
      })),
    },
    recomputed: {
      sent: figures.sent,
      outcomes: figures.outcomes,
      cancels: figures.cancels,
      flows: [...figures.flows].map(([flow, { rollbackKrw, executed, quote }]) => ({
        flow,
        rollbackKrw: round(toNumber(rollbackKrw)),
        executed: [toNumber(executed.spot), toNumber(executed.perp)],
        averages: (['spot', 'perp'] as const).map((leg) => (executed[leg] === 0n ? 0 : round(toNumber(quote[leg]) / toNumber(executed[leg])))),
      })),
    },
  };
}

describe('I16, fill quality and rollback cost: the report of every shipped scenario equals their recomputation from the fills', () => {
  test.each(literal)('%s', async (scenario) => {
    const { reported, recomputed } = compared(await runOf({ scenario }));
    expect(recomputed).toEqual(reported);
  });

  test('naive, which sends more than it should: the same', async () => {
    const { reported, recomputed } = compared(await runOf({ scenario: 'crash-hour', executor: 'naive', seed: '8' }));
    expect(recomputed).toEqual(reported);
  });
});

const ROLLED_BACK: RunOf = { scenario: 'case-a-spot-filled-perp-refused' };

test('a rollback costs money, and a report that had missed one fee would be found out', async () => {
  const run = await runOf(ROLLED_BACK);
  expect(recomputedFigures(run.tape.events).flows.get(1)?.rollbackKrw).toBeGreaterThan(0n);
  const tape = run.tape.events.map((event) => ({ ...event }));
  Object.assign(
    first(tape, 'fill', ({ purpose }) => purpose === 'rollback'),
    { fee: 0n },
  );
  const { reported, recomputed } = compared(run, tape);
  expect(recomputed).not.toEqual(reported);
});
