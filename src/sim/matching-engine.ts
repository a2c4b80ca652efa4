import type { CallAction, DelayDistribution } from '../faults/fault-action.js';
import { fixed, floorTo, mulDiv, ONE, type Btc } from '../core/money.js';
import { addMs, type EpochMs } from '../core/units.js';
import type { BookOrder, EndStatus, OrderOrigin } from './book-order.js';
import type { VenueLiquidity } from './liquidity.js';
import { sumOf, takeCost, takeQuantity, within, type Take } from './take.js';

type FillScript = Extract<CallAction, { kind: 'fill' }>;
type StuckScript = Extract<CallAction, { kind: 'stuck' }>;
type Correction = Extract<CallAction, { kind: 'fillAfterCancel' }>;
type CancelRace = Extract<CallAction, { kind: 'cancelRace' }>;

/** How often resting orders are held against the book. */
const RESTING_LOOK_MS = 1_000;
const MILLION = 1_000_000n;

/** What matching needs of its venue. */
export interface MatchingHost<O extends BookOrder> {
  readonly liquidity: VenueLiquidity;
  readonly matchingDelay: DelayDistribution;
  quantityStep(): bigint;
  /** How an immediate order's unfilled rest ends here: `expired` on Binance, `canceled` on Upbit. */
  readonly unfilledEnd: EndStatus;
  now(): EpochMs;
  schedule(at: EpochMs, act: () => void): void;
  draw(purpose: string, distribution: DelayDistribution, point: string): number;
  /** Books a trade of `order`; the order's own fields are the venue's to change. */
  fill(order: O, take: Take, maker: boolean): void;
  end(order: O, status: EndStatus): void;
  /** Told after each step of matching that left an open order partly filled. */
  partly(order: O): void;
  /** What is left of the order: base quantity, or quote amount for an order by cost. */
  remaining(order: O): bigint;
  /** How much of that may trade now; less for a reduce-only order whose position shrank. */
  tradable(order: O): bigint;
  /** How much of `amount` the account could still pay for if the ended order traded it. */
  affordable(order: O, amount: bigint): bigint;
  /** The worst price allowed now; undefined when there is no bound. */
  bound(order: O): bigint | undefined;
  note(text: string): void;
}

/** An order's place in the engine besides its own fields. */
interface Life {
  /** When a scheduled matching will run; a cancel never overtakes it. */
  matchAt: EpochMs;
  /** A fault makes the venue find an execution once the order has ended without it. */
  correction: Correction | undefined;
  /** A fault keeps the order as it is until then. */
  heldUntil: number;
  held: StuckScript['state'] | undefined;
  /** A script decides its fills: the book does not. */
  scripted: boolean;
}

/**
 * Carries accepted orders to their end: the delay before matching, immediate and resting orders, the faults that
 * script an order's execution, and cancels that race with fills. The same for both venues; what differs is in the host.
 */
export class MatchingEngine<O extends BookOrder> {
  readonly #host: MatchingHost<O>;
  readonly #lives = new Map<string, Life>();
  readonly #resting = new Map<string, O>();
  #looking = false;

  constructor(host: MatchingHost<O>) {
    this.#host = host;
  }

  /** How long an order of this origin is on its way from acceptance to matching. Asked once for an order. */
  delayOf(origin: OrderOrigin): number {
    return this.#host.draw('matching', this.#host.matchingDelay, origin.point);
  }

  /**
   * @param delay - `delayOf` the order's origin.
   * @param settled - called once, when the order has reached the state a venue that answers with the result answers with.
   */
  accept(order: O, actions: readonly CallAction[], delay: number, settled: () => void): void {
    const host = this.#host;
    const script = actions.find((action) => action.kind === 'fill');
    const stuck = actions.find((action) => action.kind === 'stuck');
    const correction = actions.find((action) => action.kind === 'fillAfterCancel');
    const life: Life = { matchAt: host.now(), heldUntil: 0, held: undefined, scripted: script !== undefined, correction };
    this.#lives.set(order.id, life);
    if (stuck === undefined) {
      this.#matchIn(order, life, delay, script, settled);
      return;
    }
    life.held = stuck.state;
    life.heldUntil = stuck.for === 'forever' ? Number.POSITIVE_INFINITY : host.now() + stuck.for;
    settled();
    if (stuck.for !== 'forever') this.#matchIn(order, life, stuck.for + delay, script, () => undefined);
  }

  /** Whether a fault still keeps the order in this state. */
  isHeld(order: O, state: StuckScript['state']): boolean {
    const life = this.#lives.get(order.id);
    return life !== undefined && life.held === state && life.heldUntil > this.#host.now();
  }

  /**
   * Takes the order off the book once the cancel is through: never before a matching that was due earlier, later
   * or never when a fault holds it.
   *
   * @param done - called when the order has ended; not at all while a fault holds the cancel for ever.
   */
  cancel(order: O, actions: readonly CallAction[], point: string, done: () => void): void {
    const host = this.#host;
    const life = this.#lives.get(order.id);
    const race = actions.find((action) => action.kind === 'cancelRace');
    const stuck = actions.find((action) => action.kind === 'stuck');
    const held = stuck?.for ?? 0;
    const correction = actions.find((action) => action.kind === 'fillAfterCancel');
    if (life !== undefined && correction !== undefined) life.correction = correction;
    if (held === 'forever') return;
    let at = addMs(host.now(), host.draw('cancel', host.matchingDelay, point) + held);
    if (life !== undefined && life.held === undefined && life.matchAt > at) at = life.matchAt;
    if (life !== undefined && life.held === 'pending-cancel') {
      if (life.heldUntil === Number.POSITIVE_INFINITY) return;
      if (life.heldUntil > at) at = life.heldUntil as EpochMs;
    }
    host.schedule(at, () => {
      if (order.ended === undefined && race !== undefined) this.#race(order, race);
      if (order.ended === undefined) this.#end(order, 'canceled');
      done();
    });
  }

  get openCount(): number {
    return this.#lives.size;
  }

  /** Ends an order at the venue's own will. */
  endNow(order: O, status: EndStatus): void {
    if (order.ended === undefined) this.#end(order, status);
  }

  #matchIn(order: O, life: Life, delay: number, script: FillScript | undefined, settled: () => void): void {
    life.matchAt = addMs(this.#host.now(), delay);
    this.#host.schedule(life.matchAt, () => {
      life.held = undefined;
      if (order.ended === undefined) this.#match(order, script, settled);
      else settled();
    });
  }

  #match(order: O, script: FillScript | undefined, settled: () => void): void {
    const host = this.#host;
    if (host.liquidity.halted(host.now())) {
      host.note(`${order.id} waits: matching is halted`);
      settled();
      this.#waitForHaltToEnd(order, script);
      return;
    }
    if (script !== undefined) {
      this.#runScript(order, script, settled);
      return;
    }
    this.#trade(order);
    this.#conclude(order);
    this.#tellPartly(order);
    settled();
  }

  #waitForHaltToEnd(order: O, script: FillScript | undefined): void {
    const host = this.#host;
    host.schedule(addMs(host.now(), RESTING_LOOK_MS), () => {
      if (order.ended !== undefined) return;
      if (host.liquidity.halted(host.now())) this.#waitForHaltToEnd(order, script);
      else this.#match(order, script, () => undefined);
    });
  }

  /** Trades against the book as it stands, as far as quantity, cost, bound and depth allow. */
  #trade(order: O): void {
    const host = this.#host;
    const now = host.now();
    if (host.liquidity.book(now) === undefined) {
      host.note(`${order.id} meets a gap in the data: nothing trades`);
      return;
    }
    const takes = this.#takes(order, host.tradable(order));
    if (order.timeInForce === 'fok' && !this.#takesAll(order, takes)) return;
    for (const take of takes) this.#fill(order, take, false);
  }

  #takes(order: O, amount: bigint, bound = this.#host.bound(order)): Take[] {
    const { liquidity } = this.#host;
    const levels = liquidity.against(order.side, this.#host.now());
    return order.quantity === undefined
      ? takeCost(levels, amount, this.#host.quantityStep(), bound)
      : takeQuantity(levels, order.side, amount, bound);
  }

  /** Whether these takes complete the order; one by cost is complete when what is left buys no further step. */
  #takesAll(order: O, takes: readonly Take[]): boolean {
    const left = this.#host.remaining(order);
    if (order.quantity !== undefined) return sumOf(takes) >= left;
    const last = takes.at(-1);
    const spent = takes.reduce((sum, take) => sum + mulDiv(take.price, take.quantity, ONE, 'half-up'), 0n);
    return last !== undefined && left - spent < mulDiv(last.price, this.#host.quantityStep(), ONE, 'up');
  }

  #fill(order: O, take: Take, maker: boolean): void {
    if (order.ended !== undefined) return;
    this.#host.fill(order, take, maker);
    // A resting order, too, trades with what stands opposite: the next look must not find it there again.
    this.#host.liquidity.take(order.side, take.quantity, this.#host.now());
  }

  /** After matching: ended when nothing is left or nothing may wait, resting otherwise. */
  #conclude(order: O): void {
    if (order.ended !== undefined) return;
    const host = this.#host;
    if (host.remaining(order) === 0n) this.#end(order, 'filled');
    else if (order.limit === undefined || order.timeInForce === 'ioc' || order.timeInForce === 'fok') this.#end(order, host.unfilledEnd);
    else this.#rest(order);
  }

  #end(order: O, status: EndStatus): void {
    const correction = this.#lives.get(order.id)?.correction;
    this.#lives.delete(order.id);
    this.#resting.delete(order.id);
    this.#host.end(order, status);
    if (correction === undefined || status === 'filled') return;
    const after = this.#host.draw('correction', correction.after, order.origin.point);
    this.#host.schedule(addMs(this.#host.now(), after), () => this.#correct(order, correction));
  }

  /** An execution that the venue reports for an order it has already called final, as far as the account can still pay for it. */
  #correct(order: O, { fraction }: Correction): void {
    const host = this.#host;
    const wanted = share(order, fraction, host.quantityStep());
    const left = host.remaining(order) < wanted ? host.remaining(order) : wanted;
    const amount = host.affordable(order, left);
    if (amount < left) host.note(`${order.id} is corrected by less than the fault asks for: the account no longer holds enough`);
    for (const take of this.#scriptedTakes(order, amount, 0)) {
      host.fill(order, take, false);
      host.liquidity.take(order.side, take.quantity, host.now());
    }
  }

  #rest(order: O): void {
    this.#resting.set(order.id, order);
    if (!this.#looking) this.#lookLater();
  }

  #lookLater(): void {
    this.#looking = this.#resting.size > 0;
    if (!this.#looking) return;
    this.#host.schedule(addMs(this.#host.now(), RESTING_LOOK_MS), () => {
      for (const order of [...this.#resting.values()]) this.#lookAtBook(order);
      this.#lookLater();
    });
  }

  #lookAtBook(order: O): void {
    const host = this.#host;
    if (order.ended !== undefined || order.limit === undefined || host.liquidity.halted(host.now())) return;
    const reached = this.#takes(order, host.tradable(order), order.limit);
    const quantity = sumOf(reached);
    if (quantity > 0n) this.#fill(order, { price: order.limit, quantity: fixed<Btc>(quantity) }, true);
    this.#endWhenWhole(order);
    if (quantity > 0n) this.#tellPartly(order);
  }

  #tellPartly(order: O): void {
    if (order.ended === undefined && order.executed > 0n) this.#host.partly(order);
  }

  #race(order: O, race: CancelRace): void {
    this.#fillScripted(order, share(order, race.fillFraction, this.#host.quantityStep()), 0);
  }

  #runScript(order: O, script: FillScript, settled: () => void): void {
    const host = this.#host;
    const pieces = pieceSizes(order, script, host.quantityStep());
    const finish = (): void => {
      if (order.ended !== undefined) return;
      if (script.fraction >= 1 || host.remaining(order) === 0n) this.#conclude(order);
      else this.#then(order, script);
    };
    const { after } = script;
    if (after === undefined) {
      for (const piece of pieces) this.#fillScripted(order, piece, script.slipBp);
      if (script.thenAfter === undefined) finish();
      else host.schedule(addMs(host.now(), host.draw('then', script.thenAfter, order.origin.point)), finish);
      this.#tellPartly(order);
      settled();
      return;
    }
    settled();
    const next = (index: number): void => {
      const piece = pieces[index];
      if (piece === undefined) {
        const delay = script.thenAfter === undefined ? 0 : host.draw('then', script.thenAfter, order.origin.point);
        host.schedule(addMs(host.now(), delay), finish);
        return;
      }
      host.schedule(addMs(host.now(), host.draw('piece', after, `${order.origin.point}|${index}`)), () => {
        if (order.ended !== undefined) return;
        this.#fillScripted(order, piece, script.slipBp);
        this.#tellPartly(order);
        next(index + 1);
      });
    };
    next(0);
  }

  #then(order: O, script: FillScript): void {
    switch (script.then) {
      case 'rest':
        return;
      case 'fill':
        this.#trade(order);
        this.#conclude(order);
        return;
      case 'expire':
        this.#end(order, 'expired');
        return;
      case 'cancel':
        this.#end(order, 'canceled');
        return;
      case 'reject':
        this.#end(order, 'rejected');
        return;
      case 'prevent':
        this.#end(order, 'prevented');
        return;
    }
  }

  /** Executes what a fault asks for at the book's prices, never beyond the order's own limit; a thin book does not stop it. */
  #fillScripted(order: O, amount: bigint, slipBp: number): void {
    const host = this.#host;
    const left = host.tradable(order);
    const wanted = amount < left ? amount : left;
    if (wanted <= 0n) return;
    for (const take of this.#scriptedTakes(order, wanted, slipBp)) this.#fill(order, take, false);
    this.#endWhenWhole(order);
  }

  /** At once: a cancel that is through at the same instant finds nothing to cancel. */
  #endWhenWhole(order: O): void {
    if (order.ended === undefined && this.#host.remaining(order) === 0n) this.#end(order, 'filled');
  }

  #scriptedTakes(order: O, wanted: bigint, slipBp: number): readonly Take[] {
    if (wanted <= 0n) return [];
    const host = this.#host;
    const takes = this.#takes(order, wanted, undefined);
    const missing = order.quantity === undefined ? 0n : wanted - sumOf(takes);
    const fallback = takes.at(-1)?.price ?? order.limit ?? host.liquidity.midPrice(host.now());
    if (missing > 0n && fallback !== undefined) takes.push({ price: fallback, quantity: fixed<Btc>(missing) });
    return takes.flatMap((take): Take[] => {
      const price = host.liquidity.worse(take.price, order.side, slipBp);
      const allowed = order.limit === undefined || within(order.side, price, order.limit) ? price : order.limit;
      // A worse price buys less for the same cost; the order must not spend more than it holds.
      const quantity =
        order.quantity === undefined ? floorTo(mulDiv(take.quantity, take.price, allowed, 'down'), host.quantityStep()) : take.quantity;
      return quantity > 0n ? [{ price: allowed, quantity: fixed<Btc>(quantity) }] : [];
    });
  }
}

/** `fraction` of the whole order: base quantity on the step, or quote amount. */
function share(order: BookOrder, fraction: number, step: bigint): bigint {
  const ppm = BigInt(Math.round(fraction * 1e6));
  if (order.quantity !== undefined) return floorTo(mulDiv(order.quantity, ppm, MILLION, 'down'), step);
  return mulDiv(order.cost ?? 0n, ppm, MILLION, 'down');
}

function pieceSizes(order: BookOrder, script: FillScript, step: bigint): bigint[] {
  const total = share(order, script.fraction, step);
  const count = BigInt(Math.max(1, script.pieces));
  const size = order.quantity === undefined ? total / count : floorTo(total / count, step);
  const sizes = Array.from({ length: Number(count) }, (_, index) => (BigInt(index) === count - 1n ? total - size * (count - 1n) : size));
  return sizes.filter((piece) => piece > 0n);
}
