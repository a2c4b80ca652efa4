import type { At } from './belief.js';
import type { Invariant, Probe, Scene } from './invariant.js';
import type { OrderTrack } from './truth.js';
import { btc, bySide, magnitude } from './words.js';
import { formatFixed } from '../../core/money.js';

/** Binance rounds `cumQuote` to 1e-5 USDT. */
const QUOTE_SLACK = 500n;

/**
 * I7. Once the run is over: each order's last settlement says what it has executed, for how much money and at which
 * fee; one presumed to be zero is zero or was found again; and all settlements with what was adopted from the venues
 * add up to the holdings. Holdings are left out while something is in doubt, was changed from outside within `unseenMs`,
 * or is frozen for a human. An order that never told its money may be booked at its limit. Balances are not believed
 * by an executor (it reads them when it needs them), so there is nothing to compare.
 */
export const believedTruth: Invariant = {
  id: 'I7',
  name: 'believed-truth',
  promise: 'After reconciliation the journal says what the venues say.',
  against: 'settled order, or holdings at rest',
  watch(scene, probe) {
    if (!scene.context.capabilities.includes('journal')) return { why: 'this executor declares no journal' };
    return { end: () => judge(scene, probe) };
  },
};

function judge(scene: Scene, probe: Probe): void {
  const { truth, belief, context, endAt } = scene;
  const tracks = new Map<string, OrderTrack>();
  for (const track of truth.orders.values()) if (track.request.clientOrderId !== undefined) tracks.set(track.request.clientOrderId, track);
  const unseen = endAt - context.budgets.unseenMs;
  let isOpen = false;
  const booked = { spot: 0n, perp: 0n };
  for (const [id, { intent, settled }] of belief.attempts) {
    const last = settled.at(-1);
    const track = tracks.get(id);
    if (last === undefined) {
      isOpen = true;
      continue;
    }
    booked[intent.leg] += bySide(intent.side, last.executed);
    const lastStep = track?.steps.at(-1)?.t ?? 0;
    if (lastStep > last.t && lastStep > unseen) {
      isOpen = true;
      continue;
    }
    checkOrder(probe, last, track);
  }
  for (const { leg, from, to } of belief.adopted) booked[leg] += to - from;
  if (isOpen || !isAtRest(scene)) return;
  for (const leg of ['spot', 'perp'] as const)
    probe.check(booked[leg] === truth[leg], () => ({
      at: endAt,
      expected: `the journal holds the ${btc(truth[leg])} of the ${leg} leg`,
      found: btc(booked[leg]),
    }));
}

/** Nothing is left to learn: no flow runs, the process lives, and nothing changed lately that it had to find out. */
function isAtRest({ truth, belief, context, endAt }: Scene): boolean {
  const last = belief.switches.at(-1);
  const isFrozen = last?.type === 'halt' && last.level === 'freeze';
  return !isFrozen && truth.isProcessUp && truth.running === undefined && !truth.hasSurprise(endAt - context.budgets.unseenMs);
}

function checkOrder(probe: Probe, last: At<'order.settled'>, track: OrderTrack | undefined): void {
  const isFoundLater = track !== undefined && last.executed === track.executed + track.afterEnd;
  const isOfCopy = track !== undefined && track.accepted === undefined && track.copied > 0n && last.executed === track.copied;
  const executed = isFoundLater || isOfCopy ? last.executed : (track?.executed ?? 0n);
  const place = { at: last.t, journalSeq: last.seq };
  probe.check(last.executed === executed, () => ({
    ...place,
    expected: `${last.clientOrderId} is settled with the ${btc(executed)} it executed`,
    found: `${btc(last.executed)} (${last.certainty})`,
  }));
  if (track === undefined || isOfCopy || executed === 0n || last.executed !== executed || track.afterEnd > 0n) return;
  const limit = track.request.price === undefined ? undefined : (track.request.price * executed) / 100_000_000n;
  const off = magnitude(last.quoteExecuted - track.quote);
  const atLimit = limit !== undefined && magnitude(last.quoteExecuted - limit) <= QUOTE_SLACK;
  probe.check(off <= QUOTE_SLACK || atLimit, () => ({
    ...place,
    expected: `${last.clientOrderId} is booked at the ${formatFixed(track.quote)} it cost`,
    found: formatFixed(last.quoteExecuted),
  }));
  const { fee } = last;
  if (fee !== undefined)
    probe.check(fee === track.fee, () => ({
      ...place,
      expected: `${last.clientOrderId} is booked with its fee of ${formatFixed(track.fee)}`,
      found: formatFixed(fee),
    }));
}
