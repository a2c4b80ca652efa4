import { abs, add, formatFixed } from '../core/money.js';
import { ORACLE_MARKS } from '../journal/marks.js';
import type { FaultTally } from './fault-session.js';
import type { Expectation, Finding, FlowFact, ScenarioFacts } from './expectation.js';

/**
 * Holds a run against what its scenario expects. A fault that never fired breaks it as well: a scenario that
 * tested nothing must not pass.
 *
 * @returns one finding for each thing that was expected, in the order of the file's keys.
 */
export function judgeExpectation(expect: Expectation, facts: ScenarioFacts): readonly Finding[] {
  return [
    ...judgeFlows(expect, facts),
    ...judgeWithin(expect, facts),
    ...judgeFinal(expect, facts),
    ...judgeBudget(expect, facts),
    ...judgeRun(expect, facts),
    ...judgeNames(expect, facts),
    ...judgeVacuity(facts),
    ...expect.waive.map(({ oracle, reason }): Finding => ({ key: `waive.${oracle}`, verdict: 'waived', expected: oracle, found: reason })),
  ];
}

const finding = (key: string, held: boolean, expected: string, found: string): Finding => ({
  key,
  verdict: held ? 'held' : 'broken',
  expected,
  found,
});

const notJudged = (key: string, expected: string, why: string): Finding => ({ key, verdict: 'not judged', expected, found: why });

function judgeFlows(expect: Expectation, { flows }: ScenarioFacts): Finding[] {
  const key = 'outcome';
  if (flows.length === 0) return [finding(key, false, expect.outcome.join(' or '), 'no flow ran')];
  const wrong = flows.filter(({ outcome, ends }) => outcome === undefined || !(ends ?? expect.outcome).some((allowed) => allowed === outcome));
  const [first] = wrong;
  if (first === undefined) return [finding(key, true, expect.outcome.join(' or '), tallyOf(flows))];
  const more = wrong.length === 1 ? '' : `, and ${wrong.length - 1} more of ${flows.length}`;
  return [
    finding(key, false, (first.ends ?? expect.outcome).join(' or '), `flow ${first.flow} (${first.kind}): ${first.outcome ?? 'never ended'}${more}`),
  ];
}

/** `3 hedged, 1 rolled-back`. */
function tallyOf(flows: readonly FlowFact[]): string {
  const counts = new Map<string, number>();
  for (const { outcome = 'never ended' } of flows) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

function judgeWithin({ withinMs }: Expectation, facts: ScenarioFacts): Finding[] {
  const key = 'within';
  const expected = `at most ${withinMs} ms`;
  if (facts.trades) {
    const times = facts.flows.flatMap(({ flow, begunAt, endedAt, lastFaultAt }) =>
      endedAt === undefined ? [] : [{ flow, ms: Math.max(0, endedAt - Math.max(begunAt, lastFaultAt ?? begunAt)) }],
    );
    const longest = times.reduce((worst, each) => (each.ms > worst.ms ? each : worst), { flow: 0, ms: 0 });
    return [finding(key, longest.ms <= withinMs, expected, times.length === 0 ? 'no flow ended' : `flow ${longest.flow} took ${longest.ms} ms`)];
  }
  if (facts.terminalAt === undefined) return [finding(key, false, expected, 'never settled')];
  const begun = facts.flows.at(-1)?.begunAt ?? facts.terminalAt;
  const took = Math.max(0, facts.terminalAt - Math.max(begun, facts.lastFaultAt ?? begun));
  return [finding(key, took <= withinMs, expected, `${took} ms`)];
}

function judgeFinal({ final }: Expectation, facts: ScenarioFacts): Finding[] {
  const found: Finding[] = [];
  const tolerance = final.tolerance ?? facts.tolerance ?? 0n;
  const exact = (key: string, expected: bigint | undefined, actual: bigint): void => {
    if (expected === undefined) return;
    const wanted = `${formatFixed(expected)} BTC${tolerance === 0n ? '' : ` within ${formatFixed(tolerance)}`}`;
    found.push(finding(`final.${key}`, abs(actual - expected) <= tolerance, wanted, `${formatFixed(actual)} BTC`));
  };
  exact('netDelta', final.netDelta, add(facts.spot, facts.perp));
  exact('spot', final.spot, facts.spot);
  exact('perp', final.perp, facts.perp);
  if (final.openOrders !== undefined) {
    found.push(finding('final.openOrders', final.openOrders === facts.openOrders, String(final.openOrders), String(facts.openOrders)));
  }
  if (final.entryLocked !== undefined) {
    const expected = final.entryLocked ? 'locked' : 'not locked';
    if (facts.entryLocked === undefined) found.push(notJudged('final.entryLocked', expected, 'this executor declares no lock'));
    else found.push(finding('final.entryLocked', final.entryLocked === facts.entryLocked, expected, facts.entryLocked ? 'locked' : 'not locked'));
  }
  return found;
}

function judgeBudget({ budget }: Expectation, facts: ScenarioFacts): Finding[] {
  const found: Finding[] = [];
  if (budget.maxUnhedged !== undefined) {
    const worst = abs(facts.maxUnhedged);
    const [allowed, actual] = [`at most ${formatFixed(budget.maxUnhedged)} BTC`, `${formatFixed(worst)} BTC`];
    found.push(finding('budget.maxUnhedged', worst <= budget.maxUnhedged, allowed, actual));
  }
  const atMost = (key: keyof Expectation['budget'], allowed: number | undefined, actual: number | undefined, unit: string, none = ''): void => {
    if (allowed === undefined) return;
    found.push(
      finding(
        `budget.${key}`,
        actual === undefined || actual <= allowed,
        `at most ${allowed}${unit}`,
        actual === undefined ? none : `${actual}${unit}`,
      ),
    );
  };
  atMost('maxUnhedgedForMs', budget.maxUnhedgedForMs, facts.longestUnhedgedMs, ' ms');
  atMost('rollbackCostBp', budget.rollbackCostBp, facts.rollbackCostBp, ' bp', 'nothing was rolled back');
  atMost('orders', budget.orders, facts.orders, '');
  atMost('requests', budget.requests, facts.requests, '');
  return found;
}

function judgeRun({ run }: Expectation, facts: ScenarioFacts): Finding[] {
  const found: Finding[] = [];
  if (run.flowsMin !== undefined) {
    found.push(finding('run.flowsMin', facts.flows.length >= run.flowsMin, `at least ${run.flowsMin} flows`, String(facts.flows.length)));
  }
  if (run.allFlowsTerminal === true) {
    const open = facts.flows.filter(({ endedAt }) => endedAt === undefined).length;
    found.push(finding('run.allFlowsTerminal', open === 0, 'every flow ends', open === 0 ? 'all did' : `${open} did not`));
  }
  const krwAtMost = (key: string, allowed: bigint | undefined, actual: bigint, unit: string): void => {
    if (allowed === undefined) return;
    found.push(finding(`run.${key}`, actual <= allowed, `at most ${formatFixed(allowed)} ${unit}`, `${formatFixed(actual)} ${unit}`));
  };
  krwAtMost('nakedKrwSecondsMax', run.nakedKrwSecondsMax, facts.nakedKrwSeconds, 'KRW s');
  if (run.rollbackSuccessMin !== undefined) {
    const share = facts.rollbacks === 0 ? 1 : facts.rollbacksProven / facts.rollbacks;
    const actual = facts.rollbacks === 0 ? 'nothing was rolled back' : `${facts.rollbacksProven} of ${facts.rollbacks}`;
    found.push(finding('run.rollbackSuccessMin', share >= run.rollbackSuccessMin, `at least ${run.rollbackSuccessMin} proven`, actual));
  }
  krwAtMost('rollbackCostKrwMax', run.rollbackCostKrwMax, facts.rollbackCostKrw, 'KRW');
  if (run.rollbackCostBpMax !== undefined) {
    const held = facts.rollbackCostBp === undefined || facts.rollbackCostBp <= run.rollbackCostBpMax;
    const actual = facts.rollbackCostBp === undefined ? 'nothing was rolled back' : `${facts.rollbackCostBp} bp`;
    found.push(finding('run.rollbackCostBpMax', held, `at most ${run.rollbackCostBpMax} bp`, actual));
  }
  return found;
}

/** Alerts and marks; those of an executor that declares none are not judged (design decision 15). */
function judgeNames(expect: Expectation, facts: ScenarioFacts): Finding[] {
  const judge = (key: string, name: string, seen: readonly string[] | undefined, wanted: boolean, none: string): Finding => {
    const expected = wanted ? name : `no ${name}`;
    if (seen === undefined) return notJudged(key, expected, none);
    return finding(key, seen.includes(name) === wanted, expected, seen.includes(name) ? 'happened' : 'did not happen');
  };
  const isViolation = (mark: string): boolean => (ORACLE_MARKS as ReadonlySet<string>).has(mark);
  const ofMark = (key: string, mark: string, wanted: boolean): Finding =>
    isViolation(mark)
      ? judge(key, mark, facts.violations, wanted, 'no oracle looked')
      : judge(key, mark, facts.marks, wanted, 'this executor declares no marks');
  return [
    ...expect.alerts.map((alert) => judge('alerts', alert, facts.alerts, true, 'this executor declares no alerts')),
    ...expect.sometimes.map((mark) => ofMark('sometimes', mark, true)),
    ...expect.never.map((mark) => ofMark('never', mark, false)),
  ];
}

/** `never fired: no call matched (lost-request.yaml:12)`. The file goes by its name: what is written down holds no path of a machine. */
function silenceOf({ masked, why, place }: FaultTally): string {
  const reason = why === undefined ? (masked > 0 ? `, masked ${masked} times` : '') : `: ${why}`;
  const file = place?.file?.replace(/^.*[/\\]/, '');
  return `never fired${reason}${file === undefined ? '' : ` (${file}${place?.line === undefined ? '' : `:${place.line}`})`}`;
}

function judgeVacuity({ tally }: ScenarioFacts): Finding[] {
  const found = tally
    .filter(({ required }) => required)
    .map((each) =>
      finding(`faults.${each.fault}`, each.fired > 0, 'fires at least once', each.fired > 0 ? `fired ${each.fired} times` : silenceOf(each)),
    );
  const groups = new Set(tally.flatMap(({ group }) => group ?? []));
  for (const group of groups) {
    const members = tally.filter((each) => each.group === group);
    const silent = members.filter(({ fired }) => fired === 0);
    // When none fired, the required members say so already.
    if (silent.length === members.length) continue;
    found.push(
      finding(
        `groups.${group}`,
        silent.length === 0,
        'all of the group fire',
        silent.length === 0 ? 'all did' : `not ${silent.map(({ fault }) => fault).join(', ')}`,
      ),
    );
  }
  return found;
}
