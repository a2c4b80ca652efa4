import { add, sub, type Btc } from '../core/money.js';
import { durationMs, type Leg, type Side } from '../core/units.js';
import { describeLegs, legState, NOTHING, type LegOutcome } from '../hedge/leg-outcome.js';
import { lotsAgainst } from '../hedge/sizing.js';
import type { IntentPurpose } from '../journal/journal-event.js';
import type { Engine } from './engine.js';
import { isTransient } from './error-table.js';
import { outcomeOf, UNSENT, type FlowRun, type OrderResult } from './flow-run.js';
import type { ExecutorPolicy } from './policy.js';
import type { Quote } from './price-desk.js';

/** The first orders of a flow: one for each leg, at once or one after the other. */
export interface LegsPlan {
  readonly order: ExecutorPolicy['legs'];
  readonly spot: Btc;
  readonly lots: Btc;
  readonly sides: Readonly<Record<Leg, Side>>;
  readonly purpose: (leg: Leg) => IntentPurpose;
  /** An entry adds on both legs, an exit reduces on both. */
  readonly adds: boolean;
  readonly quotes: Readonly<Record<Leg, Quote | undefined>>;
  /** Dust that the spot order leaves out or takes along: lots are hedged against both together. */
  readonly dust: Btc;
}

export interface LegsResult {
  readonly spot: LegOutcome;
  readonly perp: LegOutcome;
  readonly summary: string;
  /** A leg was refused in a way that asking again cannot cure. */
  readonly refusedForGood: boolean;
  /** A close was refused because the venue sees nothing to close. */
  readonly nothingToClose: boolean;
}

/**
 * Sends both legs and waits until both are settled or in doubt for good. In parallel neither waits for, nor cancels,
 * the other; in a sequence the second asks for what the first has filled. When neither has filled and the answers
 * prove that trying again is safe, both are tried again under new ids.
 */
export async function sendLegs(run: FlowRun, plan: LegsPlan): Promise<LegsResult> {
  const { policy, clock } = run.engine;
  const start = clock.monotonic();
  const intents: Record<Leg, string> = {
    spot: run.nextIntentId('spot', plan.purpose('spot')),
    perp: run.nextIntentId('perp', plan.purpose('perp')),
  };
  for (let attempt = 1; ; attempt += 1) {
    // The books have moved on since the first attempt was priced.
    const quotes = attempt === 1 ? plan.quotes : await freshQuotes(run);
    const results = await sendOnce(run, { ...plan, quotes }, intents, attempt);
    const executed = results.some((result) => result.executed > 0n || result.inDoubt);
    const backoff = policy.backoffMs * 2 ** (attempt - 1);
    const pause = Math.max(backoff, ...results.map(({ waitMs }) => waitMs));
    const inTime = clock.monotonic() - start + pause <= policy.legDeadlineMs;
    if (executed || attempt >= policy.openAttempts || !inTime || !results.every(mayAskAgain)) return resultOf(results);
    await clock.sleep(durationMs(Math.ceil(pause)));
    if (run.objection(plan.adds) !== undefined) return resultOf(results);
  }
}

/** Nothing came of it, and that is proven: not after a doubt, not after a refusal for good, not against an objection. */
function mayAskAgain({ judgement, keptBack, waitMs }: OrderResult): boolean {
  if (judgement === undefined) return keptBack === undefined || waitMs > 0;
  // Accepted and ended without a fill: the book had nothing inside the collar.
  return judgement.certainty === 'accepted' || (judgement.certainty === 'refused' && isTransient(judgement));
}

async function freshQuotes({ engine: { prices } }: FlowRun): Promise<LegsPlan['quotes']> {
  const [spot, perp] = await Promise.all([prices.forRepair('upbit', 'normal'), prices.forRepair('binance', 'normal')]);
  return { spot, perp };
}

type LegResult = OrderResult & { readonly leg: Leg };

async function sendOnce(run: FlowRun, plan: LegsPlan, intents: Readonly<Record<Leg, string>>, attempt: number): Promise<LegResult[]> {
  const send = async (leg: Leg, quantity: Btc): Promise<LegResult> => {
    // A leg that is gone already (a short that shrank to nothing) needs no order.
    if (quantity <= 0n) return { leg, ...UNSENT };
    const result = await run.order({
      leg,
      side: plan.sides[leg],
      purpose: plan.purpose(leg),
      quantity,
      reduceOnly: leg === 'perp' && !plan.adds,
      adds: plan.adds,
      collarBp: run.engine.policy.collarBp,
      quote: plan.quotes[leg],
      patienceMs: run.engine.policy.banPatienceMs,
      intentId: intents[leg],
      attempt,
    });
    return { leg, ...result };
  };
  if (plan.order === 'parallel') {
    await waitForBoth(run.engine);
    return Promise.all([send('spot', plan.spot), send('perp', plan.lots)]);
  }
  const first: Leg = plan.order === 'spot-first' ? 'spot' : 'perp';
  const one = await send(first, first === 'spot' ? plan.spot : plan.lots);
  if (one.executed === 0n || one.inDoubt) return [one];
  const second = secondQuantity(plan, first, one.executed, run.rules.lot);
  // Less than a lot has filled: nothing to hedge it with, the residual is repaired or stays as dust.
  return second === 0n ? [one] : [one, await send(first === 'spot' ? 'perp' : 'spot', second)];
}

/** A venue that keeps us away for a moment would let the other leg leave alone, and its own order would not know what that has filled. */
async function waitForBoth({ gateways, clock, policy }: Engine): Promise<void> {
  const heldMs = Math.max(gateways.upbit.blockedMs, gateways.binance.blockedMs);
  if (heldMs > 0 && heldMs <= policy.banPatienceMs) await clock.sleep(durationMs(Math.ceil(heldMs)));
}

function secondQuantity(plan: LegsPlan, first: Leg, executed: Btc, lot: Btc): Btc {
  const whole = executed === (first === 'spot' ? plan.spot : plan.lots);
  if (whole) return first === 'spot' ? plan.lots : plan.spot;
  if (first === 'perp') return executed;
  // An entry hedges what has filled and the dust with it; an exit leaves the dust to what is still held.
  return lotsAgainst(plan.adds ? add(executed, plan.dust) : sub(executed, plan.dust), lot);
}

function resultOf(results: readonly LegResult[]): LegsResult {
  const of = (leg: Leg): LegOutcome => {
    const result = results.find((candidate) => candidate.leg === leg);
    return result === undefined ? NOTHING : outcomeOf(result);
  };
  const spot = of('spot');
  const perp = of('perp');
  const kept = results.map(({ keptBack }) => keptBack).find((reason) => reason !== undefined);
  const refused = results.map(({ judgement }) => (judgement?.certainty === 'refused' ? judgement.row : undefined)).find((row) => row !== undefined);
  const detail = kept ?? refused;
  const refusedForGood = results.some(({ judgement }) => judgement?.certainty === 'refused' && !isTransient(judgement));
  const nothingToClose = results.some(({ judgement }) => judgement?.advice === 'already-flat');
  return {
    spot,
    perp,
    refusedForGood,
    nothingToClose,
    summary: `${describeLegs(legState(spot), legState(perp))}${detail === undefined ? '' : ` (${detail})`}`,
  };
}
