import { add, fixed, min, negate, sub, type Btc } from '../core/money.js';
import { durationMs, type EpochMs } from '../core/units.js';
import type { Alert, FlowOutcome } from '../journal/journal-event.js';
import type { Engine } from './engine.js';
import { FlowRun } from './flow-run.js';
import { sendLegs } from './legs.js';
import { lockFlow } from './lock.js';
import type { FlowResult } from './ports.js';
import type { Quote } from './price-desk.js';
import { keepPositions, noteDust } from './position-keeper.js';
import { isExposed } from './reconcile.js';
import { Repair, type RepairEnd } from './repair.js';
import { adoptShort, compareHoldings, isTooSoon } from './truth.js';

export interface ExitPlan {
  /** Which positions; empty means all. */
  readonly positionIds: readonly string[];
  readonly decidedAt: EpochMs;
  readonly reason: string;
  /** Take off this much only, oldest positions first. */
  readonly atMost?: Btc | undefined;
}

const ZERO = fixed<Btc>(0n);

/**
 * An exit is the entry's state machine in the other direction: both legs, settlement, repair. Sizes come from what our
 * orders have executed, never from the plan; spot is sold at most as far as it is ours and free, the short is closed
 * reduce-only.
 */
export async function exit(engine: Engine, id: string, plan: ExitPlan): Promise<FlowResult> {
  const { book, writer, policy } = engine;
  const run = new FlowRun(engine, id, 'exit');
  const dust = book.residual;
  const positions = book.positions().filter(({ positionId }) => plan.positionIds.length === 0 || plan.positionIds.includes(positionId));
  const held = positions.reduce((sum, { quantity }) => add(sum, quantity), ZERO);
  const lots = plan.atMost === undefined ? held : min(held, plan.atMost);
  const positionIds = positions.map(({ positionId }) => positionId);
  await writer.record({ flow: id, type: 'flow.started', kind: 'exit', quantity: lots, positionIds, decidedAt: plan.decidedAt });
  const objection = lots === 0n ? 'there is no such position' : run.objection(false);
  if (objection !== undefined || book.unsettled().length > 0) {
    const reason = objection ?? 'an order of an earlier flow is still in doubt';
    // A human has resumed too soon: what an earlier flow has left is still being repaired.
    return engine.killSwitch.level === undefined && isExposed(engine) ? lockFlow(run, reason) : run.end('aborted', reason);
  }
  const before = book.hedged();
  const close = async (left: Btc): Promise<{ readonly end: RepairEnd; readonly summary: string; readonly again: boolean } | Obstacle> => {
    const ready = await readyToClose(run, left, left === book.hedged() ? add(left, book.residual) : left);
    if ('alert' in ready) return ready;
    const legs = await sendLegs(run, {
      order: policy.legs,
      ...ready,
      sides: SIDES,
      purpose: () => 'close',
      adds: false,
      dust: book.residual,
    });
    const isUnclear = legs.nothingToClose && !(await verifyShort(run));
    const repair = new Repair(run, 'exit', { trims: false });
    const repaired = await repair.toTheEnd();
    const end: RepairEnd = repaired.kind === 'proven' && isUnclear ? { kind: 'locked', reason: NOTHING_TO_CLOSE } : repaired;
    await keepPositions(engine, id, plan.reason, undefined, positionIds);
    // A round that had to put the hedge back is not repeated: that would only trade to and fro.
    return { end, summary: legs.summary, again: !legs.refusedForGood && !repair.hasUnwound };
  };

  let summary = plan.reason;
  // What a thin book or a lost order has left on is closed in further rounds: an exit is not done half.
  for (let round = 1; round <= policy.openAttempts; round += 1) {
    const left = sub(lots, sub(before, book.hedged()));
    if (left <= 0n) break;
    const closed = await close(left);
    if ('alert' in closed) {
      summary = closed.text;
      // Whoever asked for the exit may not be looking: a hedge that has to go and stays is news.
      await writer.alert(id, closed.alert, 'warning', `exit (${plan.reason}) not made: ${closed.text}`);
      break;
    }
    summary = closed.summary;
    if (closed.end.kind === 'locked') {
      await noteDust(engine, id, dust);
      return lockFlow(run, `${summary}; ${closed.end.reason}`);
    }
    if (!closed.again) break;
  }
  // Once more, for residue above its cap that no further round takes along.
  const last = run.attempts.length === 0 ? undefined : await new Repair(run, 'exit').toTheEnd();
  await noteDust(engine, id, dust);
  if (last?.kind === 'locked') return lockFlow(run, `${summary}; ${last.reason}`);
  return run.end(outcomeOf(run, sub(before, book.hedged()), lots), book.hedged() === sub(before, lots) ? plan.reason : summary);
}

const NOTHING_TO_CLOSE = 'Binance has nothing to close where our orders make a short, and its position cannot be read';

/**
 * The venue says that there is nothing to close: if its holdings say so as well, twice, the short is gone.
 *
 * @returns false when they cannot be read: spot may stand alone.
 */
async function verifyShort({ engine, id }: FlowRun): Promise<boolean> {
  const finding = await compareHoldings(engine);
  if (finding.kind === 'unreadable') {
    engine.suspicion.raise(finding.seen ?? NOTHING_TO_CLOSE);
    return false;
  }
  if (finding.kind !== 'short-shrank') return true;
  const text = 'a close was refused and the short is smaller';
  await engine.writer.alert(id, 'SHORT_SHRANK', 'critical', `${text}; the spot that it leaves is sold`);
  await adoptShort(engine, id, finding.perp.position, text);
  return true;
}

/** Why nothing is sent although an exit was asked for. */
interface Obstacle {
  readonly alert: Alert;
  readonly text: string;
}

interface Ready {
  readonly spot: Btc;
  readonly lots: Btc;
  readonly quotes: { readonly spot: Quote; readonly perp: Quote };
}

/** Everything that can be known before the first order of an exit: a hedge that stands is better than half an exit. */
async function readyToClose(run: FlowRun, left: Btc, spotShare: Btc): Promise<Ready | Obstacle> {
  const { engine } = run;
  const { policy, clock, prices } = engine;
  const banned = Math.max(...blocksOf(engine));
  if (banned > 0 && banned <= policy.nakedBudgetMs) await clock.sleep(durationMs(Math.ceil(banned)));
  const sizes = await sizesOf(run, left, spotShare);
  if ('alert' in sizes) return sizes;
  const [spot, perp] = await Promise.all([prices.forExit('upbit'), prices.forExit('binance')]);
  if (spot === undefined || perp === undefined) return unreachable('a price cannot be read');
  if (blocksOf(engine).some((blockedMs) => blockedMs > policy.banPatienceMs)) return unreachable('a venue keeps us away');
  return { quotes: { spot, perp }, ...sizes };
}

const blocksOf = ({ gateways }: Engine): readonly number[] => [gateways.upbit.blockedMs, gateways.binance.blockedMs];
const unreachable = (problem: string): Obstacle => ({ alert: 'VENUE_UNREACHABLE', text: `${problem}; nothing was sent, the hedge stands` });

const SIDES = { spot: 'sell', perp: 'buy' } as const;

function outcomeOf(run: FlowRun, closed: Btc, lots: Btc): FlowOutcome {
  if (closed >= lots) return 'flat';
  if (closed > 0n) return 'partially-rolled-back';
  return run.attempts.every(({ settled }) => settled?.executed === 0n) ? 'aborted' : 'rolled-back';
}

/** What there really is to sell and to close; an obstacle when that cannot be told. A hedge that stands can wait for a venue that does not answer. */
async function sizesOf(run: FlowRun, lots: Btc, spotShare: Btc): Promise<{ readonly spot: Btc; readonly lots: Btc } | Obstacle> {
  const { engine } = run;
  if (isTooSoon(engine)) return { spot: spotShare, lots };
  const finding = await compareHoldings(engine);
  if (finding.kind === 'unreadable') {
    if (finding.seen !== undefined) engine.suspicion.raise(finding.seen);
    return unreachable(finding.problem);
  }
  if (finding.perp.hedged === true)
    return { alert: 'POSITION_MISMATCH', text: 'the Binance account is in hedge mode, in which the short cannot be closed; nothing was sent' };
  if (finding.kind === 'mismatch') {
    engine.suspicion.raise(finding.text);
    return { alert: 'POSITION_MISMATCH', text: finding.text };
  }
  if (finding.kind === 'short-shrank') {
    const text = 'the short shrank without an order of ours';
    await engine.writer.alert(run.id, 'SHORT_SHRANK', 'critical', `${text}; the exit sells the spot that it leaves`);
    await adoptShort(engine, run.id, finding.perp.position, text);
  }
  return { spot: min(spotShare, finding.spot.btcFree), lots: min(lots, negate(finding.perp.position)) };
}
