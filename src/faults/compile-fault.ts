import type { InputPlace } from '../core/input-error.js';
import { venueOfLeg } from '../core/units.js';
import type { VenueId } from '../core/units.js';
import { exclusionOf } from './applicability.js';
import { coversMethod } from './call-matcher.js';
import { CLIENT_METHODS } from './client-methods.js';
import type { Report } from './compile-delay.js';
import { compileInject } from './compile-inject.js';
import { compileProcess, compileAlarm } from './compile-process.js';
import { compileNth, compileWhen } from './compile-when.js';
import type { CallAction } from './fault-action.js';
import type { CallMatcher, FaultInject, FaultRule, FaultWhen } from './fault-rule.js';
import type { FaultTarget } from './fault-session.js';
import { parseDurationMs } from './scenario-time.js';
import type { FaultFile } from './scenario-schema.js';

const BOTH: readonly VenueId[] = ['upbit', 'binance'];

/**
 * One fault of a scenario, checked for what its schema cannot see: that the action can happen when the matcher says.
 *
 * @param report - told of every problem, with its path inside the fault.
 */
export function compileFault(fault: FaultFile, faultIds: readonly string[], place: InputPlace, report: Report): FaultRule {
  const { when, inject } = compileParts(fault, faultIds, report);
  checkPairing(when, inject, report);
  if (fault.when.channel !== undefined && !(inject.kind === 'instant' && inject.action.kind === 'stream'))
    report(['when', 'channel'], 'only a stream has channels');
  const { limit } = fault;
  if (limit?.concurrent !== undefined && inject.kind !== 'window') {
    report(['limit', 'concurrent'], 'counts open windows (outage, ban, market)', 'limit calls with times and cooldown');
  }
  if (when.kind === 'calendar' && fault.limit?.cooldown !== undefined) report(['limit', 'cooldown'], 'a calendar has its own dates');
  // A calendar strikes as often as it has windows unless the file says otherwise.
  const times = limit === undefined && when.kind !== 'calendar' ? 1 : limit?.times;
  return {
    id: fault.id,
    when: atItsVenues(when, inject, fault, report),
    inject,
    limit: { times, concurrent: limit?.concurrent, cooldownMs: limit?.cooldown === undefined ? undefined : parseDurationMs(limit.cooldown) },
    group: fault.group,
    required: fault.required,
    note: fault.note,
    place,
  };
}

const isOnFx = (fault: FaultFile): boolean => [fault.when.venue ?? []].flat().includes('fx');

function compileParts(fault: FaultFile, faultIds: readonly string[], report: Report): { readonly when: FaultWhen; readonly inject: FaultInject } {
  const ofWhen: Report = (path, problem, hint) => report(['when', ...path], problem, hint);
  const ofInject: Report = (path, problem, hint) => report(['inject', ...path], problem, hint);
  if ([fault.when.venue ?? []].flat().includes('alerts')) {
    const timer = fault.when.at === undefined ? undefined : compileWhen({ at: fault.when.at }, faultIds, ofWhen);
    return compileAlarm(fault, timer, compileNth(fault.when.nth, ofWhen), report);
  }
  const when = compileWhen(fault.when, faultIds, ofWhen);
  const action = compileProcess(fault, ofInject);
  return { when, inject: action === undefined ? compileInject(fault.inject, isOnFx(fault), ofInject) : { kind: 'instant', action } };
}

function checkPairing(when: FaultWhen, inject: FaultInject, report: Report): void {
  const action = inject.action.kind;
  if (inject.kind === 'call') {
    if (when.kind !== 'call') report(['when'], `${action} happens to a call; say which with method, leg, purpose, nth instead of a timer`);
    else checkApplies(inject.action, when.match, report);
    return;
  }
  if (when.kind !== 'call' && when.venues.includes('fx') && action !== 'fx') {
    report(
      ['when', 'venue'],
      `${action} happens to a venue; fx is the USD/KRW quote`,
      'freeze it with market: { halt: true } or move it with market: { gapBp: ... }',
    );
  }
  if (when.kind !== 'calendar') {
    if (inject.kind === 'window' && action === 'outage' && inject.for === undefined)
      report(['inject', 'outage', 'for'], 'missing; only a calendar says how long by itself');
    return;
  }
  if (inject.kind === 'instant') report(['when', 'calendar'], `${action} is one moment, a calendar holds windows`, 'use at');
  else if (inject.for !== undefined) report(['inject', action, 'for'], 'the calendar says how long');
}

/** Of all calls the matcher can mean, the action must be able to do something to one. */
function checkApplies(action: CallAction, match: CallMatcher, report: Report): void {
  const venues = match.venues ?? BOTH;
  const words = match.methods ?? ['*'];
  const reasons = venues
    .filter((venue) => match.leg === undefined || venueOfLeg(match.leg) === venue)
    .flatMap((venue) =>
      CLIENT_METHODS.filter((method) => words.some((word) => coversMethod(word, method))).map((method) => exclusionOf(action, method, venue)),
    );
  const [reason] = reasons;
  if (reason === undefined || reasons.includes(undefined)) return;
  report(['when', 'method'], `${action.kind} can do nothing to ${words.join(', ')}`, reason);
}

const isOnPerp = ({ leg, venues }: CallMatcher): boolean => leg === 'perp' || (venues?.length === 1 && venues[0] === 'binance');

/** Account events belong to the venue that can have them. */
function atItsVenues(when: FaultWhen, inject: FaultInject, fault: FaultFile, report: Report): FaultWhen {
  if (inject.kind !== 'instant' || inject.action.kind !== 'account') return when;
  const { balance, key, rules, adl, liquidate, fundingRate, closedByHand, positionMode, leverage } = inject.action;
  const onBinance = [adl, liquidate, fundingRate, closedByHand, positionMode, leverage].some((value) => value !== undefined);
  const venue = ['when', 'venue'];
  if (when.kind === 'call') {
    if (onBinance && !isOnPerp(when.match)) report(venue, 'only binance has positions, leverage and funding', 'say venue: binance');
    return when;
  }
  const named = fault.when.venue !== undefined || fault.when.leg !== undefined;
  const [only] = when.venues;
  if (balance !== undefined && (!named || when.venues.length !== 1)) report(venue, 'whose balance? name one venue');
  for (const [what, given] of Object.entries({ rules, key })) if (given !== undefined && !named) report(venue, `whose ${what}? name a venue`);
  if (onBinance && named && (when.venues.length !== 1 || only !== 'binance')) report(venue, 'only binance has positions, leverage and funding');
  const venues: readonly FaultTarget[] = onBinance ? ['binance'] : when.venues;
  return { ...when, venues };
}

/** Problems between faults: ids used twice, stages claimed twice, groups of one. */
export function checkFaults(rules: readonly FaultRule[], report: (rule: FaultRule, key: string, problem: string, hint?: string) => void): void {
  const byId = new Map<string, FaultRule>();
  const claims = new Map<string, FaultRule>();
  for (const rule of rules) {
    const same = byId.get(rule.id);
    if (same !== undefined) report(rule, 'id', `the id "${rule.id}" is taken${where(same)}`);
    byId.set(rule.id, rule);
    const claim = claimOf(rule);
    const earlier = claim === undefined ? undefined : claims.get(claim);
    if (earlier !== undefined) {
      report(
        rule,
        'when',
        `"${rule.id}" and "${earlier.id}"${where(earlier)} match the same calls at the same stage, so only one could act`,
        'narrow one of them (nth, leg, purpose, from)',
      );
    } else if (claim !== undefined) claims.set(claim, rule);
    if (rule.group !== undefined && rules.filter((other) => other.group === rule.group).length < 2) {
      report(rule, 'group', `"${rule.group}" has one fault; a group is several that fire as one cause`);
    }
  }
}

const where = (rule: FaultRule): string => (rule.place?.line === undefined ? '' : ` (${rule.place.file ?? ''}:${rule.place.line})`);

/** What two faults may not have in common. Chance makes an overlap accidental: the first then wins and the other is counted as masked. */
function claimOf({ when, inject }: FaultRule): string | undefined {
  if (when.kind === 'call' && when.match.probability !== undefined && when.match.probability < 1) return undefined;
  const stage = inject.kind === 'call' ? inject.stage : inject.kind === 'window' ? inject.action.kind : undefined;
  return stage === undefined ? undefined : `${stage} ${canonical(when)}`;
}

/** Key order and list order do not make two matchers different. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join(',')}]`;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return `{${entries
    .map(([key, child]) => `${key}:${canonical(child)}`)
    .sort()
    .join(',')}}`;
}
