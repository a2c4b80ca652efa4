import type { EpochMs, VenueId } from '../../core/units.js';
import type { Invariant } from './invariant.js';

/**
 * L4. From the sending of an order (or the last fault after it, or the restart that takes it up) until the journal knows
 * what became of it: accepted, refused or settled. The bound is the venue's request lifetime and `doubtMs`. What the
 * venue does not say nobody can know: a read of that venue which ended without its answer starts the time anew, and a
 * holding that something unforeseen has moved of late speaks for an order that is not found for another `unseenMs`.
 */
export const doubtEnds: Invariant = {
  id: 'L4',
  name: 'doubt-ends',
  promise: 'No order stays in doubt.',
  against: 'order with an intent',
  watch({ context, belief, truth, endAt }, probe) {
    if (!context.capabilities.includes('journal')) return { why: 'this executor declares no journal' };
    if (context.permanent.length > 0) return { why: 'a fault of this run never ends' };
    if (truth.faultKinds.has('clock')) return { why: "the process's clock was moved: journal and wire cannot be put in order" };
    let upSince = 0;
    const reads = new Map<number, VenueId>();
    const unanswered: { readonly t: EpochMs; readonly venue: VenueId }[] = [];
    return {
      on: {
        request: ({ request, method, venue }) => {
          if (method.startsWith('fetch')) reads.set(request, venue);
        },
        answer: ({ request, t, ok, error }) => {
          const venue = reads.get(request);
          if (venue !== undefined && !ok && error !== 'OrderNotFound') unanswered.push({ t, venue });
        },
        process: (event) => {
          upSince = event.event === 'restart' ? event.t : Number.POSITIVE_INFINITY;
        },
      },
      end: () => {
        const sent = new Map([...truth.orders.values()].map(({ request }) => [request.clientOrderId, request]));
        for (const [id, { intent, answers, settled }] of belief.attempts) {
          const request = sent.get(id);
          if (request === undefined) continue;
          const known = Math.min(
            answers.find(({ certainty }) => certainty !== 'unknown')?.t ?? Number.POSITIVE_INFINITY,
            settled[0]?.t ?? Number.POSITIVE_INFINITY,
          );
          const silentUntil = unanswered.findLast(({ t, venue }) => venue === intent.venue && t > request.t && t <= known)?.t ?? 0;
          const restartedAt = known > upSince && request.t < upSince ? upSince : 0;
          const from = Math.max(request.t, Math.min(context.lastFaultAt ?? 0, endAt), restartedAt, silentUntil);
          const { lifetimeMs, doubtMs, unseenMs } = context.budgets;
          const isHidden = truth.wasSurprised(intent.leg, request.t - unseenMs, known);
          const bound = lifetimeMs[intent.venue] + doubtMs + (isHidden ? unseenMs : 0);
          if (known === Number.POSITIVE_INFINITY && endAt - from <= bound) continue;
          probe.check(known - from <= bound, () => ({
            at: request.t,
            tapeSeq: request.seq,
            journalSeq: intent.seq,
            expected: `what became of ${id} is known within ${bound} ms`,
            found: known === Number.POSITIVE_INFINITY ? 'it is still in doubt' : `it took ${known - from} ms`,
          }));
        }
      },
    };
  },
};
