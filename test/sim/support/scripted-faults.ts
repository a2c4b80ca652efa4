import type { CallAction, InstantAction, WindowAction } from '../../../src/faults/fault-action.js';
import type { ActiveWindow, FaultHost, FaultSession, TruthEvent, VenueCall } from '../../../src/faults/fault-session.js';
import { addMs, type EpochMs, type VenueId } from '../../../src/core/units.js';
import { START } from './world.js';

export interface ScriptedWindow {
  readonly venue: VenueId;
  readonly action: WindowAction;
  /** Milliseconds after the start of the world. */
  readonly fromMs?: number;
  readonly untilMs?: number;
}

export interface ScriptedFaults extends FaultSession {
  readonly calls: readonly VenueCall[];
  readonly events: readonly TruthEvent[];
  readonly hits: readonly EpochMs[];
  /** Carries out an instant action now. */
  strike(action: InstantAction, venue: VenueId): void;
}

/** Faults as a function of the call, and windows as a list: what a scenario file compiles to, without the file. */
export function scriptedFaults(script: {
  readonly onCall?: (call: VenueCall) => readonly CallAction[];
  readonly windows?: readonly ScriptedWindow[];
}): ScriptedFaults {
  const calls: VenueCall[] = [];
  const events: TruthEvent[] = [];
  const hits: EpochMs[] = [];
  const windows = (script.windows ?? []).map(({ venue, action, fromMs = 0, untilMs }) => ({
    venue,
    view: {
      fault: action.kind,
      action,
      from: addMs(START, fromMs),
      until: untilMs === undefined ? undefined : addMs(START, untilMs),
    } satisfies ActiveWindow,
  }));
  let host: FaultHost | undefined;
  return {
    calls,
    events,
    hits,
    start: (given) => {
      host = given;
    },
    step: () => undefined,
    judge: (call) => {
      calls.push(call);
      return (script.onCall?.(call) ?? []).map((action) => {
        host?.fired(action.kind, action.kind, 'call', call.request);
        return { fault: action.kind, action };
      });
    },
    windows: (venue, at) =>
      windows
        .filter(({ venue: over, view }) => over === venue && view.from <= at && (view.until === undefined || at < view.until))
        .map(({ view }) => view),
    hit: (_window, at) => void hits.push(at),
    observe: (event) => void events.push(event),
    tally: () => [],
    strike: (action, venue) => host?.apply(action.kind, action, venue),
  };
}

/** Strikes the n-th call (from 1) of a method at a venue. */
export function nth(venue: VenueId, method: string, n: number, ...actions: CallAction[]): (call: VenueCall) => readonly CallAction[] {
  let seen = 0;
  return (call) => {
    if (call.venue !== venue || call.method !== method) return [];
    seen += 1;
    return seen === n ? actions : [];
  };
}

/** Strikes every call of a method at a venue. */
export const each =
  (venue: VenueId, method: string, ...actions: CallAction[]) =>
  (call: VenueCall): readonly CallAction[] =>
    call.venue === venue && call.method === method ? actions : [];
