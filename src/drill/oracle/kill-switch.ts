import type { Invariant } from './invariant.js';
import { orderText } from './words.js';

/**
 * I9. After a halt is journaled no order leaves that adds exposure: neither a spot buy nor a perpetual sale, unless it
 * reduces delta; after a freeze no order at all. An order of the very millisecond of the halt was on its way.
 */
export const killSwitch: Invariant = {
  id: 'I9',
  name: 'kill-switch',
  promise: 'After the kill switch or a lock no order leaves that adds risk, queued ones included.',
  against: 'order that leaves while a halt is in force',
  watch({ truth, belief, context }, probe) {
    if (!context.capabilities.includes('journal') || !context.capabilities.includes('lock'))
      return { why: 'this executor declares no journaled lock' };
    if (truth.faultKinds.has('clock')) return { why: "the process's clock was moved: journal and wire cannot be put in order" };
    return {
      on: {
        request: (event) => {
          if (event.method !== 'createOrder') return;
          const halt = belief.haltedBy(event.t);
          if (halt === undefined) return;
          const adds = event.leg === 'spot' ? event.side === 'buy' : event.side === 'sell';
          const reducesDelta = event.side === 'buy' ? truth.delta + context.lot <= 0n : truth.delta >= context.lot;
          probe.check(halt.level !== 'freeze' && (!adds || reducesDelta), () => ({
            at: event.t,
            tapeSeq: event.seq,
            journalSeq: halt.seq,
            expected:
              halt.level === 'freeze' ? 'nothing is sent while everything is frozen' : 'nothing that adds exposure is sent while opening is halted',
            found: `${orderText(event)} left ${event.t - halt.t} ms after the halt (${halt.reason})`,
            mark: halt.reason.includes('scenario') ? 'order.sent-after-kill' : 'order.sent-while-locked-except-reducing',
          }));
        },
      },
    };
  },
};
