import type { Invariant } from './invariant.js';
import { orderText } from './words.js';

/**
 * I1. Where the harness says when an intent was durable, that decides; else the journal's own time does, which cannot
 * tell an intent of the same millisecond that was written too late.
 */
export const accountedOrders: Invariant = {
  id: 'I1',
  name: 'accounted-orders',
  promise: 'Every order has a durable intent that was written before it was sent.',
  against: 'order that leaves',
  watch({ context, belief, truth }, probe) {
    if (!context.capabilities.includes('journal')) return { why: 'this executor declares no journal' };
    const { durableAt } = context;
    const trustsTime = !truth.faultKinds.has('clock');
    return {
      on: {
        request: (event) => {
          if (event.method !== 'createOrder') return;
          const intent = event.clientOrderId === undefined ? undefined : belief.attempts.get(event.clientOrderId)?.intent;
          const writtenAt = event.clientOrderId === undefined ? undefined : durableAt?.get(event.clientOrderId);
          const isBefore =
            durableAt === undefined ? !trustsTime || (intent !== undefined && intent.t <= event.t) : (writtenAt ?? event.seq) < event.seq;
          // A disk that takes back what it promised (fsync lies, an old backup) is not held against the writer.
          const isWritten = intent !== undefined || writtenAt !== undefined;
          probe.check(isWritten && isBefore, () => ({
            at: event.t,
            tapeSeq: event.seq,
            journalSeq: intent?.seq,
            expected: 'an intent with its client order id is durable before an order is sent',
            found: `${orderText(event)} left ${intent === undefined ? 'without any intent in the journal' : 'before its intent was durable'}`,
          }));
        },
      },
    };
  },
};
