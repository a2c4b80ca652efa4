import type { DiskFault } from '../journal/simulated-disk.js';
import type { Report } from './compile-delay.js';
import type { ProcessAction } from './fault-action.js';
import type { FaultInject, FaultWhen, Nth } from './fault-rule.js';
import { parseDurationMs, parseSpan } from './scenario-time.js';
import type { FaultFile, InjectFile } from './scenario-schema.js';

/** Disk errors that last, and so say how long. */
const LASTING: ReadonlySet<DiskFault> = new Set(['ENOSPC', 'EIO', 'SQLITE_BUSY', 'SQLITE_FULL', 'fsync-lies', 'stalled', 'old-backup']);

/** What a fault does to the process, its machine or its streams; undefined when it is another action. */
export function compileProcess({ inject, when }: FaultFile, report: Report): ProcessAction | undefined {
  if (inject.stall !== undefined) return { kind: 'stall', forMs: parseDurationMs(inject.stall.for) };
  if (inject.clock !== undefined) {
    const { jump, driftPpm } = inject.clock;
    if (jump === undefined && driftPpm === undefined) report(['clock'], 'changes nothing: give jump or driftPpm');
    return { kind: 'clock', jumpMs: jump === undefined ? 0 : parseDurationMs(jump), driftPpm };
  }
  if (inject.twin !== undefined) return { kind: 'twin', startAfterMs: parseDurationMs(inject.twin.startAfter) };
  if (inject.disk !== undefined) return compileDisk(inject.disk, report);
  if (inject.operator !== undefined) {
    const { halt, resumeAfter } = inject.operator;
    return { kind: 'operator', level: halt, resumeAfterMs: resumeAfter === undefined ? undefined : parseDurationMs(resumeAfter) };
  }
  return inject.stream === undefined ? undefined : compileStream(inject.stream, when, report);
}

function compileStream(stream: NonNullable<InjectFile['stream']>, when: FaultFile['when'], report: Report): ProcessAction {
  const { action, count, for: length } = stream;
  const isLong = ['disconnect', 'mute', 'stale', 'key-expired'].includes(action);
  if (isLong && length === undefined) report(['stream', 'for'], `missing; ${action} says how long`);
  if (isLong && count !== undefined)
    report(['stream', 'count'], `${action} lasts for a while; count belongs to gap, duplicate, reorder, bad-snapshot`);
  if (!isLong && length === undefined && count === undefined) report(['stream'], `${action} says how many events (count) or how long (for)`);
  if (action === 'reorder' && count === 1) report(['stream', 'count'], 'one event has no order; give at least 2');
  const channels = when.channel === undefined ? undefined : [when.channel].flat();
  if (action === 'key-expired' && channels?.some((name) => name === 'book') === true)
    report(['stream', 'action'], 'only private channels need a key; the book is public');
  return { kind: 'stream', action, for: length === undefined ? undefined : parseSpan(length), count, channels };
}

function compileDisk({ error, for: length }: NonNullable<InjectFile['disk']>, report: Report): ProcessAction {
  if (LASTING.has(error) && length === undefined)
    report(['disk', 'for'], error === 'old-backup' ? 'missing; how old the backup is' : `missing; ${error} says how long`);
  if (!LASTING.has(error) && length !== undefined) report(['disk', 'for'], `${error} is one moment`);
  if (error === 'stalled' && length === 'forever')
    report(['disk', 'for'], 'a disk that stalls goes on again; give a duration', 'EIO is one that is gone');
  if (error === 'old-backup' && length === 'forever') report(['disk', 'for'], 'a backup has an age; give a duration');
  return { kind: 'disk', error, for: parseSpan(length ?? 'forever') };
}

/** Keys of `when` that say nothing about the channel that tells people. */
const NOT_OF_ALERTS = [
  'method',
  'channel',
  'leg',
  'purpose',
  'side',
  'orderType',
  'reduceOnly',
  'countPer',
  'probability',
  'flow',
  'incarnation',
  'from',
  'until',
  'point',
  'calendar',
] as const;

/**
 * A fault on the channel that tells people (`venue: alerts`): an outage for a while, or certain messages that get lost.
 *
 * @param at - when an outage begins; the run's start unless given.
 */
export function compileAlarm(
  { inject, when, limit }: FaultFile,
  at: FaultWhen | undefined,
  nth: Nth | undefined,
  report: Report,
): { readonly when: FaultWhen; readonly inject: FaultInject } {
  if ([when.venue ?? []].flat().length > 1) report(['when', 'venue'], 'alerts stands alone: it is no venue');
  for (const key of NOT_OF_ALERTS) if (when[key] !== undefined) report(['when', key], `${key} belongs to calls of a venue; alerts has at and nth`);
  const action = alarmAction(inject, nth, limit === undefined ? 1 : limit.times, report);
  const timer: FaultWhen = at?.kind === 'timer' ? at : { kind: 'timer', at: { kind: 'offset', ms: 0 }, venues: [] };
  return { when: timer, inject: { kind: 'instant', action } };
}

function alarmAction(inject: InjectFile, nth: Nth | undefined, times: number | undefined, report: Report): ProcessAction {
  if (inject.outage !== undefined) {
    const { as, for: length } = inject.outage;
    if (length === undefined) report(['inject', 'outage', 'for'], 'missing; how long nobody can be told');
    const lasts = typeof length === 'object' ? undefined : length;
    if (typeof length === 'object') report(['inject', 'outage', 'for'], 'how long nobody can be told is one duration');
    return {
      kind: 'alarm',
      as: as === 'timeout' ? 'timeout' : 'error',
      delivers: false,
      for: parseSpan(lasts ?? 'forever'),
      nth: undefined,
      times: undefined,
    };
  }
  if (inject.lose !== undefined) {
    const { as, part } = inject.lose;
    return { kind: 'alarm', as: as === 'timeout' ? 'timeout' : 'error', delivers: part === 'response', for: 'forever', nth, times };
  }
  report(['inject'], 'only outage and lose happen to alerts');
  return { kind: 'alarm', as: 'error', delivers: false, for: 'forever', nth, times };
}
