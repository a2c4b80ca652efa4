import { MUTATING_METHODS } from '../exchange/exchange-client.js';
import type { CallMatcher, Nth } from './fault-rule.js';
import type { VenueCall } from './fault-session.js';

/** Whether the call has every attribute that `match` asks for; counting, chance and time are not looked at. */
export function matchesCall(match: CallMatcher, call: VenueCall): boolean {
  return (
    fits(match.venues, call.venue) &&
    (match.methods === undefined || match.methods.some((method) => matchesMethod(method, call))) &&
    (match.leg === undefined || match.leg === call.leg) &&
    fits(match.purposes, call.purpose) &&
    (match.side === undefined || match.side === call.side) &&
    (match.orderType === undefined || match.orderType === call.orderType) &&
    // A create that does not say so is not reduce-only; other calls are neither.
    (match.reduceOnly === undefined || match.reduceOnly === (call.method === 'createOrder' ? (call.reduceOnly ?? false) : call.reduceOnly)) &&
    (match.flow === undefined || match.flow === call.flow) &&
    (match.incarnation === undefined || match.incarnation === call.incarnation) &&
    (match.point === undefined || match.point === call.point)
  );
}

const fits = <T>(wanted: readonly T[] | undefined, found: T): boolean => wanted?.includes(found) ?? true;

function matchesMethod(method: string, call: VenueCall): boolean {
  if (method === '*') return true;
  if (method === 'mutating') return call.mutating;
  if (method === 'read') return !call.mutating;
  return method === call.method;
}

/** Whether the `count`-th matching call (from 1) is one that `nth` asks for. */
export function isNth(nth: Nth | undefined, count: number): boolean {
  if (nth === undefined) return true;
  if (nth.kind === 'list') return nth.values.includes(count);
  return count >= nth.from && count <= (nth.to ?? Infinity) && (count - nth.from) % nth.every === 0;
}

/** Whether a method word of a scenario can stand for `method`. */
export function coversMethod(word: string, method: string): boolean {
  return word === '*' || word === method || word === (MUTATING_METHODS.has(method) ? 'mutating' : 'read');
}
