import { MUTATING_METHODS } from '../../../src/exchange/exchange-client.js';
import { isNth, matchesCall } from '../../../src/faults/call-matcher.js';
import type { Anchor, CallMatcher, FaultRule } from '../../../src/faults/fault-rule.js';
import type { VenueCall } from '../../../src/faults/fault-session.js';
import type { ResolvedScenario } from '../../../src/faults/resolved-scenario.js';
import type { SimulatedRun } from '../../../src/run/simulated-run.js';
import type { TapeEvent } from '../../../src/sim/tape-event.js';

type Request = Extract<TapeEvent, { type: 'request' }>;

/** A call as it stands on the tape, without the session that judged it. */
function callOf(event: Request): VenueCall {
  const orderType = event.orderType as VenueCall['orderType'];
  const incarnation = Number(/^e(\d+)\//.exec(event.point)?.[1] ?? 0);
  return { ...event, at: event.t, orderType, incarnation, mutating: MUTATING_METHODS.has(event.method) };
}

/**
 * Why a required fault did not fire, as far as the tape alone can show that the executor gave it no occasion.
 *
 * @returns undefined when the tape shows no reason: then it is the scenario, and not the executor, that is silent.
 */
export function whySilent(rule: FaultRule, scenario: ResolvedScenario, run: SimulatedRun): string | undefined {
  const { tape, evidence } = run;
  if (scenario.needs.length > 0 && !run.capabilities.includes('journal')) return 'not judged: it declares no journal';
  const calls = tape.events.flatMap((event) => (event.type === 'request' ? [callOf(event)] : []));
  if (rule.when.kind === 'call') {
    const of = whyNoCall(rule.when.match, calls, tape.events);
    if (of !== undefined) return of;
  }
  if (rule.when.kind === 'timer' && rule.when.at.kind === 'anchor' && !happened(rule.when.at.anchor, run)) return 'what it waits for never happens';
  const { inject } = rule;
  const struckAt = tape.events.find((event) => event.type === 'fault' && event.fault === rule.id)?.t;
  if (inject.kind === 'window')
    return struckAt === undefined || isMet(rule, struckAt, tape.events) ? undefined : 'it asks nothing of the kind meanwhile';
  if (inject.kind !== 'instant') return undefined;
  if (inject.action.kind === 'alarm') return (evidence.told ?? []).length === 0 ? 'it tells nobody' : undefined;
  if (inject.action.kind === 'disk') return run.journal.length === 0 ? 'it keeps no journal' : undefined;
  if (inject.action.kind === 'stream')
    return calls.every(({ method }) => method !== 'createOrder') ? 'it sends no order, so that no stream tells of one' : undefined;
  return undefined;
}

/** Whether a request that a window means reached one of its venues between `from` and the window's end. */
function isMet({ when, inject }: FaultRule, from: number, tape: readonly TapeEvent[]): boolean {
  const requests = new Map(tape.flatMap((event) => (event.type === 'request' ? [[event.request, event] as const] : [])));
  const window = when.kind === 'calendar' ? when.windows[0] : undefined;
  const lasts =
    window === undefined ? (inject.kind === 'window' && typeof inject.for === 'number' ? inject.for : Infinity) : window.until - window.from;
  const ordersOnly = inject.kind === 'window' && inject.action.kind === 'outage' && inject.action.scope === 'orders';
  return tape.some((event) => {
    const request = event.type === 'arrived' ? requests.get(event.request) : undefined;
    if (request === undefined || event.t < from || event.t >= from + lasts) return false;
    const isThere = when.kind === 'call' || when.venues.includes(request.venue);
    return isThere && (!ordersOnly || MUTATING_METHODS.has(request.method));
  });
}

function whyNoCall(match: CallMatcher, calls: readonly VenueCall[], tape: readonly TapeEvent[]): string | undefined {
  const meant = calls.filter((call) => matchesCall(match, call));
  if (calls.every(({ method }) => method !== 'createOrder')) return 'it sends no order at all';
  if (meant.length === 0) return 'it sends no such call';
  const counts = new Map<string, number>();
  const due = meant.filter((call) => {
    const scope = match.countPer === 'run' ? '' : match.countPer === 'flow' ? String(call.flow) : `${call.flow}/${call.leg}`;
    counts.set(scope, (counts.get(scope) ?? 0) + 1);
    return isNth(match.nth, counts.get(scope) ?? 0);
  });
  if (due.length === 0) return 'it sends too few such calls';
  if (match.from?.kind === 'anchor' && match.from.anchor.event === 'fault.fired') {
    const { fault, plusMs } = match.from.anchor;
    const fired = tape.find((event) => event.type === 'fault' && event.fault === fault)?.t;
    if (fired === undefined || meant.every(({ at }) => at < fired + plusMs)) return 'it sends such calls only before another fault has fired';
  }
  return match.probability === undefined ? undefined : 'chance did not choose one of so few calls';
}

/** Whether the tape shows what an anchor waits for. */
function happened({ event: name, leg, flow, fault }: Anchor, { tape, journal }: SimulatedRun): boolean {
  const fits = (event: { readonly leg?: unknown; readonly flow?: unknown }): boolean =>
    (leg === undefined || event.leg === leg) && (flow === undefined || event.flow === flow);
  const some = (test: (event: TapeEvent) => boolean): boolean => tape.events.some(test);
  switch (name) {
    case 'order.sent':
      return some((event) => event.type === 'request' && event.method === 'createOrder' && fits(event));
    case 'order.accepted':
      return some((event) => event.type === 'order.accepted' && fits(event));
    case 'order.filled':
      return some((event) => event.type === 'order.ended' && event.status === 'filled' && fits(event));
    case 'order.partiallyFilled':
      return some((event) => event.type === 'fill' && fits(event));
    case 'leg.done':
      return some((event) => event.type === 'order.ended' && event.executed > 0n && fits(event));
    case 'rollback.start':
      return some((event) => event.type === 'request' && event.purpose === 'rollback' && fits(event));
    case 'intent.written':
      return journal.some(({ event }) => event.type === 'intent' && fits(event));
    case 'process.restart':
      return some((event) => event.type === 'process' && event.event === 'restart');
    case 'flow.start':
      return some((event) => event.type === 'flow.begin' && (flow === undefined || event.flow === flow));
    case 'fault.fired':
      return some((event) => event.type === 'fault' && event.fault === fault);
  }
}
