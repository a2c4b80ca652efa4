import type { Invariant } from './invariant.js';
import type { TapeOf } from './invariant.js';

/** An answer is written down once it is classified; a journal may be slow. */
const WRITTEN_WITHIN_MS = 30_000;
const OPERATIONS: ReadonlySet<string> = new Set(['createOrder', 'cancelOrder', 'fetchOrder']);

/**
 * I14. Every error answer about an order of ours is followed by a classified `answer` in the journal for that order and
 * operation (the same classification is written once), unless the process died meanwhile. No error goes unhandled.
 */
export const classifiedErrors: Invariant = {
  id: 'I14',
  name: 'classified-errors',
  promise: 'Every error passes the classifier, and none is left unhandled.',
  against: 'error answer about an order, or error left unhandled',
  watch({ context, belief, truth, endAt }, probe) {
    if (!context.capabilities.includes('journal')) return { why: 'this executor declares no journal' };
    if (truth.faultKinds.has('disk') && context.permanent.some(({ venue }) => venue === undefined))
      return { why: 'the disk never takes anything again' };
    const requests = new Map<number, TapeOf<'request'>>();
    const errors: TapeOf<'answer'>[] = [];
    const crashes: number[] = [];
    return {
      on: {
        request: (event) => {
          if (OPERATIONS.has(event.method)) requests.set(event.request, event);
        },
        answer: (event) => {
          if (!event.ok) errors.push(event);
        },
        process: (event) => {
          if (event.event === 'crash') crashes.push(event.t);
        },
      },
      end: () => {
        for (const error of errors) {
          const request = requests.get(error.request);
          if (request === undefined) continue;
          const named = truth.orderOf(request.venue, request.orderId ?? '');
          // Whoever asks for a copy by the venue's id finds out whose it is: it is no order of ours before the answer.
          if (named?.copies.has(request.orderId ?? '') === true) continue;
          const id = request.clientOrderId ?? named?.request.clientOrderId;
          const attempt = id === undefined ? undefined : belief.attempts.get(id);
          const by = error.t + WRITTEN_WITHIN_MS;
          if (attempt === undefined || by > endAt || crashes.some((t) => t >= request.t && t <= by)) continue;
          const isWritten = attempt.answers.some(({ operation, t }) => operation === request.method && (t <= by || truth.faultKinds.has('clock')));
          probe.check(isWritten, () => ({
            at: error.t,
            tapeSeq: error.seq,
            expected: `the answer to ${request.method} of ${id ?? ''} is classified in the journal`,
            found: `${error.error ?? 'an error'} was not written down within ${WRITTEN_WITHIN_MS} ms`,
          }));
        }
        for (const error of context.unhandled)
          probe.check(false, () => ({ at: endAt, expected: 'no error leaves the executor unhandled', found: error }));
      },
    };
  },
};
