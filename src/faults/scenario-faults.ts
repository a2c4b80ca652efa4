import { assert } from '../core/assert.js';
import { uniformAt } from '../core/random.js';
import type { RandomStreams, StreamKey } from '../core/random.js';
import { epochMs } from '../core/units.js';
import type { EpochMs, VenueId } from '../core/units.js';
import { exclusionOf } from './applicability.js';
import { isNth, matchesCall } from './call-matcher.js';
import { matchesStep } from './step-matcher.js';
import { MET_LATER, type CallAction, type DelayDistribution, type InstantAction, type Span } from './fault-action.js';
import { sampleDelayMs } from './delay.js';
import { holds } from './state-predicate.js';
import type { CallMatcher, CallStage, FaultRule, Trigger } from './fault-rule.js';
import type { ActiveWindow, FaultHost, FaultSession, FaultTally, FaultTarget, Fired, ProcessStep, TruthEvent, VenueCall } from './fault-session.js';
import { CalendarFeed } from './calendar.js';
import { NearMisses, type Gate } from './near-misses.js';
import { NotFoundMemory } from './not-found-memory.js';
import { dueAt, matchesAnchor, TriggerBounds } from './trigger-bounds.js';
import { WindowBook } from './window-book.js';

/** A session with what a driver of flow steps and a judge of expectations need besides. */
export interface ScenarioFaultSession extends FaultSession {
  /** Runs `act` once, when the trigger is due or at once when it has been; steps of a flow hang on the same anchors as faults. */
  watch(trigger: Trigger, act: (at: EpochMs) => void): void;
  /** Something met a fault that began earlier (a disk, a stream, a channel that fails): only now it counts as fired. */
  met(fault: string, what: string): void;
  /** The latest instant at which a fault that fired was still at work; undefined while none fired. For ever counts from its start. */
  lastStruckAt(): EpochMs | undefined;
}

/** A fault and what it has done so far. */
interface Armed {
  readonly rule: FaultRule;
  readonly key: StreamKey;
  readonly bounds: TriggerBounds;
  readonly counts: Map<string, number>;
  readonly misses: NearMisses;
  strikes: number;
  lastStrike: number | undefined;
  fired: number;
  masked: number;
  struckUntil: number | undefined;
}

/** A call fault that matches and is not used up. */
interface Candidate {
  readonly fault: Armed;
  readonly stage: CallStage;
  readonly action: CallAction;
}

/**
 * One run's faults. Every chance is hashed from seed, fault (or group) and the call's position, so that removing
 * one fault moves no other draw. `fault.fired` events come from inside; those that a host reports are ignored.
 */
export function createFaultSession(
  scenario: readonly FaultRule[] | { readonly faults: readonly FaultRule[] },
  seeds: RandomStreams,
): ScenarioFaultSession {
  return new ScenarioFaults('faults' in scenario ? scenario.faults : scenario, seeds);
}

class ScenarioFaults implements ScenarioFaultSession {
  readonly #faults: readonly Armed[];
  readonly #book = new WindowBook();
  readonly #notFound = new NotFoundMemory<Armed>();
  readonly #calendars: { readonly fault: Armed; readonly venues: readonly FaultTarget[]; readonly feed: CalendarFeed }[] = [];
  #watchers: { readonly trigger: Extract<Trigger, { kind: 'anchor' }>; readonly act: (at: EpochMs) => void }[] = [];
  readonly #early: { readonly trigger: Exclude<Trigger, { kind: 'anchor' }>; readonly act: (at: EpochMs) => void }[] = [];
  /** The first event of each sort, for those who ask later. */
  readonly #past = new Map<string, TruthEvent>();
  #host: FaultHost | undefined;
  #startedAt: EpochMs | undefined;
  /** While a call is judged, what it sets off waits: a fault anchored on this one begins with the next call. */
  #held: TruthEvent[] | undefined;

  constructor(rules: readonly FaultRule[], seeds: RandomStreams) {
    this.#faults = rules.map((rule) => ({
      rule,
      key: seeds.key(rule.group === undefined ? `fault/${rule.id}` : `fault-group/${rule.group}`),
      bounds:
        rule.when.kind === 'call' || rule.when.kind === 'step'
          ? new TriggerBounds(rule.when.match.from, rule.when.match.until)
          : new TriggerBounds(undefined, undefined),
      counts: new Map<string, number>(),
      misses: new NearMisses(),
      strikes: 0,
      lastStrike: undefined,
      fired: 0,
      masked: 0,
      struckUntil: undefined,
    }));
  }

  start(host: FaultHost): void {
    assert(this.#host === undefined, 'a fault session starts once');
    this.#host = host;
    const start = host.now();
    this.#startedAt = start;
    for (const fault of this.#faults) {
      fault.bounds.start(start);
      const { when } = fault.rule;
      if (when.kind === 'timer' && when.at.kind !== 'anchor') this.#strikeAt(fault, dueAt(when.at, start), when.venues);
      if (when.kind === 'calendar') this.#calendars.push({ fault, venues: when.venues, feed: new CalendarFeed(when.windows, start, when.foldMs) });
    }
    this.#feed(start);
    for (const { trigger, act } of this.#early) this.#schedule(dueAt(trigger, start), act);
  }

  judge(call: VenueCall): readonly Fired<CallAction>[] {
    this.#required();
    this.#held = [];
    const chosen = new Map<CallStage, Candidate>();
    const remembered = this.#notFound.recall(call);
    if (remembered !== undefined) {
      const action: CallAction = { kind: 'notFound', forMs: remembered.until - call.at };
      chosen.set('inbound', { fault: remembered.owner, stage: 'inbound', action });
    }
    for (const fault of this.#faults) this.#consider(fault, call, chosen);
    const acting = this.#reachable([...chosen.values()]);
    for (const candidate of acting) if (candidate.fault !== remembered?.owner) this.#commit(candidate, call);
    const held = this.#held;
    this.#held = undefined;
    for (const event of held) this.#dispatch(event);
    return acting.map(({ fault, action }) => ({ fault: fault.rule.id, action }));
  }

  windows(venue: FaultTarget, at: EpochMs): readonly ActiveWindow[] {
    if (this.#calendars.length > 0) this.#feed(at);
    return this.#book.at(venue, at);
  }

  hit(view: ActiveWindow, _at: EpochMs, request: number): void {
    const window = this.#book.of(view);
    const fault = this.#faults.find((armed) => armed.rule.id === view.fault);
    assert(window !== undefined && fault !== undefined, () => `a hit names a window of this session, was ${view.fault}`);
    window.hits += 1;
    const grows = view.action.kind === 'ban' && request !== window.opener && view.action.extendOnHitMs > 0;
    if (view.action.kind === 'ban' && grows) this.#book.extend(window, view.action.extendOnHitMs);
    if (view.action.kind === 'outage' || view.action.kind === 'ban' || view.action.kind === 'link') fault.fired += 1;
    fault.struckUntil = Math.max(fault.struckUntil ?? 0, window.until ?? window.from);
    // Later hits of an outage show as answers; a growing ban is told each time.
    if (window.hits > 1 && !grows) return;
    const detail = grows ? `ban grows to ${window.until ?? 'for ever'}` : `met by request ${request}`;
    this.#required().fired(view.fault, view.action.kind, 'window', request, detail);
  }

  observe(event: TruthEvent): void {
    if (event.event !== 'fault.fired') this.#dispatch(event);
  }

  step(step: ProcessStep): void {
    for (const fault of this.#faults) {
      const { when } = fault.rule;
      if (when.kind !== 'step' || !matchesStep(when.match, step)) continue;
      if (!fault.bounds.open(step.at)) {
        fault.misses.stop('time');
        continue;
      }
      const scope = when.match.countPer === 'run' ? '' : when.match.countPer === 'flow' ? String(step.flow) : `${step.flow}/${step.leg ?? ''}`;
      const count = (fault.counts.get(scope) ?? 0) + 1;
      fault.counts.set(scope, count);
      fault.misses.count(count);
      if (!isNth(when.match.nth, count)) fault.misses.stop('nth');
      else if (!this.#allowed(fault, step.at, when.venues)) fault.misses.stop('limit');
      else this.#strike(fault, step.at, when.venues, undefined, undefined, true);
    }
  }

  met(id: string, what: string): void {
    const fault = this.#faults.find((armed) => armed.rule.id === id);
    assert(fault !== undefined && fault.rule.inject.kind === 'instant', () => `an instant fault of this session is met, was ${id}`);
    fault.fired += 1;
    // Later meetings show in what came of them.
    if (fault.fired === 1) this.#required().fired(id, fault.rule.inject.action.kind, 'met', undefined, what);
  }

  tally(): readonly FaultTally[] {
    return this.#faults.map(({ rule, fired, masked, misses, strikes }) => ({
      fault: rule.id,
      required: rule.required,
      fired,
      masked,
      group: rule.group,
      why: fired > 0 ? undefined : misses.why(rule, strikes),
      place: rule.place,
    }));
  }

  watch(trigger: Trigger, act: (at: EpochMs) => void): void {
    if (trigger.kind === 'anchor') {
      const past = [...this.#past.values()].find((event) => matchesAnchor(trigger.anchor, event));
      if (past === undefined) this.#watchers.push({ trigger, act });
      else this.#schedule(past.at + trigger.anchor.plusMs, act);
    } else if (this.#startedAt === undefined) this.#early.push({ trigger, act });
    else this.#schedule(dueAt(trigger, this.#startedAt), act);
  }

  lastStruckAt(): EpochMs | undefined {
    const struck = this.#faults.map((fault) => fault.struckUntil).filter((at) => at !== undefined);
    return struck.length === 0 ? undefined : epochMs(Math.max(...struck));
  }

  /** Counts the call for one fault and takes the stage when it is due and free. */
  #consider(fault: Armed, call: VenueCall, chosen: Map<CallStage, Candidate>): void {
    const { when, inject } = fault.rule;
    if (when.kind !== 'call' || !matchesCall(when.match, call)) return;
    const gate = this.#stoppedAt(fault, when.match, call);
    if (gate !== undefined) {
      fault.misses.stop(gate);
      return;
    }
    if (inject.kind === 'call') {
      const taken = chosen.get(inject.stage);
      if (taken === undefined) chosen.set(inject.stage, { fault, stage: inject.stage, action: asVenue(inject.action, call.venue) });
      else if (taken.fault !== fault) mask(fault, taken.fault);
      return;
    }
    this.#strike(fault, call.at, [call.venue], undefined, call.request);
  }

  /** What keeps a call that matches from setting the fault off; undefined: nothing. Counts the call once it gets so far. */
  #stoppedAt(fault: Armed, match: CallMatcher, call: VenueCall): Gate | undefined {
    const { inject } = fault.rule;
    if (!fault.bounds.open(call.at)) return 'time';
    if (inject.kind === 'call' && !this.#canStrike(inject.action, call)) return 'action';
    if (match.state?.every((predicate) => holds(predicate, this.#required().read?.(predicate.path))) === false) return 'state';
    const position = this.#count(fault, match, call);
    fault.misses.count(position);
    if (!isNth(match.nth, position)) return 'nth';
    if (!this.#chance(fault, match, call)) return 'probability';
    return this.#allowed(fault, call.at, [call.venue]) ? undefined : 'limit';
  }

  #canStrike(action: CallAction, call: VenueCall): boolean {
    if (call.prepares === true && (action.kind === 'garble' || action.kind === 'stale')) return false;
    return exclusionOf(action, call.method, call.venue) === undefined;
  }

  #count(fault: Armed, match: CallMatcher, call: VenueCall): number {
    const scope = match.countPer === 'run' ? '' : match.countPer === 'flow' ? String(call.flow) : `${call.flow}/${call.leg}`;
    const count = (fault.counts.get(scope) ?? 0) + 1;
    fault.counts.set(scope, count);
    return count;
  }

  /** The faults of a group share one draw for each flow: one cause strikes both venues or neither. */
  #chance(fault: Armed, match: CallMatcher, call: VenueCall): boolean {
    if (match.probability === undefined) return true;
    return uniformAt(fault.key, fault.rule.group === undefined ? call.point : `flow/${call.flow}`) < match.probability;
  }

  #allowed(fault: Armed, at: number, venues: readonly FaultTarget[]): boolean {
    const { times, cooldownMs, concurrent } = fault.rule.limit;
    if (times !== undefined && fault.strikes >= times) return false;
    if (cooldownMs !== undefined && fault.lastStrike !== undefined && at < fault.lastStrike + cooldownMs) return false;
    return concurrent === undefined || venues.every((venue) => this.#book.openCount(fault.rule.id, venue, epochMs(at)) < concurrent);
  }

  /** A request that is lost never meets the later stages; one refused at the gateway never meets matching. */
  #reachable(chosen: readonly Candidate[]): readonly Candidate[] {
    const lost = chosen.find(({ action }) => action.kind === 'lose' && action.part === 'request');
    const refused = chosen.find(({ stage }) => stage === 'gateway');
    return chosen.filter(({ fault, stage }) => {
      const before = stage === 'outbound' ? undefined : (lost ?? (stage === 'matching' ? refused : undefined));
      if (before !== undefined) mask(fault, before.fault);
      return before === undefined;
    });
  }

  #commit({ fault, stage, action }: Candidate, call: VenueCall): void {
    this.#use(fault, call.at);
    fault.fired += 1;
    fault.struckUntil = Math.max(fault.struckUntil ?? 0, call.at + lastingMs(action));
    if (action.kind === 'notFound') this.#notFound.remember(call, fault, call.at + action.forMs);
    this.#required().fired(fault.rule.id, action.kind, stage, call.request);
    this.#dispatch({ event: 'fault.fired', at: call.at, leg: call.leg, flow: call.flow, fault: fault.rule.id });
  }

  #use(fault: Armed, at: number): void {
    fault.strikes += 1;
    fault.lastStrike = at;
  }

  /** Plans a strike at a time that is known beforehand; `until` where a calendar gives it. */
  #strikeAt(fault: Armed, at: number, venues: readonly FaultTarget[], until?: EpochMs): void {
    const start = this.#startedAt ?? 0;
    const { inject } = fault.rule;
    if (inject.kind === 'window') {
      const end = until ?? this.#endOf(fault, inject.for, at);
      const over = end !== undefined && end <= start;
      if (!over && this.#allowed(fault, Math.max(at, start), venues)) this.#strike(fault, Math.max(at, start), venues, end, undefined);
    } else if (at >= start) {
      this.#schedule(at, () => {
        if (this.#allowed(fault, at, venues)) this.#strike(fault, at, venues, undefined, undefined);
      });
    }
  }

  /** Plans the windows of calendars that come again, once their period has begun. */
  #feed(at: EpochMs): void {
    for (const { fault, venues, feed } of this.#calendars) {
      for (const window of feed.due(at)) this.#strikeAt(fault, window.from, venues, window.until);
    }
  }

  /** Opens the fault's windows from `at` on, or carries out its instant action; `atOnce` while the process stands at that very step. */
  #strike(fault: Armed, at: number, venues: readonly FaultTarget[], until: number | undefined, opener: number | undefined, atOnce = false): void {
    const { inject, id } = fault.rule;
    this.#use(fault, at);
    if (inject.kind === 'instant') {
      const { action } = inject;
      const isAtVenues = action.kind === 'account' || action.kind === 'stream';
      const targets: readonly (VenueId | undefined)[] = isAtVenues ? venues.filter((venue) => venue !== 'fx') : [undefined];
      const act = (now: EpochMs): void => {
        fault.misses.begin();
        if (!MET_LATER.has(action.kind)) fault.fired += 1;
        fault.struckUntil = Math.max(fault.struckUntil ?? 0, now + spanMsOf(action));
        this.#required().fired(id, action.kind, 'instant', opener);
        for (const venue of targets) this.#required().apply(id, action, venue);
        this.#dispatch({ event: 'fault.fired', at: now, fault: id });
      };
      if (atOnce) act(epochMs(at));
      else this.#schedule(at, act);
    } else if (inject.kind === 'window') {
      const end = until ?? this.#endOf(fault, inject.for, at);
      const now = this.#required().now();
      const span = { from: epochMs(at), until: end === undefined ? undefined : epochMs(end) };
      for (const venue of venues) {
        this.#book.add(id, inject.action, venue, span, opener, now);
      }
      if (at <= now) this.#announce(fault, epochMs(at), end, venues);
      else this.#schedule(at, (openedAt) => this.#announce(fault, openedAt, end, venues));
    }
  }

  /** When a window that opens at `at` ends; the length of each is drawn by its number. */
  #endOf(fault: Armed, lasts: Span | DelayDistribution | undefined, at: number): number | undefined {
    if (lasts === 'forever' || lasts === undefined) return undefined;
    if (typeof lasts === 'number') return at + lasts;
    return at + sampleDelayMs(lasts, (n) => uniformAt(fault.key, `lasts/${at}|${n}`));
  }

  /** A window has opened. An outage or ban counts as fired only once a request meets it. */
  #announce(fault: Armed, at: EpochMs, until: number | undefined, venues: readonly FaultTarget[]): void {
    const { inject, id } = fault.rule;
    assert(inject.kind === 'window', 'only windows open');
    fault.misses.begin();
    if (inject.action.kind === 'market' || inject.action.kind === 'slow' || inject.action.kind === 'fx') {
      fault.fired += 1;
      fault.struckUntil = Math.max(fault.struckUntil ?? 0, until ?? at);
    }
    this.#required().fired(id, inject.action.kind, 'window', undefined, `opens on ${venues.join(' and ')} until ${until ?? 'for ever'}`);
    this.#dispatch({ event: 'fault.fired', at, fault: id });
  }

  #dispatch(event: TruthEvent): void {
    if (this.#held !== undefined) {
      this.#held.push(event);
      return;
    }
    const sort = `${event.event}/${event.leg ?? ''}/${event.flow ?? ''}/${event.fault ?? ''}`;
    if (!this.#past.has(sort)) this.#past.set(sort, event);
    for (const fault of this.#faults) {
      fault.bounds.observe(event);
      const { when } = fault.rule;
      if (when.kind !== 'timer' || when.at.kind !== 'anchor' || !matchesAnchor(when.at.anchor, event)) continue;
      const at = event.at + when.at.anchor.plusMs;
      if (this.#allowed(fault, at, when.venues)) this.#strike(fault, at, when.venues, undefined, undefined);
    }
    const due = this.#watchers.filter(({ trigger }) => matchesAnchor(trigger.anchor, event));
    this.#watchers = this.#watchers.filter((watcher) => !due.includes(watcher));
    for (const { trigger, act } of due) this.#schedule(event.at + trigger.anchor.plusMs, act);
  }

  #schedule(at: number, act: (at: EpochMs) => void): void {
    const host = this.#required();
    host.schedule(epochMs(at), () => act(host.now()));
  }

  #required(): FaultHost {
    assert(this.#host !== undefined, 'a fault session is started before its first call');
    return this.#host;
  }
}

function mask(fault: Armed, by: Armed): void {
  fault.masked += 1;
  fault.misses.mask(by.rule.id);
}

/** Upbit knows no expired or rejected order: what does not trade ends in `cancel` (design decision 18). */
function asVenue(action: CallAction, venue: VenueId): CallAction {
  if (venue !== 'upbit' || action.kind !== 'fill' || (action.then !== 'expire' && action.then !== 'reject')) return action;
  return { ...action, then: 'cancel' };
}

/** How long after its call an action is still at work, as far as it is known beforehand. */
function lastingMs(action: CallAction): number {
  if (action.kind === 'notFound') return action.forMs;
  if (action.kind === 'fillAfterCancel') return action.after.kind === 'fixed' ? action.after.ms : 0;
  return action.kind === 'stuck' && action.for !== 'forever' ? action.for : 0;
}

/** How long after its instant an action is still at work; for ever counts from its start. */
function spanMsOf(action: InstantAction): number {
  if (action.kind === 'stall') return action.forMs;
  if (action.kind === 'operator') return action.resumeAfterMs ?? 0;
  if (action.kind !== 'disk' && action.kind !== 'stream' && action.kind !== 'alarm') return 0;
  const isAge = action.kind === 'disk' && action.error === 'old-backup';
  return isAge || action.for === undefined || action.for === 'forever' ? 0 : action.for;
}
