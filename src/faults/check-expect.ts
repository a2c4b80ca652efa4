import { add, abs, formatFixed, type Btc } from '../core/money.js';
import type { FlowOutcome } from '../journal/journal-event.js';
import { restartsOf } from './check-possible.js';
import type { Report } from './compile-delay.js';
import { neverEnds } from './lasting-faults.js';
import { didYouMean } from './not-built.js';
import { ORACLES } from './oracle-names.js';
import type { FlowStep, ResolvedScenario } from './resolved-scenario.js';

type Parts = Pick<ResolvedScenario, 'clock' | 'flow' | 'faults' | 'trades' | 'expect'>;

/** How the venues' truth can call the end of a flow. */
const ENDS: Readonly<Record<'enter' | 'exit', readonly FlowOutcome[]>> = {
  enter: ['hedged', 'partially-rolled-back', 'rolled-back', 'aborted', 'locked'],
  exit: ['flat', 'hedged', 'locked'],
};

/** Refuses expectations that no run can meet, or that contradict one another. */
export function checkExpect(parts: Parts, report: Report): void {
  checkOutcomes(parts, report);
  checkAmounts(parts, report);
  checkClock(parts, report);
  checkWaivers(parts, report);
}

function checkOutcomes({ flow, expect, trades }: Parts, report: Report): void {
  if (trades) return;
  for (const [index, step] of flow.entries()) {
    if (step.do !== 'enter' && step.do !== 'exit') continue;
    const wrong = step.ends?.find((end) => !ENDS[step.do].includes(end));
    if (wrong !== undefined) report(['flow', index, 'ends'], `an ${step.do} never ends ${wrong}`, `it ends ${ENDS[step.do].join(', ')}`);
    if (step.ends === undefined && !expect.outcome.some((outcome) => ENDS[step.do].includes(outcome)))
      report(
        ['expect', 'outcome'],
        `flow ${flowNumber(flow, index)} is an ${step.do}, which never ends ${expect.outcome.join(' or ')}`,
        `it ends ${ENDS[step.do].join(', ')}; a step's own end is its ends`,
      );
  }
}

const flowNumber = (flow: readonly FlowStep[], index: number): number =>
  flow.slice(0, index + 1).filter((step) => step.do === 'enter' || step.do === 'exit').length;

function checkAmounts({ flow, expect, trades, faults }: Parts, report: Report): void {
  const { final, budget } = expect;
  const { netDelta, spot, perp } = final;
  for (const [path, amount] of [
    [['expect', 'final', 'tolerance'], final.tolerance],
    [['expect', 'budget', 'maxUnhedged'], budget.maxUnhedged],
  ] as const)
    if (amount !== undefined && amount < 0n) report(path, `is 0 or more, found ${formatFixed(amount)}`);
  const slack = final.tolerance ?? (0n as Btc);
  if (netDelta !== undefined && spot !== undefined && perp !== undefined && abs((add(spot, perp) - netDelta) as Btc) > slack * 3n)
    report(
      ['expect', 'final', 'netDelta'],
      `spot ${formatFixed(spot)} and perp ${formatFixed(perp)} make a delta of ${formatFixed(add(spot, perp))}, not ${formatFixed(netDelta)}`,
      'the short is negative',
    );
  const isLocked = expect.outcome.every((outcome) => outcome === 'locked');
  const unlocks = flow.some((step) => step.do === 'unlock');
  if (isLocked && final.entryLocked === false && !unlocks && !flow.some((step) => hasEnds(step)))
    report(['expect', 'final', 'entryLocked'], 'outcome is locked, so entries are locked in the end', 'leave it out, or add { do: unlock }');
  checkHedge({ flow, expect, trades, faults }, report);
}

/** What a run that must end hedged cannot do without. */
function checkHedge({ flow, expect, trades, faults }: Pick<Parts, 'flow' | 'expect' | 'trades' | 'faults'>, report: Report): void {
  const { final, budget } = expect;
  const mustHedge = expect.outcome.every((outcome) => outcome === 'hedged') && flow.some((step) => step.do === 'enter' && !hasEnds(step));
  if (mustHedge && !trades && budget.orders !== undefined && budget.orders < 2)
    report(['expect', 'budget', 'orders'], `a hedge takes an order on each leg, found a budget of ${budget.orders}`);
  const holdsNothing = final.spot === 0n && final.perp === 0n;
  const opens =
    flow.some((step) => step.do === 'enter') && !flow.some((step) => step.do === 'exit' || step.do === 'trade' || step.do === 'kill-switch');
  // The account may be changed by others (liquidation, a close by hand), and the monitor then closes what is left.
  const isTouched = faults.some(({ inject }) => inject.action.kind === 'account') || flow.some((step) => step.do === 'hold');
  if (mustHedge && opens && holdsNothing && !isTouched)
    report(
      ['expect', 'final', 'spot'],
      'outcome is hedged and nothing exits, so something is held in the end',
      'an entry that was undone is rolled-back',
    );
}

const hasEnds = (step: FlowStep): boolean => (step.do === 'enter' || step.do === 'exit') && step.ends !== undefined;

function checkClock({ clock, flow, trades, expect }: Parts, report: Report): void {
  if (trades) return;
  const end = clock.maxVirtualMs;
  if (expect.withinMs > end)
    report(['expect', 'within'], `is ${expect.withinMs} ms, and the run ends after ${end} ms at the latest`, 'raise clock.maxVirtual');
  let held = 0;
  for (const [index, step] of flow.entries()) {
    if (step.do === 'hold') {
      held += step.forMs;
      if (held >= end)
        report(['flow', index, 'for'], `holds ${held} ms in all, and the run ends after ${end} ms at the latest`, 'raise clock.maxVirtual');
    }
    if (!('at' in step) || step.at?.kind !== 'offset' || step.at.ms < end) continue;
    report(['flow', index, 'at'], `lies ${step.at.ms} ms after the start, and the run ends after ${end} ms at the latest`, 'raise clock.maxVirtual');
  }
}

/** Why an invariant says nothing at all about a scenario. */
function notJudged(id: string, { flow, faults }: Parts): string | undefined {
  const endless = faults.some(neverEnds);
  if (id === 'L1' && faults.some((rule) => rule.required && neverEnds(rule)))
    return 'a fault of this scenario never ends, and L2 is judged in its place';
  if (id === 'L2' && !endless) return 'no fault of this scenario lasts forever';
  if (id === 'L3' && !restartsOf(flow, faults)) return 'nothing restarts the process';
  if (id === 'L5' && !flow.some((step) => step.do === 'unlock' || step.do === 'trade')) return 'nobody releases a lock';
  return undefined;
}

function checkWaivers(parts: Parts, report: Report): void {
  const seen = new Set<string>();
  for (const [index, { oracle, reason }] of parts.expect.waive.entries()) {
    const path = ['expect', 'waive', index, 'oracle'];
    if (!ORACLES.includes(oracle)) report(path, `no such oracle: "${oracle}"`, didYouMean(oracle, ORACLES) ?? 'I1 to I16 and L1 to L6');
    else if (seen.has(oracle)) report(path, `${oracle} is waived already`);
    const why = notJudged(oracle, parts);
    if (why !== undefined) report(path, `${oracle} is not judged here: ${why}`, 'leave the waiver out');
    if (/^[\s.x?-]*$|^(todo|tbd|fixme|none|n\/a)\b/i.test(reason))
      report(['expect', 'waive', index, 'reason'], `says no reason: "${reason}"`, 'say why this may break here');
    seen.add(oracle);
  }
}
