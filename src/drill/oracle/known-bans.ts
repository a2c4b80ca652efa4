import { addMs, type EpochMs, type VenueId } from '../../core/units.js';
import type { Invariant, TapeOf } from './invariant.js';

/**
 * I10. A 418 or 429 that names its end in its text (`banned until`, `blocked for`) is heard when it is answered; from
 * then on nothing leaves for that venue until the end. A `Retry-After` header alone is not heard: ccxt's errors do not
 * carry it. Requests that were on their way do not count, nor does the second request of a call whose first (ccxt's own
 * preparation) was on its way: nobody can hold it back. A process that died before it could write the ban down does
 * not know it any more. Without faults no 418 or 429 is earned.
 */
export const knownBans: Invariant = {
  id: 'I10',
  name: 'known-bans',
  promise: 'No request leaves during a ban we were told of, and a run without faults earns none.',
  against: 'request during a ban that was told, or any request of a run without faults',
  watch({ context, belief, truth }, probe) {
    const requests = new Map<number, TapeOf<'request'>>();
    let prepared: { readonly t: EpochMs; readonly request: TapeOf<'request'> } | undefined;
    const bans = new Map<VenueId, { from: EpochMs; until: EpochMs }>();
    const hasJournal = context.capabilities.includes('journal');
    return {
      on: {
        request: (event) => {
          requests.set(event.request, event);
          const ban = bans.get(event.venue);
          if (ban === undefined) return;
          const begun = prepared?.t === event.t && prepared.request.method === event.method ? prepared.request : undefined;
          if (begun !== undefined && begun.venue === event.venue && begun.t <= ban.from) {
            prepared = undefined;
            return;
          }
          probe.check(event.t <= ban.from || event.t >= ban.until, () => ({
            at: event.t,
            tapeSeq: event.seq,
            expected: `nothing is sent to ${event.venue} before ${ban.until}, the end of a ban that was told at ${ban.from}`,
            found: `${event.method} left ${ban.until - event.t} ms too early`,
            mark: 'request.sent-during-known-ban',
          }));
        },
        answer: (event) => {
          const request = requests.get(event.request);
          if (request === undefined) return;
          if (request.prepares === true && event.ok) prepared = { t: event.t, request };
          if (event.http !== 418 && event.http !== 429) return;
          const { venue } = request;
          if (context.isFaultFree && truth.faultKinds.size === 0)
            probe.check(false, () => ({
              at: event.t,
              tapeSeq: event.seq,
              expected: 'a run without faults stays within the limits of the venues',
              found: `${venue} answered ${event.http} to request ${event.request}`,
            }));
          const until = endOf(event);
          if (until === undefined) return;
          const known = bans.get(venue);
          if (known === undefined || known.until <= event.t) bans.set(venue, { from: event.t, until });
          else if (until > known.until) known.until = until;
        },
        process: (event) => {
          if (event.event !== 'crash') return;
          for (const venue of [...bans.keys()]) if (!hasJournal || !belief.bannedIn(venue, event.t)) bans.delete(venue);
        },
      },
      end: () => {
        // A run that asked and was never turned away has kept the limits.
        if (context.isFaultFree && requests.size > 0 && probe.evaluated === 0) probe.evaluated = requests.size;
      },
    };
  },
};

/** When the ban that an answer tells of ends; undefined when it names no end. */
function endOf({ t, message = '' }: TapeOf<'answer'>): EpochMs | undefined {
  const until = /banned until (\d{13})/.exec(message)?.[1];
  if (until !== undefined) return Number(until) as EpochMs;
  // The seconds are rounded up and were counted when the venue answered: a second of grace.
  const seconds = /blocked for (\d+) seconds/.exec(message)?.[1];
  return seconds === undefined ? undefined : addMs(t, Math.max(0, Number(seconds) - 1) * 1_000);
}
