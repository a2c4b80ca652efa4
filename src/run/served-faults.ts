import { addMs, type EpochMs } from '../core/units.js';
import type { FaultRule, FaultWhen, Trigger } from '../faults/fault-rule.js';

/** Faults as a server injects them, and what it cannot do of them. */
export interface ServedFaults {
  readonly rules: readonly FaultRule[];
  /** One sentence each. */
  readonly remarks: readonly string[];
}

/** What happens to a process of our own; a client's is another's and stays alive. */
const OF_THE_PROCESS: ReadonlySet<string> = new Set(['crash', 'stall', 'clock', 'twin', 'disk', 'operator', 'alarm']);

/**
 * A scenario's faults for a run that begins at another time: what is due at an instant is due as long after the start as
 * there, and what would happen inside the client is left out and told.
 *
 * @param scenarioStart - when the scenario begins by its own dates.
 */
export function servedFaults(faults: readonly FaultRule[], scenarioStart: EpochMs, start: EpochMs): ServedFaults {
  const rules: FaultRule[] = [];
  const remarks: string[] = [];
  for (const rule of faults) {
    const why = whyNot(rule);
    if (why === undefined) rules.push({ ...rule, when: shifted(rule.when, start - scenarioStart) });
    else remarks.push(`fault ${rule.id} is not applicable: ${why}`);
    const how = approximation(rule);
    if (how !== undefined) remarks.push(`fault ${rule.id} is approximated: ${how}`);
  }
  return { rules, remarks };
}

function whyNot({ inject, when }: FaultRule): string | undefined {
  const { kind } = inject.action;
  if (inject.kind === 'instant' && OF_THE_PROCESS.has(kind)) return `${kind} happens to a process, and a client keeps its own`;
  if (when.kind === 'step') return 'steps of a client are not seen from outside';
  if (kind === 'fx') return 'no client asks the venues for USD/KRW';
  if (when.kind !== 'call') return undefined;
  if ((when.match.incarnation ?? 0) > 0) return 'a later life of the process is not told from the first one';
  return when.match.purposes?.every((purpose) => purpose === 'recover') === true ? 'a restart of the client is not seen from outside' : undefined;
}

function approximation({ inject: { action } }: FaultRule): string | undefined {
  if (action.kind === 'lose' && action.as === 'dns') return 'a name that does not resolve is a reset connection here';
  if (action.kind === 'delay' && action.part === 'limiter')
    return "the delay of a client's own limiter begins when its request, signed already, has come";
  return undefined;
}

function shifted(when: FaultWhen, byMs: number): FaultWhen {
  switch (when.kind) {
    case 'call':
      return { ...when, match: { ...when.match, from: later(when.match.from, byMs), until: later(when.match.until, byMs) } };
    case 'step':
      return when;
    case 'timer':
      return { ...when, at: later(when.at, byMs) ?? when.at };
    case 'calendar':
      // Windows that come again keep their hour of day.
      if (when.foldMs !== undefined) return when;
      return { ...when, windows: when.windows.map(({ from, until }) => ({ from: addMs(from, byMs), until: addMs(until, byMs) })) };
  }
}

function later(trigger: Trigger | undefined, byMs: number): Trigger | undefined {
  return trigger?.kind === 'instant' ? { kind: 'instant', at: addMs(trigger.at, byMs) } : trigger;
}
