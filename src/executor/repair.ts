import { abs, fixed, max, sub, type Btc, type Fixed } from '../core/money.js';
import { durationMs, type Leg } from '../core/units.js';
import { widened } from '../hedge/collar.js';
import { isWithinTolerance, planDust } from '../hedge/dust.js';
import { planRepair, type RepairOrder, type RepairSituation } from '../hedge/repair-plan.js';
import { leastQuantity } from '../hedge/sizing.js';
import type { IntentPurpose } from '../journal/journal-event.js';
import { isTransient, responseTo } from './error-table.js';
import type { FlowRun, OrderResult } from './flow-run.js';
import type { Quote } from './price-desk.js';

export type RepairEnd = { readonly kind: 'proven' } | { readonly kind: 'locked'; readonly reason: string };

export interface RepairOptions {
  readonly maxRounds?: number | undefined;
  /** Whether residue above its cap is traded away in the end; not while more of the flow is to come, which takes it along. */
  readonly trims?: boolean | undefined;
}

/** Longest pause between two rounds. */
const PAUSE_MAX_MS = 8_000;
const STEP = fixed<Btc>(1n);

/**
 * Brings the residual delta of both venues back within tolerance, whatever made it: a refused leg, a partial fill, a
 * late one. Every order is sized from settled quantities only; while anything is in doubt nothing is sent. It ends
 * proven, or locked with an alarm when the rounds or the budget are used up.
 */
export class Repair {
  readonly #run: FlowRun;
  readonly #flow: RepairSituation['flow'];
  #started = false;
  #rollbackMarked = false;
  #hasUnwound = false;
  #round = 0;
  #addFailures = 0;
  #addOver = false;
  #reduceRefusals = 0;
  #reduceOver = false;
  /** Less spot than the book says may be free to sell (an order of somebody else holds it). */
  #sellable: Btc | undefined;

  readonly #maxRounds: number;
  readonly #trims: boolean;

  /** @param flow - what completing means for this flow. */
  constructor(run: FlowRun, flow: RepairSituation['flow'], { maxRounds = run.engine.policy.maxRepairRounds, trims = true }: RepairOptions = {}) {
    this.#run = run;
    this.#flow = flow;
    this.#maxRounds = maxRounds;
    this.#trims = trims;
  }

  /** The first order of the leg that would complete the hedge was refused for good: completing it is not tried. */
  giveUpAdding(): this {
    this.#addOver = true;
    return this;
  }

  /** Whether it took back what its flow had done, instead of completing it. */
  get hasUnwound(): boolean {
    return this.#hasUnwound;
  }

  async toTheEnd(): Promise<RepairEnd> {
    let end = await this.#loop();
    for (let trims = 0; end.kind === 'proven' && (await this.#trimDust(trims)); trims += 1) end = await this.#loop();
    if (this.#started || this.#wasOverdue()) await this.#close(end);
    return end;
  }

  async #loop(): Promise<RepairEnd> {
    const { engine, rules } = this.#run;
    for (;;) {
      if (!(await this.#settleAll())) return { kind: 'locked', reason: 'an order is still in doubt' };
      const residual = await this.#run.noteDelta();
      if (isWithinTolerance(residual, rules.lot)) return { kind: 'proven' };
      const objection = this.#run.objection(false);
      if (objection !== undefined) return { kind: 'locked', reason: objection };
      if (engine.clock.monotonic() >= this.#run.giveUpAt) return { kind: 'locked', reason: 'the time for a repair is used up' };
      if (this.#round >= this.#maxRounds) return { kind: 'locked', reason: 'the rounds of a repair are used up' };
      const quotes = await this.#quotes();
      const step = planRepair(this.#situation(residual, quotes));
      if (step.kind === 'done') return { kind: 'proven' };
      if (step.kind === 'stuck') return { kind: 'locked', reason: step.reason };
      await this.#begin(residual, step);
      const result = await this.#send(step, quotes[step.leg]);
      await this.#learn(step, result);
      this.#round += 1;
      if (result.executed === 0n && !result.inDoubt && this.#mayHelpToWait(step)) await this.#pause(result);
    }
  }

  /** Whether people were told of an exposure before anything had to be repaired. */
  #wasOverdue(): boolean {
    return this.#run.attempts.some((attempt) => this.#run.engine.facts.memo(attempt).overdueTold);
  }

  /** Settles whatever is open, of this flow or of an earlier one: nothing is computed from doubts. */
  async #settleAll(): Promise<boolean> {
    const { book, resolver } = this.#run.engine;
    const giveUpAt = this.#run.giveUpAt;
    const settled = await Promise.all(book.unsettled().map((attempt) => resolver.settle(attempt, giveUpAt)));
    return settled.every(Boolean);
  }

  async #quotes(): Promise<Readonly<Record<Leg, Quote | undefined>>> {
    const { prices } = this.#run.engine;
    const [spot, perp] = await Promise.all([prices.forRepair('upbit', 'reduce'), prices.forRepair('binance', 'reduce')]);
    return { spot, perp };
  }

  #situation(residual: Btc, quotes: Readonly<Record<Leg, Quote | undefined>>): RepairSituation {
    const { engine, rules } = this.#run;
    const { book, policy, gateways } = engine;
    const minimum = (price: Fixed<string> | undefined, notional: Fixed<string>, step: Btc): Btc =>
      price === undefined ? step : leastQuantity(notional, price, step);
    const spotHeld = this.#sellable ?? book.spot;
    return {
      residual,
      lot: rules.lot,
      flow: this.#flow,
      // An exit is wanted out of: the policy's choice is that of an entry.
      prefer: this.#flow === 'exit' ? 'complete' : policy.repair,
      mayAdd: !this.#addOver && this.#addFailures < policy.completeAttempts && this.#run.objection(true) === undefined,
      room: this.#room(),
      mayReduce: !this.#reduceOver,
      minimum: {
        spot: minimum(quotes.spot?.bid, rules.spotMinNotional, STEP),
        perpOpen: minimum(quotes.perp?.bid, rules.perpMinNotional, rules.lot),
      },
      held: { spot: max<Btc>(spotHeld, fixed<Btc>(0n)), short: book.perp < 0n ? abs(book.perp) : fixed<Btc>(0n) },
      blockedMs: { spot: gateways.upbit.blockedMs, perp: gateways.binance.blockedMs },
      patienceMs: policy.banPatienceMs,
    };
  }

  /** An entry adds to a leg up to what was asked for. */
  #room(): RepairSituation['room'] {
    const run = this.#run;
    const asked = this.#flow === 'enter' ? run.engine.book.flow(run.id)?.quantity : undefined;
    return asked === undefined ? undefined : { spot: sub(asked, abs(run.net('spot'))), perp: sub(asked, abs(run.net('perp'))) };
  }

  async #begin(residual: Btc, step: RepairOrder): Promise<void> {
    const { writer } = this.#run.engine;
    if (!this.#started) {
      this.#started = true;
      const reason = `${step.plan}: ${step.side} on the ${step.leg} leg`;
      await writer.record({ flow: this.#run.id, type: 'repair.started', residual, plan: step.plan, reason });
      await writer.alert(this.#run.id, 'UNHEDGED_EXPOSURE', 'warning', `residual delta is not zero; repair begins (${reason})`);
    }
    if (step.plan === 'unwind' && this.#flow !== 'exit' && !this.#rollbackMarked) {
      this.#rollbackMarked = true;
      await this.#run.mark('rollback.start');
    }
  }

  async #send(step: RepairOrder, quote: Quote | undefined): Promise<OrderResult> {
    const { policy } = this.#run.engine;
    const adds = step.direction === 'add';
    return this.#run.order({
      leg: step.leg,
      side: step.side,
      purpose: this.#purposeOf(step),
      quantity: step.quantity,
      reduceOnly: step.reduceOnly,
      adds,
      collarBp: widened(policy.repairCollarBp, this.#round, policy.maxCollarBp),
      quote,
      // An order that adds is not worth a long wait: the other leg can be taken off instead.
      ...(adds ? { patienceMs: policy.banPatienceMs } : {}),
    });
  }

  /** The words of scenarios: on the side of an entry `open` or `hedge`, against it `rollback`; in an exit `close`, against it `repair`. */
  #purposeOf(step: RepairOrder): IntentPurpose {
    if (this.#flow === 'exit') return step.direction === 'reduce' ? 'close' : 'repair';
    if (step.direction === 'reduce') return 'rollback';
    return this.#run.net(step.leg === 'spot' ? 'perp' : 'spot') === 0n ? 'open' : 'hedge';
  }

  async #learn(step: RepairOrder, result: OrderResult): Promise<void> {
    if (result.executed > 0n) {
      this.#hasUnwound ||= step.plan === 'unwind';
      await this.#markDone(step);
      return;
    }
    if (result.inDoubt) return;
    const { judgement } = result;
    if (step.direction === 'add') {
      this.#addFailures += 1;
      if (judgement?.certainty === 'refused' && !isTransient(judgement)) this.#addOver = true;
      return;
    }
    if (this.#flow !== 'exit') await this.#run.mark('rollback.order-failed');
    if (judgement?.certainty !== 'refused') return;
    if (responseTo(judgement, 'createOrder') === 'verify-position') {
      await this.#verifyPosition();
      return;
    }
    if (judgement.advice === 'insufficient-funds' && step.leg === 'spot') {
      await this.#verifySellable();
      return;
    }
    if (isTransient(judgement)) return;
    // Refused for good twice at different times: the other direction is the only way left.
    this.#reduceRefusals += 1;
    this.#reduceOver = this.#reduceRefusals >= 2;
  }

  async #markDone(step: RepairOrder): Promise<void> {
    if (step.direction === 'add') {
      if (step.plan === 'complete') await this.#run.mark('hedge.completed');
      return;
    }
    if (this.#flow === 'exit') return;
    await this.#run.mark(step.leg === 'spot' ? 'rollback.spot.sold' : 'rollback.perp.bought-back');
  }

  get #readOptions(): { readonly priority: 'reduce'; readonly patienceMs: number } {
    return { priority: 'reduce', patienceMs: Math.max(0, this.#run.giveUpAt - this.#run.engine.clock.monotonic()) };
  }

  /** A close was refused because there is nothing to close: the venue's position, read twice, is then the truth. */
  async #verifyPosition(): Promise<void> {
    const { holdings, book, writer, clock, policy } = this.#run.engine;
    const first = await holdings.perp(book.perp !== 0n, this.#readOptions);
    await clock.sleep(durationMs(policy.confirmMs));
    const second = await holdings.perp(book.perp !== 0n, this.#readOptions);
    if (!first.ok || !second.ok || first.value.position !== second.value.position) return;
    const { position } = second.value;
    // A larger short, or a long, is nobody's deleveraging: the monitor freezes it for a human.
    if (position > 0n || position <= book.perp) {
      this.#reduceRefusals += 1;
      this.#reduceOver = this.#reduceRefusals >= 2;
      return;
    }
    await writer.record({
      flow: this.#run.id,
      type: 'holdings.adopted',
      leg: 'perp',
      from: book.perp,
      to: position,
      reason: 'a reduce-only close was refused and the venue shows another position',
    });
    await writer.alert(this.#run.id, 'POSITION_MISMATCH', 'critical', 'the perpetual position is not what our orders made it; the venue is believed');
  }

  async #verifySellable(): Promise<void> {
    const read = await this.#run.engine.holdings.spot(this.#readOptions);
    if (read.ok) this.#sellable = read.value.btcFree;
  }

  /** Residue above the cap is traded away where that is possible: a few orders, and what they leave stays in the ledger. */
  async #trimDust(trims: number): Promise<boolean> {
    const { engine, rules } = this.#run;
    const dust = engine.book.residual;
    if (!this.#trims || abs(dust) <= engine.policy.dustCap || trims === engine.policy.completeAttempts) return false;
    const quote = await engine.prices.forRepair('upbit', 'normal');
    if (quote === undefined) return false;
    const plan = planDust(dust, engine.policy.dustCap, leastQuantity(rules.spotMinNotional, quote.bid, STEP));
    if (plan.kind === 'keep') return false;
    if (trims === 0) await engine.writer.alert(this.#run.id, 'DUST_CAP', 'info', 'residue is above its cap and is traded away');
    const reducing = plan.side === 'sell';
    await this.#run.order({
      leg: 'spot',
      side: plan.side,
      purpose: this.#flow === 'exit' ? (reducing ? 'close' : 'repair') : reducing ? 'rollback' : 'hedge',
      quantity: plan.quantity,
      reduceOnly: false,
      adds: !reducing,
      collarBp: engine.policy.collarBp,
      quote,
    });
    return true;
  }

  /** The next round goes the other way at once when this one is over. */
  #mayHelpToWait(step: RepairOrder): boolean {
    return step.direction === 'add' ? !this.#addOver && this.#addFailures < this.#run.engine.policy.completeAttempts : !this.#reduceOver;
  }

  async #pause(result: OrderResult): Promise<void> {
    const { clock, policy, gateways } = this.#run.engine;
    const failures = Math.max(this.#addFailures, this.#round);
    const own = result.judgement?.certainty === 'refused' ? policy.backoffMs * 2 ** Math.min(failures, 6) : policy.pollMs;
    const asked = Math.max(result.waitMs, 0);
    const left = Math.max(0, this.#run.giveUpAt - clock.monotonic());
    const isBlocked = gateways.upbit.blockedMs > 0 || gateways.binance.blockedMs > 0;
    // A ban is waited out by the gateway, and the other venue may be free: no need to sleep through it here.
    const pause = isBlocked ? policy.pollMs : Math.min(Math.max(own, asked), PAUSE_MAX_MS);
    await clock.sleep(durationMs(Math.ceil(Math.min(pause, left))));
  }

  async #close(end: RepairEnd): Promise<void> {
    const { writer, book } = this.#run.engine;
    const proven = end.kind === 'proven';
    if (this.#started) await writer.record({ flow: this.#run.id, type: 'repair.ended', residual: book.residual, proven });
    if (proven) await writer.alert(this.#run.id, 'EXPOSURE_CLOSED', 'info', 'the residual delta is gone, proven by the orders of both venues');
  }
}
