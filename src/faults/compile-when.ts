import { epochMs, venueOfLeg } from '../core/units.js';
import type { VenueId } from '../core/units.js';
import { CLIENT_METHODS } from './client-methods.js';
import type { Report } from './compile-delay.js';
import type { FaultTarget } from './fault-session.js';
import { isStatePath, STATE_PATHS, statePredicate, type StatePredicate } from './state-predicate.js';
import { isStepPoint, parseStepName } from './step-matcher.js';
import { JOURNAL_EVENT_TYPES } from '../journal/journal-codec.js';
import type { Anchor, CallMatcher, FaultWhen, Nth, Trigger } from './fault-rule.js';
import { didYouMean } from './not-built.js';
import { DURATION, parseDurationMs, parseInstant } from './scenario-time.js';
import type { WhenFile } from './scenario-schema.js';
import type { TimeReference } from './schema-scalars.js';

const BOTH: readonly FaultTarget[] = ['upbit', 'binance'];
const CALL_KEYS = [
  'method',
  'purpose',
  'side',
  'orderType',
  'reduceOnly',
  'nth',
  'countPer',
  'probability',
  'state',
  'flow',
  'incarnation',
  'point',
  'from',
  'until',
] as const;

/** @param faultIds - of the whole scenario, for anchors on `fault.fired`. */
export function compileWhen(when: WhenFile, faultIds: readonly string[], report: Report): FaultWhen {
  // `alerts` is no venue: the fault on it is compiled by itself.
  const named = when.venue === undefined ? undefined : [when.venue].flat().filter((name) => name !== 'alerts');
  const ofLeg = when.leg === undefined ? undefined : venueOfLeg(when.leg);
  if (named !== undefined && ofLeg !== undefined && !named.includes(ofLeg)) {
    report(['leg'], `the ${when.leg ?? ''} leg is on ${ofLeg}, and venue says ${named.join(', ')}: nothing can match`);
  }
  const venues = ofLeg === undefined ? (named ?? BOTH) : [ofLeg];
  if (when.at !== undefined && when.calendar !== undefined) report(['calendar'], 'a fault has at or calendar, not both');
  if (when.at !== undefined || when.calendar !== undefined) {
    refuseCallKeys(when, when.at === undefined ? 'calendar' : 'at', report);
  }
  if (isOfProcess(when)) return compileStep(when, venues, faultIds, report);
  if (when.calendar !== undefined) return compileCalendar(when.calendar, venues, report);
  if (when.at !== undefined) return { kind: 'timer', at: compileTrigger(when.at, faultIds, report, ['at']), venues };
  if (named?.includes('fx') === true) report(['venue'], 'no call goes to fx: the USD/KRW quote is not asked for', 'say when with at or calendar');
  const venueIds = named?.filter((venue): venue is VenueId => venue !== 'fx');
  return { kind: 'call', match: compileMatcher(when, venueIds, faultIds, report) };
}

function refuseCallKeys(when: WhenFile, timing: 'at' | 'calendar', report: Report): void {
  for (const key of CALL_KEYS) {
    if (when[key] !== undefined) report([key], `${timing} is a timer; ${key} belongs to calls`, 'a fault on calls has from and until instead');
  }
}

const isOfProcess = ({ step, point }: WhenFile): boolean => step !== undefined || (point !== undefined && isStepPoint(point));

/** What belongs to calls alone and means nothing at a step of the process. */
const NOT_OF_STEPS = ['method', 'side', 'orderType', 'reduceOnly', 'probability', 'state', 'at', 'calendar'] as const;

function compileStep(when: WhenFile, venues: readonly FaultTarget[], faultIds: readonly string[], report: Report): FaultWhen {
  for (const key of NOT_OF_STEPS) if (when[key] !== undefined) report([key], `a step of the process has no ${key}`);
  if (when.step !== undefined) checkStepName(when.step, report);
  return {
    kind: 'step',
    match: {
      step: when.step,
      point: when.point,
      leg: when.leg,
      purposes: when.purpose === undefined ? undefined : [when.purpose].flat(),
      flow: when.flow,
      incarnation: when.incarnation,
      nth: compileNth(when.nth, report),
      countPer: when.countPer ?? 'flow',
      from: when.from === undefined ? undefined : compileTrigger(when.from, faultIds, report, ['from']),
      until: when.until === undefined ? undefined : compileTrigger(when.until, faultIds, report, ['until']),
    },
    venues,
  };
}

const CALL_STEPS = BOTH.flatMap((venue) => CLIENT_METHODS.map((method) => `${venue}.${method}`));

/** A step that no executor ever comes to would never fire; most slips can be told from the name. */
function checkStepName(step: string, report: Report): void {
  const shape = 'expected <venue>.<method>.pre, .sent or .got, or journal.append(<type>[,<leg>]).before or .after';
  const name = parseStepName(step);
  if (name === undefined) {
    report(['step'], `"${step}" names no step`, shape);
    return;
  }
  const isAppend = name.base === 'journal.append';
  if (!isAppend && !CALL_STEPS.includes(name.base)) {
    report(['step'], `no such step: "${name.base}"`, didYouMean(name.base, ['journal.append', ...CALL_STEPS]) ?? shape);
  }
  if (isAppend !== (name.moment === 'before' || name.moment === 'after')) report(['step'], `"${name.moment}" is no moment of ${name.base}`, shape);
  const [type] = name.args;
  if (isAppend && type !== undefined && !JOURNAL_EVENT_TYPES.includes(type)) {
    report(['step'], `the journal has no event "${type}"`, didYouMean(type, JOURNAL_EVENT_TYPES) ?? `known: ${JOURNAL_EVENT_TYPES.join(', ')}`);
  }
}

function compileMatcher(when: WhenFile, venues: readonly VenueId[] | undefined, faultIds: readonly string[], report: Report): CallMatcher {
  const methods = when.method === undefined ? undefined : [when.method].flat();
  for (const method of methods ?? []) checkMethod(method, report);
  const trigger = (key: 'from' | 'until'): Trigger | undefined => {
    const reference = when[key];
    return reference === undefined ? undefined : compileTrigger(reference, faultIds, report, [key]);
  };
  return {
    venues,
    methods,
    leg: when.leg,
    purposes: when.purpose === undefined ? undefined : [when.purpose].flat(),
    side: when.side,
    orderType: when.orderType,
    reduceOnly: when.reduceOnly,
    flow: when.flow,
    incarnation: when.incarnation,
    point: when.point,
    nth: compileNth(when.nth, report),
    countPer: when.countPer ?? 'flow',
    probability: when.probability,
    state: compileState(when.state, report),
    from: trigger('from'),
    until: trigger('until'),
  };
}

const METHOD_WORDS = ['mutating', 'read', '*', ...CLIENT_METHODS];

function checkMethod(method: string, report: Report): void {
  if (METHOD_WORDS.includes(method)) return;
  const meant = didYouMean(method, METHOD_WORDS);
  const hint = meant === undefined && /create|order/i.test(method) ? 'every way of creating an order is "createOrder"' : meant;
  report(['method'], `no such method: "${method}"`, hint ?? `known: ${METHOD_WORDS.join(', ')}`);
}

function compileState(state: WhenFile['state'], report: Report): readonly StatePredicate[] | undefined {
  return state?.flatMap(({ path, op, value }, index) => {
    if (!isStatePath(path)) {
      report(['state', index, 'path'], `there is no such state: "${path}"`, didYouMean(path, STATE_PATHS) ?? `known: ${STATE_PATHS.join(', ')}`);
      return [];
    }
    const predicate = statePredicate(path, op, value);
    if (!('problem' in predicate)) return [predicate];
    report(['state', index, predicate.key], predicate.problem);
    return [];
  });
}

export function compileNth(nth: WhenFile['nth'], report: Report): Nth | undefined {
  if (nth === undefined) return undefined;
  if (typeof nth === 'number') return { kind: 'list', values: [nth] };
  if (Array.isArray(nth)) return { kind: 'list', values: nth };
  if (nth.to !== undefined && nth.to < nth.from) report(['nth', 'to'], `to is at least from (${nth.from}), found ${nth.to}`);
  return { kind: 'range', from: nth.from, to: nth.to, every: nth.every ?? 1 };
}

export function compileTrigger(reference: TimeReference, faultIds: readonly string[], report: Report, path: readonly PropertyKey[]): Trigger {
  if (typeof reference === 'string') {
    if (DURATION.test(reference)) return { kind: 'offset', ms: parseDurationMs(reference) };
    const at = parseInstant(reference);
    if (at === undefined) report(path, `there is no such instant: "${reference}"`);
    return { kind: 'instant', at: at ?? epochMs(0) };
  }
  const { event, leg, fault, flow, plus } = reference;
  if (event === 'fault.fired' && fault === undefined) report([...path, 'fault'], 'missing; fault.fired says which fault');
  if (event !== 'fault.fired' && fault !== undefined) report([...path, 'fault'], `only fault.fired names a fault, the event is ${event}`);
  if (fault !== undefined && !faultIds.includes(fault)) report([...path, 'fault'], `no fault has the id "${fault}"`, didYouMean(fault, faultIds));
  const wholeRun = event === 'flow.start' || event === 'process.restart' || event === 'fault.fired';
  if (leg !== undefined && wholeRun) report([...path, 'leg'], `${event} has no leg`);
  if (flow !== undefined && (event === 'process.restart' || event === 'fault.fired')) report([...path, 'flow'], `${event} belongs to no flow`);
  const anchor: Anchor = { event, leg, fault, flow, plusMs: plus === undefined ? 0 : parseDurationMs(plus) };
  return { kind: 'anchor', anchor };
}

function compileCalendar(calendar: NonNullable<WhenFile['calendar']>, venues: readonly FaultTarget[], report: Report): FaultWhen {
  const foldMs = calendar.fold === undefined || calendar.fold === 'forever' ? undefined : parseDurationMs(calendar.fold);
  if (foldMs !== undefined && foldMs < 86_400_000) report(['calendar', 'fold'], `a fold has at least one whole day, found ${calendar.fold ?? ''}`);
  const texts = 'windows' in calendar ? calendar.windows : [];
  const windows = texts.map(([from, until], index) => {
    const [start, end] = [parseInstant(from), parseInstant(until)];
    if (start === undefined || end === undefined) report(['calendar', 'windows', index], 'there is no such instant');
    else if (end <= start) report(['calendar', 'windows', index], 'a window ends after it starts');
    return { from: start ?? epochMs(0), until: end ?? epochMs(1) };
  });
  return { kind: 'calendar', windows, foldMs, venues };
}
