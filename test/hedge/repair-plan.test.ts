import fc from 'fast-check';
import { expect, test } from 'vitest';
import { abs, fixed, formatFixed, parseFixed, type Btc } from '../../src/core/money.js';
import { isWithinTolerance } from '../../src/hedge/dust.js';
import { planRepair, type RepairSituation, type RepairStep } from '../../src/hedge/repair-plan.js';

const btc = (text: string): Btc => parseFixed<Btc>(text);
const lot = btc('0.001');
const base: RepairSituation = {
  residual: btc('0'),
  lot,
  flow: 'enter',
  prefer: 'complete',
  mayAdd: true,
  mayReduce: true,
  minimum: { spot: btc('0.00003847'), perpOpen: btc('0.002') },
  held: { spot: btc('1'), short: btc('1') },
  blockedMs: { spot: 0, perp: 0 },
  patienceMs: 5_000,
};

const words = (step: RepairStep): string =>
  step.kind === 'order'
    ? `${step.plan}: ${step.side} ${formatFixed(step.quantity)} ${step.leg}${step.reduceOnly ? ' reduce-only' : ''}`
    : step.kind === 'stuck'
      ? `stuck: ${step.reason}`
      : 'done';

test.each([
  { name: 'nothing left', situation: {}, step: 'done' },
  { name: 'less than a lot left', situation: { residual: btc('-0.0009') }, step: 'done' },
  { name: 'exactly a lot left is on the grid, so not tolerated', situation: { residual: btc('-0.001') }, step: 'complete: buy 0.001 spot' },
  { name: 'entry long too much', situation: { residual: btc('0.05') }, step: 'complete: sell 0.05 perp' },
  { name: 'entry long too much, unwinding preferred', situation: { residual: btc('0.05'), prefer: 'unwind' }, step: 'unwind: sell 0.05 spot' },
  { name: 'entry long too much, adding not allowed', situation: { residual: btc('0.05'), mayAdd: false }, step: 'unwind: sell 0.05 spot' },
  {
    name: 'entry that a late buy made larger than was asked for: not followed with the perpetual',
    situation: { residual: btc('0.01'), room: { spot: btc('-0.01'), perp: btc('0') } },
    step: 'unwind: sell 0.01 spot',
  },
  {
    name: 'entry that a late sell made larger than was asked for: not followed with spot',
    situation: { residual: btc('-0.015'), room: { spot: btc('0.01'), perp: btc('-0.015') } },
    step: 'unwind: buy 0.015 perp reduce-only',
  },
  {
    name: 'entry that has room for just what is missing',
    situation: { residual: btc('-0.015'), room: { spot: btc('0.015'), perp: btc('0') } },
    step: 'complete: buy 0.015 spot',
  },
  { name: 'entry short too much', situation: { residual: btc('-0.05') }, step: 'complete: buy 0.05 spot' },
  {
    name: 'entry short too much, adding not allowed',
    situation: { residual: btc('-0.05'), mayAdd: false },
    step: 'unwind: buy 0.05 perp reduce-only',
  },
  { name: 'entry long off the grid: whole lots only on the perpetual', situation: { residual: btc('0.0196') }, step: 'complete: sell 0.019 perp' },
  {
    name: 'entry long off the grid, unwinding: all of it on Upbit',
    situation: { residual: btc('0.0196'), mayAdd: false },
    step: 'unwind: sell 0.0196 spot',
  },
  { name: 'short too small to be opened', situation: { residual: btc('0.001') }, step: 'unwind: sell 0.001 spot' },
  { name: 'exit long too much: selling on completes it', situation: { residual: btc('0.05'), flow: 'exit' }, step: 'complete: sell 0.05 spot' },
  {
    name: 'exit short too much: closing on completes it',
    situation: { residual: btc('-0.05'), flow: 'exit' },
    step: 'complete: buy 0.05 perp reduce-only',
  },
  {
    name: 'exit short too much, closing refused for good: the spot is bought back',
    situation: { residual: btc('-0.05'), flow: 'exit', mayReduce: false },
    step: 'unwind: buy 0.05 spot',
  },
  { name: 'nobody asked: only reducing', situation: { residual: btc('0.05'), flow: 'reduce-only' }, step: 'unwind: sell 0.05 spot' },
  {
    name: 'better venue banned for longer than patience',
    situation: { residual: btc('0.05'), blockedMs: { spot: 0, perp: 120_000 } },
    step: 'unwind: sell 0.05 spot',
  },
  {
    name: 'better venue banned for a moment',
    situation: { residual: btc('0.05'), blockedMs: { spot: 0, perp: 4_000 } },
    step: 'complete: sell 0.05 perp',
  },
  {
    name: 'both venues banned: the one that is free first',
    situation: { residual: btc('0.05'), blockedMs: { spot: 60_000, perp: 120_000 } },
    step: 'unwind: sell 0.05 spot',
  },
  {
    name: 'only the banned venue can do it: wait for it',
    situation: { residual: btc('0.05'), mayAdd: false, blockedMs: { spot: 60_000, perp: 0 } },
    step: 'unwind: sell 0.05 spot',
  },
  {
    name: 'less spot than the residual: what there is',
    situation: { residual: btc('0.05'), mayAdd: false, held: { spot: btc('0.02'), short: btc('0') } },
    step: 'unwind: sell 0.02 spot',
  },
  {
    name: 'nothing to sell and nothing allowed',
    situation: { residual: btc('0.05'), mayAdd: false, held: { spot: btc('0'), short: btc('0') } },
    step: 'stuck: there is less spot to sell than the residual',
  },
  {
    name: 'everything refused',
    situation: { residual: btc('0.05'), mayAdd: false, mayReduce: false },
    step: 'stuck: neither reducing nor completing is possible any more',
  },
] as const)('repair plan, $name: $step', ({ situation, step }) => {
  expect(words(planRepair({ ...base, ...situation }))).toBe(step);
});

const situations = fc.record({
  residual: fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }).map((units) => fixed<Btc>(units)),
  lot: fc.constant(lot),
  flow: fc.constantFrom('enter', 'exit', 'reduce-only'),
  prefer: fc.constantFrom('complete', 'unwind'),
  mayAdd: fc.boolean(),
  mayReduce: fc.boolean(),
  minimum: fc.constant(base.minimum),
  held: fc.record({
    spot: fc.bigInt({ min: 0n, max: 10n ** 9n }).map((units) => fixed<Btc>(units)),
    short: fc.bigInt({ min: 0n, max: 1_000n }).map((lots) => fixed<Btc>(lots * lot)),
  }),
  blockedMs: fc.record({ spot: fc.nat(200_000), perp: fc.nat(200_000) }),
  patienceMs: fc.constant(5_000),
}) as fc.Arbitrary<RepairSituation>;

test('repair plan, any situation: an order lessens the residual, never crosses zero, never exceeds what is held, and adds only when allowed', () => {
  fc.assert(
    fc.property(situations, (situation) => {
      const step = planRepair(situation);
      if (step.kind === 'done') expect(isWithinTolerance(situation.residual, lot)).toBe(true);
      if (step.kind !== 'order') return;
      const { residual, held, mayAdd, mayReduce } = situation;
      const after = residual + (step.side === 'buy' ? step.quantity : -(step.quantity as bigint));
      expect(step.quantity).toBeGreaterThan(0n);
      expect(abs(fixed<Btc>(after))).toBeLessThan(abs(residual));
      expect(after === 0n || after > 0n === residual > 0n).toBe(true);
      if (step.leg === 'perp') expect(step.quantity % lot).toBe(0n);
      if (step.direction === 'add') expect(mayAdd && situation.flow !== 'reduce-only').toBe(true);
      else {
        expect(mayReduce).toBe(true);
        expect(step.quantity).toBeLessThanOrEqual(step.leg === 'spot' ? held.spot : held.short);
        expect(step.reduceOnly).toBe(step.leg === 'perp');
      }
    }),
  );
});
