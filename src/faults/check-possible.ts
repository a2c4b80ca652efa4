import { venueOfLeg, type VenueId } from '../core/units.js';
import type { CallMatcher, FaultRule, FaultWhen, Trigger } from './fault-rule.js';
import type { FlowStep, ResolvedScenario } from './resolved-scenario.js';

/** Told of a problem of one fault, with its path inside the fault. */
type FaultReport = (rule: FaultRule, path: readonly PropertyKey[], problem: string, hint?: string) => void;
type Parts = Pick<ResolvedScenario, 'clock' | 'flow' | 'faults' | 'trades'>;

const CREATE_PURPOSES: readonly string[] = ['open', 'hedge', 'close', 'rollback', 'repair', 'recover'];

/** Refuses faults that can never fire whatever the executor does: they would test nothing. */
export function checkPossible(parts: Parts, report: FaultReport): void {
  for (const rule of parts.faults) {
    checkTimes(rule, parts, report);
    checkCircle(rule, parts.faults, report);
    if (rule.when.kind === 'call') checkCall(rule, rule.when.match, parts, report);
    if (rule.when.kind === 'call' || rule.when.kind === 'step') checkPlace(rule, rule.when.match, parts, report);
  }
  checkCovered(parts.faults, report);
}

const triggersOf = (when: FaultWhen): readonly (readonly [key: 'at' | 'from' | 'until', trigger: Trigger])[] => {
  if (when.kind === 'timer') return [['at', when.at]];
  if (when.kind === 'calendar') return [];
  const { from, until } = when.match;
  return [...(from === undefined ? [] : [['from', from] as const]), ...(until === undefined ? [] : [['until', until] as const])];
};

/** Milliseconds after the start; undefined where only the run shows it. */
function offsetOf(trigger: Trigger, start: number): number | undefined {
  if (trigger.kind === 'offset') return trigger.ms;
  return trigger.kind === 'instant' ? trigger.at - start : undefined;
}

function checkTimes(rule: FaultRule, { clock, trades }: Parts, report: FaultReport): void {
  const { when } = rule;
  const end = clock.maxVirtualMs;
  // A run over data begins and ends with the data.
  for (const [key, trigger] of trades ? [] : triggersOf(when)) {
    const at = offsetOf(trigger, clock.start);
    if (at === undefined) continue;
    if (key !== 'until' && at >= end)
      report(rule, ['when', key], `lies ${at} ms after the start, and the run ends after ${end} ms at the latest`, RUN_HINT);
    if (key === 'until' && at <= 0) report(rule, ['when', key], 'lies at or before the start of the run: no call comes before it', RUN_HINT);
    if (key === 'at' && at < 0 && rule.inject.kind === 'instant') report(rule, ['when', key], 'lies before the start of the run', RUN_HINT);
  }
  if (when.kind === 'calendar' && !trades && when.foldMs === undefined && when.windows.length > 0) {
    const isInside = when.windows.some(({ from, until }) => until > clock.start && from < clock.start + end);
    if (!isInside) report(rule, ['when', 'calendar'], 'no window of the calendar lies inside the run', `${RUN_HINT}, shift the calendar, or fold it`);
  }
  if (when.kind === 'call' || when.kind === 'step') checkOrder(rule, when.match.from, when.match.until, clock.start, report);
}

const RUN_HINT = 'change clock.start or clock.maxVirtual';

function checkOrder(rule: FaultRule, from: Trigger | undefined, until: Trigger | undefined, start: number, report: FaultReport): void {
  if (from === undefined || until === undefined) return;
  const [first, last] = [offsetOf(from, start), offsetOf(until, start)];
  const isLate = first !== undefined && last !== undefined ? last <= first : isSameAnchorLater(from, until);
  if (isLate) report(rule, ['when', 'until'], 'is not after from: no call comes between the two', 'swap them, or move until back');
}

function isSameAnchorLater(from: Trigger, until: Trigger): boolean {
  if (from.kind !== 'anchor' || until.kind !== 'anchor') return false;
  const [a, b] = [from.anchor, until.anchor];
  return a.event === b.event && a.leg === b.leg && a.fault === b.fault && a.flow === b.flow && b.plusMs <= a.plusMs;
}

const startOf = (when: FaultWhen): string | undefined => {
  const found = triggersOf(when).find(([key]) => key !== 'until')?.[1];
  return found?.kind === 'anchor' && found.anchor.event === 'fault.fired' ? found.anchor.fault : undefined;
};

/** A fault that waits for itself, directly or by way of others. */
function checkCircle(rule: FaultRule, rules: readonly FaultRule[], report: FaultReport): void {
  const passed: string[] = [rule.id];
  let next = startOf(rule.when);
  while (next !== undefined && !passed.includes(next)) {
    passed.push(next);
    const id = next;
    const other = rules.find((each) => each.id === id);
    next = other === undefined ? undefined : startOf(other.when);
  }
  // Of a circle of several the first in the file speaks for all.
  const first = rules.find(({ id }) => passed.includes(id));
  if (next !== rule.id || first !== rule) return;
  const key = rule.when.kind === 'timer' ? 'at' : 'from';
  const words = passed.length === 1 ? 'waits for itself to fire' : `waits for ${passed.slice(1).join(', which waits for ')}, which waits for it`;
  report(rule, ['when', key], `"${rule.id}" ${words}: it never fires`, 'anchor one of them on something that happens by itself');
}

function venuesOf({ venues, leg }: CallMatcher): readonly VenueId[] {
  return leg === undefined ? (venues ?? ['upbit', 'binance']) : [venueOfLeg(leg)];
}

/** Attributes that no call has together. */
function checkCall(rule: FaultRule, match: CallMatcher, { flow }: Parts, report: FaultReport): void {
  const venues = venuesOf(match);
  const { methods, purposes } = match;
  const isUpbitOnly = venues.every((venue) => venue === 'upbit');
  if (isUpbitOnly && match.reduceOnly === true) report(rule, ['when', 'reduceOnly'], 'a spot venue has no reduce-only orders', 'say venue: binance');
  if (match.orderType === 'market-by-cost' && venues.every((venue) => venue === 'binance'))
    report(rule, ['when', 'orderType'], 'only upbit takes a market order by cost', 'say market');
  const asksOrder = match.side !== undefined || match.orderType !== undefined || match.reduceOnly !== undefined;
  if (asksOrder && methods !== undefined && !methods.some((method) => ['createOrder', 'mutating', '*'].includes(method)))
    report(rule, ['when', 'method'], `side, orderType and reduceOnly belong to createOrder; ${methods.join(', ')} has none`, 'leave them out');
  if (methods?.every((method) => method === 'createOrder') === true && purposes?.every((purpose) => !CREATE_PURPOSES.includes(purpose)) === true)
    report(rule, ['when', 'purpose'], `no order is created to ${purposes.join(' or ')}`, `an order's purpose: ${CREATE_PURPOSES.join(', ')}`);
  checkPurpose(rule, match, flow, report);
}

/** Purposes that a method, or the whole scenario, never has. */
function checkPurpose(rule: FaultRule, { methods, purposes }: CallMatcher, flow: readonly FlowStep[], report: FaultReport): void {
  const isRead = methods?.every((method) => method !== '*' && !['createOrder', 'cancelOrder', 'mutating'].includes(method)) === true;
  if (isRead && purposes?.every((purpose) => CREATE_PURPOSES.includes(purpose)) === true)
    report(rule, ['when', 'purpose'], `a call that changes nothing is for precheck or poll, not for ${purposes.join(' or ')}`, 'say poll');
  if (purposes?.every((purpose) => purpose === 'close') === true && !flow.some((step) => step.do === 'exit' || step.do === 'trade'))
    report(rule, ['when', 'purpose'], 'nothing is closed: the flow has no exit', 'add { do: exit } to the flow');
}

const isFlow = ({ do: word }: FlowStep): boolean => word === 'enter' || word === 'exit';

/** Flows and lives of the process that the scenario does not have. */
function checkPlace(
  rule: FaultRule,
  match: { readonly flow?: number | undefined; readonly incarnation?: number | undefined; readonly purposes?: readonly string[] | undefined },
  { flow, faults, trades }: Parts,
  report: FaultReport,
): void {
  const flows = flow.filter(isFlow).length;
  if (match.flow !== undefined && match.flow > flows && !trades)
    report(rule, ['when', 'flow'], `there is no flow ${match.flow}: the scenario has ${flows}`, 'flows count from 1, 0 is between flows');
  const restarts = restartsOf(flow, faults);
  if (match.incarnation !== undefined && match.incarnation > 0 && !restarts)
    report(
      rule,
      ['when', 'incarnation'],
      `the process has one life here, 0: nothing restarts it`,
      'add a crash with restartAfter, or { do: restart }',
    );
  if (match.purposes?.every((purpose) => purpose === 'recover') === true && !restarts)
    report(rule, ['when', 'purpose'], 'nothing recovers: the process is never restarted', 'add a crash with restartAfter, or { do: restart }');
}

/** Whether anything ends and restarts the process. */
export function restartsOf(flow: readonly FlowStep[], faults: readonly FaultRule[]): boolean {
  return flow.some((step) => step.do === 'restart') || faults.some(({ inject }) => inject.action.kind === 'crash');
}

/** A fault whose every call an earlier one has answered before it. */
function checkCovered(rules: readonly FaultRule[], report: FaultReport): void {
  for (const [index, rule] of rules.entries()) {
    if (!rule.required || rule.when.kind !== 'call' || rule.inject.kind !== 'call') continue;
    const match = rule.when.match;
    const stage = rule.inject.stage;
    const other = rules.find((each, place) => each !== rule && isEndless(each) && hides(each, stage, place < index) && isWider(each, match));
    if (other === undefined) continue;
    const where = other.place?.line === undefined ? '' : ` (${other.place.file ?? ''}:${other.place.line})`;
    report(
      rule,
      ['when'],
      `"${other.id}"${where} always answers these calls first, so "${rule.id}" never acts`,
      'limit it (limit, nth, until), or make this one required: false',
    );
  }
}

/** Strikes each call that it matches, as often as it comes. */
function isEndless({ when, limit }: FaultRule): boolean {
  if (when.kind !== 'call') return false;
  const { nth, probability, from, until } = when.match;
  return limit.times === undefined && limit.cooldownMs === undefined && [nth, probability, from, until].every((value) => value === undefined);
}

function hides({ inject }: FaultRule, stage: string, isEarlier: boolean): boolean {
  if (inject.kind !== 'call') return false;
  const { action } = inject;
  if (action.kind === 'lose' && action.part === 'request' && stage !== 'outbound') return true;
  if (inject.stage === 'gateway' && stage === 'matching') return true;
  return isEarlier && inject.stage === stage;
}

/** Whether `rule` matches at least what `match` does. */
function isWider({ when }: FaultRule, match: CallMatcher): boolean {
  if (when.kind !== 'call') return false;
  const wide = when.match;
  const keys = ['side', 'orderType', 'reduceOnly', 'flow', 'incarnation', 'point'] as const;
  if (!venuesOf(match).every((venue) => venuesOf(wide).includes(venue))) return false;
  if (wide.purposes !== undefined && match.purposes?.every((purpose) => wide.purposes?.includes(purpose)) !== true) return false;
  if (wide.methods !== undefined && !wide.methods.includes('*') && match.methods?.every((method) => wide.methods?.includes(method)) !== true)
    return false;
  return keys.every((key) => wide[key] === undefined || wide[key] === match[key]);
}
