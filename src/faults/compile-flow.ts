import { parseFixed } from '../core/money.js';
import type { Btc, Krw } from '../core/money.js';
import { ALERTS, MARKS, ORACLE_MARKS } from '../journal/marks.js';
import type { Report } from './compile-delay.js';
import { compileTrigger } from './compile-when.js';
import type { Expectation } from './expectation.js';
import type { Trigger } from './fault-rule.js';
import { didYouMean } from './not-built.js';
import type { FlowStep } from './resolved-scenario.js';
import { parseDurationMs } from './scenario-time.js';
import type { ExpectFile, ScenarioFile, StepFile } from './scenario-schema.js';
import type { TimeReference } from './schema-scalars.js';

export function compileFlow(steps: readonly StepFile[], faultIds: readonly string[], report: Report): readonly FlowStep[] {
  const trades = steps.some((step) => step.do === 'trade');
  let entered = false;
  return steps.map((step, index) => {
    const path = ['flow', index];
    if (trades && (step.do === 'enter' || step.do === 'exit'))
      report(path, `${step.do} does not go with trade: the strategy decides when to enter and exit`);
    if (step.do === 'exit' && !entered) report(path, 'there is nothing to exit: no enter stands before it');
    if (step.do === 'enter') entered = true;
    return compileStep(
      step,
      (reference) => (reference === undefined ? undefined : compileTrigger(reference, faultIds, report, [...path, 'at'])),
      (problem) => report([...path, 'qty'], problem),
    );
  });
}

function compileStep(
  step: StepFile,
  trigger: (reference: TimeReference | undefined) => Trigger | undefined,
  badQuantity: (problem: string) => void,
): FlowStep {
  switch (step.do) {
    case 'enter': {
      const quantity = parseFixed<Btc>(step.qty);
      if (quantity <= 0n) badQuantity(`is above 0, found ${step.qty}`);
      return { do: 'enter', quantity, at: trigger(step.at), ends: step.ends && [step.ends].flat() };
    }
    case 'exit':
      return { do: 'exit', at: trigger(step.at), ends: step.ends && [step.ends].flat() };
    case 'trade':
      return { do: 'trade' };
    case 'hold':
      return { do: 'hold', forMs: parseDurationMs(step.for) };
    case 'kill-switch':
      return { do: 'kill-switch', level: step.level, at: trigger(step.at) };
    case 'unlock':
    case 'restart':
      return { do: step.do, at: trigger(step.at) };
  }
}

/** The policy with the leg order that the steps name (`order:`), which is one for the whole run. */
export function compilePolicy(file: ScenarioFile, report: Report): Readonly<Record<string, string | number | boolean>> {
  const policy: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(file.executor?.policy ?? {})) {
    if (value === undefined) continue;
    policy[key] = value;
    const meant = LANGUAGE_KEYS.includes(key) ? undefined : didYouMean(key, LANGUAGE_KEYS);
    if (meant !== undefined) report(['executor', 'policy', key], 'unknown key', meant);
  }
  for (const [index, step] of file.flow.entries()) {
    if (step.do !== 'enter' || step.order === undefined) continue;
    const before = policy['legs'];
    if (before !== undefined && before !== step.order) report(['flow', index, 'order'], `one run has one leg order; it is ${String(before)} already`);
    policy['legs'] = step.order;
  }
  return policy;
}

const LANGUAGE_KEYS = ['orderStyle', 'legs', 'repair'];

export function compileExpect(expect: ExpectFile, trades: boolean, report: Report): Expectation {
  const names = Object.keys(MARKS);
  for (const key of ['sometimes', 'never'] as const) {
    for (const [index, mark] of expect[key].entries()) {
      if (key === 'sometimes' && (ORACLE_MARKS as ReadonlySet<string>).has(mark))
        report(['expect', key, index], `"${mark}" is a violation; it can only be under never`);
      if (names.includes(mark)) continue;
      report(['expect', key, index], `no such mark: "${mark}"`, didYouMean(mark, names) ?? 'the marks are listed in src/journal/marks.ts');
    }
    const both = expect.never.find((mark) => key === 'sometimes' && expect.sometimes.includes(mark));
    if (both !== undefined) report(['expect', 'never'], `"${both}" cannot be both sometimes and never`);
  }
  for (const [index, alert] of expect.alerts.entries()) {
    if (!ALERTS.includes(alert))
      report(['expect', 'alerts', index], `no such alert: "${alert}"`, didYouMean(alert, ALERTS) ?? `known: ${ALERTS.join(', ')}`);
  }
  const bounds = Object.keys(expect.run);
  if (!trades && bounds[0] !== undefined) report(['expect', 'run', bounds[0]], 'bounds of a whole run go with do: trade', 'a single flow has budget');
  const { final, budget, run } = expect;
  const btc = (text: string | undefined): Btc | undefined => (text === undefined ? undefined : parseFixed<Btc>(text));
  const krw = (text: string | undefined): Krw | undefined => (text === undefined ? undefined : parseFixed<Krw>(text));
  return {
    outcome: [expect.outcome].flat(),
    withinMs: parseDurationMs(expect.within),
    final: { ...final, netDelta: btc(final.netDelta), spot: btc(final.spot), perp: btc(final.perp), tolerance: btc(final.tolerance) },
    budget: {
      maxUnhedged: btc(budget.maxUnhedged),
      maxUnhedgedForMs: budget.maxUnhedgedFor === undefined ? undefined : parseDurationMs(budget.maxUnhedgedFor),
      rollbackCostBp: budget.rollbackCostBp,
      orders: budget.orders,
      requests: budget.requests,
    },
    run: { ...run, nakedKrwSecondsMax: krw(run.nakedKrwSecondsMax), rollbackCostKrwMax: krw(run.rollbackCostKrwMax) },
    alerts: expect.alerts,
    sometimes: expect.sometimes,
    never: expect.never,
    waive: expect.waive,
  };
}
