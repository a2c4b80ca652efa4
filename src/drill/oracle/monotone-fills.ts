import type { Invariant, Probe, Scene } from './invariant.js';
import type { OrderTrack } from './truth.js';
import { btc } from './words.js';

/**
 * I8. What the journal believes of an order never exceeds what had executed by then, and a later settlement never
 * takes back what an earlier one proved. (That a trade id is booked once at the venue is the ledger's, I6.)
 */
export const monotoneFills: Invariant = {
  id: 'I8',
  name: 'monotone-fills',
  promise: 'A fill counts once: late, repeated or reordered news changes nothing.',
  against: 'order that the journal settles or is told of',
  watch(scene, probe) {
    if (!scene.context.capabilities.includes('journal')) return { why: 'this executor declares no journal' };
    return { end: () => judge(scene, probe) };
  },
};

function judge({ truth, belief }: Scene, probe: Probe): void {
  const tracks = new Map<string, OrderTrack[]>();
  for (const track of truth.orders.values()) {
    const id = track.request.clientOrderId;
    if (id !== undefined) tracks.set(id, [...(tracks.get(id) ?? []), track]);
  }
  const trustsTime = !truth.faultKinds.has('clock');
  for (const [id, { settled, answers }] of belief.attempts) {
    let proven = 0n;
    const news = [...answers.filter(({ executed }) => executed !== undefined), ...settled].sort((a, b) => a.seq - b.seq);
    for (const event of news) {
      const believed = event.executed ?? 0n;
      const had = executedBy(tracks.get(id) ?? [], trustsTime ? event.t : Number.POSITIVE_INFINITY);
      probe.check(believed <= had, () => ({
        at: event.t,
        journalSeq: event.seq,
        expected: `at most the ${btc(had)} that ${id} had executed are booked`,
        found: btc(believed),
        mark: 'fill.counted-twice',
      }));
      if (event.type !== 'order.settled') continue;
      const before = proven;
      probe.check(believed >= before, () => ({
        at: event.t,
        journalSeq: event.seq,
        expected: `${id} keeps the ${btc(before)} that it was settled with`,
        found: `it was settled again with ${btc(believed)}`,
      }));
      proven = believed > proven ? believed : proven;
    }
  }
}

function executedBy(tracks: readonly OrderTrack[], t: number): bigint {
  return tracks.reduce((sum, { steps }) => sum + (steps.findLast((step) => step.t <= t)?.executed ?? 0n), 0n);
}
