import { formatFixed } from '../../core/money.js';
import type { EpochMs } from '../../core/units.js';
import { worth } from './exact.js';
import type { Probe, Scene, TapeOf } from './invariant.js';
import type { TermsBook } from './venue-terms.js';
import { btc, magnitude } from './words.js';

type Accepted = TapeOf<'order.accepted'>;
type Fill = TapeOf<'fill'>;
/** What is expected and what was found; worked out only when they differ. */
type Words = () => readonly [expected: string, found: string];

/** One order as its venue must treat it. */
interface Known {
  readonly order: Accepted;
  readonly mayRest: boolean;
  executed: bigint;
  spent: bigint;
  firstFillAt: EpochMs | undefined;
  lastFillAt: EpochMs | undefined;
  ended: TapeOf<'order.ended'> | undefined;
}

/** An order that cannot rest is done with this soon, halts and faults aside. */
const IMMEDIATE_MS = 60_000;
const UPBIT_ENDS: readonly string[] = ['filled', 'canceled', 'prevented'];
/** Faults that script an order's life: what it does under them is the scenario's, not the venue's. */
const SCRIPTING: readonly string[] = ['fill', 'stuck', 'cancelRace', 'fillAfterCancel'];

/**
 * Whether a venue treats each order as it promises: client ids are unique as the venue says, a fill keeps limit, tick and
 * step and never exceeds the order, what cannot rest does not, an order ends once and nothing follows its end.
 */
export class OrderConduct {
  readonly #scene: Scene;
  readonly #probe: Probe;
  readonly #terms: TermsBook;
  readonly #orders = new Map<string, Known>();
  readonly #byClientId = new Map<string, Known>();
  readonly #trades = new Set<string>();

  constructor(scene: Scene, probe: Probe, terms: TermsBook) {
    this.#scene = scene;
    this.#probe = probe;
    this.#terms = terms;
  }

  accepted(order: Accepted): void {
    const key = `${order.venue}/${order.orderId}`;
    const request = this.#scene.truth.orders.get(order.request)?.request;
    const sizeFits = request?.quantity === undefined || order.quantity === undefined || order.quantity <= request.quantity;
    this.#check(order, request?.side === order.side && sizeFits, () => [
      `order ${key} is what request ${order.request} asked for`,
      request === undefined
        ? 'there is no such request'
        : `${order.side} ${btc(order.quantity ?? 0n)} instead of ${request.side ?? '?'} ${btc(request.quantity ?? 0n)}`,
    ]);
    this.#check(order, !this.#orders.has(key), () => [`order id ${key} is given once`, 'it was given before']);
    const known: Known = { order, mayRest: mayRest(order), executed: 0n, spent: 0n, firstFillAt: undefined, lastFillAt: undefined, ended: undefined };
    this.#orders.set(key, known);
    if (order.clientOrderId === undefined) return;
    const clientKey = `${order.venue}/${order.clientOrderId}`;
    const before = this.#byClientId.get(clientKey);
    const mayReuse = this.#scene.context.idReuse[order.venue] === 'after-close' && before?.ended !== undefined;
    this.#check(order, before === undefined || mayReuse, () => [
      `client order id ${clientKey} is unique as the venue promises`,
      `order ${before?.order.orderId ?? ''} has it, too`,
    ]);
    this.#byClientId.set(clientKey, known);
  }

  /** `BOTH` in one-way mode. */
  positionSideOf({ venue, orderId }: Fill): string {
    return this.#orders.get(`${venue}/${orderId}`)?.order.positionSide ?? 'BOTH';
  }

  /** @param position - signed, before this fill. */
  fill(fill: Fill, position: bigint): void {
    const known = this.#orders.get(`${fill.venue}/${fill.orderId}`);
    const tradeKey = `${fill.venue}/${fill.tradeId}`;
    this.#check(fill, known !== undefined, () => [`${nameOf(fill)} has an accepted order`, 'there is none']);
    this.#check(fill, !this.#trades.has(tradeKey), () => [`${nameOf(fill)} happens once`, 'the trade id was booked before']);
    this.#trades.add(tradeKey);
    this.#checkMoney(fill);
    if (known === undefined) return;
    known.executed += fill.quantity;
    known.spent += fill.quote;
    known.firstFillAt ??= fill.t;
    known.lastFillAt = fill.t;
    this.#checkTerms(fill, known);
    if (!known.order.reduceOnly) return;
    const closes = position > 0n !== (fill.side === 'buy') && fill.quantity <= magnitude(position);
    this.#check(fill, closes, () => [
      `reduce-only ${nameOf(fill)} only reduces the position of ${btc(position)}`,
      `${fill.side} ${btc(fill.quantity)}`,
    ]);
  }

  ended(event: TapeOf<'order.ended'>): void {
    const known = this.#orders.get(`${event.venue}/${event.orderId}`);
    const name = `order ${event.orderId}`;
    this.#check(event, known !== undefined && known.ended === undefined, () => [
      `${name} is accepted and then ends once`,
      known === undefined ? 'it was never accepted' : `it had ended ${known.ended?.status ?? ''}`,
    ]);
    if (known === undefined) return;
    known.ended ??= event;
    const { quantity, cost, venue } = known.order;
    const isWhole = quantity === undefined ? cost !== undefined && cost === known.spent : quantity === known.executed;
    this.#check(event, event.executed === known.executed, () => [`${name} ends with the ${btc(known.executed)} of its fills`, btc(event.executed)]);
    this.#check(event, (event.status === 'filled') === isWhole, () => [
      `${name} ends filled exactly when all of it is`,
      `${event.status} with ${btc(known.executed)}`,
    ]);
    if (venue === 'upbit')
      this.#check(event, UPBIT_ENDS.includes(event.status), () => [`${name} ends as Upbit knows it (done, cancel, prevented)`, event.status]);
    if (this.#isScripted(known)) return;
    if (isFok(known.order))
      this.#check(event, isWhole || known.executed === 0n, () => [`${name} (FOK) executes whole or not at all`, btc(known.executed)]);
    if (known.mayRest || known.firstFillAt === undefined) return;
    this.#check(event, known.firstFillAt === event.t && known.lastFillAt === event.t, () => [
      `${name}, which cannot rest, is done at one instant`,
      `filled at ${known.firstFillAt ?? 0}, ended at ${event.t}`,
    ]);
  }

  finish(endAt: EpochMs): void {
    for (const known of this.#orders.values()) {
      if (known.mayRest || known.ended !== undefined || this.#isScripted(known)) continue;
      if (this.#scene.truth.faultKinds.has('market') || endAt - known.order.t <= IMMEDIATE_MS) continue;
      this.#check(known.order, false, () => [`order ${known.order.orderId}, which cannot rest, ends at once`, 'it is still open when the run ends']);
    }
  }

  #checkTerms(fill: Fill, known: Known): void {
    const { order } = known;
    const { quantity, cost, price: bound } = order;
    const mayFollow = this.#scene.truth.faultKinds.has('fillAfterCancel');
    this.#check(fill, known.ended === undefined || mayFollow, () => [
      `${nameOf(fill)} comes before the order's end`,
      `it had ended ${known.ended?.status ?? ''}`,
    ]);
    this.#check(fill, fill.side === order.side, () => [`${nameOf(fill)} is a ${order.side}`, fill.side]);
    const isWithin = bound === undefined || (fill.side === 'buy' ? fill.price <= bound : fill.price >= bound);
    this.#check(fill, isWithin, () => [`${nameOf(fill)} keeps the limit of ${formatFixed(bound ?? 0n)}`, formatFixed(fill.price)]);
    if (fill.maker === true)
      this.#check(fill, known.mayRest && fill.price === bound, () => [
        `${nameOf(fill)} waited in the book at its limit`,
        `${order.orderType} ${order.timeInForce ?? ''} at ${formatFixed(fill.price)}`,
      ]);
    this.#check(fill, quantity === undefined || known.executed <= quantity, () => [
      `order ${order.orderId} executes at most ${btc(quantity ?? 0n)}`,
      btc(known.executed),
    ]);
    this.#check(fill, cost === undefined || known.spent <= cost, () => [
      `order ${order.orderId} spends at most ${formatFixed(cost ?? 0n)} KRW`,
      formatFixed(known.spent),
    ]);
  }

  #checkMoney(fill: Fill): void {
    const { step, tick } = this.#terms.at(fill.venue, fill.t);
    const quote = worth(fill.price, fill.quantity);
    const grid = tick(fill.price);
    const asset = fill.venue === 'upbit' ? 'KRW' : 'USDT';
    this.#check(fill, fill.quote === quote, () => [`${nameOf(fill)} is worth price times quantity, ${formatFixed(quote)}`, formatFixed(fill.quote)]);
    this.#check(fill, fill.quantity > 0n && fill.quantity % step === 0n, () => [
      `${nameOf(fill)} is on the step of ${btc(step)}`,
      btc(fill.quantity),
    ]);
    this.#check(fill, fill.price > 0n && fill.price % grid === 0n, () => [
      `${nameOf(fill)} is on the tick of ${formatFixed(grid)}`,
      formatFixed(fill.price),
    ]);
    this.#check(fill, fill.feeAsset === asset, () => [`the fee of ${nameOf(fill)} is in ${asset}`, fill.feeAsset]);
  }

  #isScripted({ order }: Known): boolean {
    return this.#scene.truth.struck.get(order.request)?.some((kind) => SCRIPTING.includes(kind)) ?? false;
  }

  #check(event: { readonly t: EpochMs; readonly seq: number }, holds: boolean, words: Words): void {
    this.#probe.check(holds, () => {
      const [expected, found] = words();
      return { at: event.t, tapeSeq: event.seq, expected, found };
    });
  }
}

const nameOf = ({ tradeId, venue, orderId }: Fill): string => `trade ${tradeId} of ${venue} order ${orderId}`;

function mayRest({ venue, orderType, timeInForce }: Accepted): boolean {
  if (venue === 'binance') return orderType === 'LIMIT' && (timeInForce === 'GTC' || timeInForce === 'GTX');
  return orderType === 'limit' && timeInForce !== 'ioc' && timeInForce !== 'fok';
}

const isFok = ({ timeInForce }: Accepted): boolean => timeInForce?.toLowerCase() === 'fok';
