import { abs, formatFixed, sub, type Btc } from '../core/money.js';
import { durationMs } from '../core/units.js';
import type { Engine } from './engine.js';
import type { PerpHoldings, SpotHoldings } from './holdings.js';

/** What the venues hold, against what our orders explain. */
export type Finding =
  | { readonly kind: 'agrees'; readonly spot: SpotHoldings; readonly perp: PerpHoldings }
  /** `seen`: what the first of two looks has shown that our orders do not explain, in words. */
  | { readonly kind: 'unreadable'; readonly problem: string; readonly seen?: string | undefined }
  /** The short is smaller without an order of ours: liquidated, auto-deleveraged, or closed by hand. */
  | { readonly kind: 'short-shrank'; readonly spot: SpotHoldings; readonly perp: PerpHoldings; readonly text: string }
  | { readonly kind: 'mismatch'; readonly spot: SpotHoldings; readonly perp: PerpHoldings; readonly text: string };

/** Whether our own last order is so young that reads may still show the time before it. */
export function isTooSoon({ book, writer, clock, policy }: Engine): boolean {
  if (writer.lastFillAt !== undefined) return clock.monotonic() - writer.lastFillAt < policy.quietMs;
  // Of an earlier life only the wall clock tells, and one that was set back says nothing.
  const elapsed = book.lastSettledAt === undefined ? -1 : clock.now() - book.lastSettledAt;
  return elapsed >= 0 && elapsed < policy.quietMs;
}

/**
 * Compares holdings with the book. A difference is believed only when a second read, `confirmMs` later, shows the same:
 * positions lag behind fills.
 *
 * @param patienceMs - longest wait for the end of a ban; beyond it the holdings are unreadable.
 */
export async function compareHoldings(engine: Engine, patienceMs: number = engine.policy.banPatienceMs): Promise<Finding> {
  const first = await readOnce(engine, patienceMs);
  if (first.kind === 'agrees' || first.kind === 'unreadable') return first;
  await engine.clock.sleep(durationMs(engine.policy.confirmMs));
  const second = await readOnce(engine, patienceMs);
  if (second.kind === 'unreadable') return { ...second, seen: first.text };
  if (second.kind !== 'agrees' && !isSame(first, second))
    return { kind: 'unreadable', problem: 'the holdings are changing while they are read', seen: second.text };
  return second;
}

async function readOnce(engine: Engine, patienceMs: number): Promise<Finding> {
  const { holdings, book } = engine;
  // A short of ours may have a copy that the book does not know of.
  const mayBeHeld = book.perp !== 0n || book.shortsSent > 0;
  const [spot, perp] = await Promise.all([holdings.spot({ patienceMs }), holdings.perp(mayBeHeld, { patienceMs })]);
  if (!spot.ok) return { kind: 'unreadable', problem: spot.problem };
  if (!perp.ok) return { kind: 'unreadable', problem: perp.problem };
  const text = mismatchOf(engine, spot.value.btcTotal, perp.value.position);
  const both = { spot: spot.value, perp: perp.value };
  if (text === undefined) return { kind: 'agrees', ...both };
  const position = perp.value.position;
  const shrank = book.perp < 0n && position <= 0n && abs(position) < abs(book.perp);
  const spotAgrees = mismatchOf(engine, spot.value.btcTotal, book.perp) === undefined;
  return shrank && spotAgrees
    ? { kind: 'short-shrank', ...both, text: 'the short is smaller than our orders make it' }
    : { kind: 'mismatch', ...both, text };
}

function isSame(a: { spot: SpotHoldings; perp: PerpHoldings }, b: { spot: SpotHoldings; perp: PerpHoldings }): boolean {
  return a.perp.position === b.perp.position && a.spot.btcTotal === b.spot.btcTotal;
}

/** Takes the venue's smaller short as the truth. */
export async function adoptShort({ book, writer }: Engine, flow: string, position: Btc, reason: string): Promise<void> {
  await writer.record({ flow, type: 'holdings.adopted', leg: 'perp', from: book.perp, to: position, reason });
}

/** What the venues hold against what our orders explain; undefined when they agree. */
export function mismatchOf({ book, policy }: Engine, spot: Btc, perp: Btc): string | undefined {
  if (perp !== book.perp) return `the perpetual position is ${formatFixed(perp)} BTC, our orders make it ${formatFixed(book.perp)}`;
  const apart = abs(sub(spot, book.spot));
  return apart <= policy.mismatchTolerance ? undefined : `${formatFixed(spot)} BTC on Upbit, our orders make it ${formatFixed(book.spot)}`;
}
