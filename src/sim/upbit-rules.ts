import { fixed, floorTo, mulDiv, notional, ONE, parseFixed, type Btc, type Fixed, type Krw, type PriceKrw } from '../core/money.js';
import { UPBIT_MARKET, type UpbitOrderType, type UpbitSide, type UpbitTimeInForce } from './upbit-order.js';
import { refused, type VenueReply } from './venue-reply.js';
import type { VenueRules } from './venue-rules.js';

/** The body of `POST /v1/orders`. */
export type UpbitOrderRequest = Readonly<Record<string, string | undefined>>;

/** A request that keeps every rule; funds are not looked at yet. */
export interface UpbitOrderTerms {
  readonly side: UpbitSide;
  readonly ordType: UpbitOrderType;
  readonly timeInForce: UpbitTimeInForce | undefined;
  readonly limit: PriceKrw | undefined;
  readonly volume: Btc | undefined;
  readonly cost: Krw | undefined;
  /** What the order holds while it waits: KRW with the fee on top for a bid, BTC for an ask. */
  readonly lock: bigint;
  readonly reservedFee: Krw;
}

const MILLION = 1_000_000n;
const DECIMAL = /^(\d+)(?:\.(\d+))?$/;

/** What of a request could be read; undefined where a field is absent. */
interface UpbitAmounts {
  readonly limit: PriceKrw | undefined;
  readonly volume: Btc | undefined;
  readonly cost: Krw | undefined;
}

const NO_MARKET = refused(400, 'validation_error', 'market does not have a valid value');
const NO_SIDE = refused(400, 'validation_error', 'side is missing, side does not have a valid value');
const INVALID = refused(400, 'validation_error', '잘못된 API 요청입니다.');

/**
 * Checks an order as Upbit does: its fields, its price tick, and its total.
 *
 * @param bestBid - for the total of a market sell; undefined when there is no book.
 */
export function checkUpbitOrder(request: UpbitOrderRequest, rules: VenueRules, bestBid: PriceKrw | undefined): UpbitOrderTerms | VenueReply {
  const side = request['side'];
  if (request['market'] !== UPBIT_MARKET) return NO_MARKET;
  if (side !== 'bid' && side !== 'ask') return NO_SIDE;
  const ordType = request['ord_type'] as UpbitOrderType;
  const timeInForce = request['time_in_force'] as UpbitTimeInForce | undefined;
  if (!fieldsFit(side, ordType, timeInForce, request)) {
    const kind = side === 'bid' ? '매수' : '매도';
    return refused(400, `create_${side}_error`, `${kind} 주문 요청 정보가 올바르지 않습니다.`);
  }
  const amounts = amountsOf(request, ordType, rules.quantityStep);
  if (amounts === undefined) return INVALID;
  const { limit, volume, cost } = amounts;
  if (limit !== undefined && (limit <= 0n || limit % rules.tick(limit) !== 0n))
    return refused(400, `invalid_price_${side}`, '주문가격 단위를 잘못 입력하셨습니다.');
  const total = cost ?? totalOf(limit ?? bestBid, volume);
  const outOfRange = total === undefined ? undefined : checkTotal(total, side, limit !== undefined, rules);
  if (outOfRange !== undefined) return outOfRange;
  const paid = side === 'bid' ? (total ?? 0n) : 0n;
  const reservedFee = fixed<Krw>(mulDiv(paid, rules.takerFeePpm, MILLION, 'up'));
  const lock = side === 'bid' ? paid + reservedFee : (volume ?? 0n);
  return { side, ordType, timeInForce, limit, volume, cost, lock, reservedFee };
}

function amountsOf(request: UpbitOrderRequest, ordType: UpbitOrderType, step: bigint): UpbitAmounts | undefined {
  const price = cutDecimal(request['price']);
  const volume = cutDecimal(request['volume']);
  if (price === 'bad' || volume === 'bad') return undefined;
  const isLimit = ordType === 'limit';
  return {
    limit: isLimit ? (price as PriceKrw) : undefined,
    volume: volume === undefined ? undefined : floorTo(volume as Btc, step),
    cost: isLimit || price === undefined ? undefined : fixed<Krw>(price),
  };
}

function checkTotal(total: Krw, side: UpbitSide, isLimit: boolean, rules: VenueRules): VenueReply | undefined {
  if (total < rules.minNotional) return refused(400, `under_min_total_${side}`, '최소주문금액 이상으로 주문해주세요');
  if (rules.maxNotional === undefined || total <= rules.maxNotional) return undefined;
  return refused(400, `over_max_total_${isLimit ? '' : 'market_'}${side}`, '최대주문금액을 초과했습니다.');
}

export function isRefusal(result: UpbitOrderTerms | VenueReply): result is VenueReply {
  return 'ok' in result;
}

/** Which of price and volume a type takes, and with which time in force (the table of Upbit's order documentation). */
function fieldsFit(side: UpbitSide, ordType: UpbitOrderType, timeInForce: UpbitTimeInForce | undefined, request: UpbitOrderRequest): boolean {
  const price = request['price'] !== undefined;
  const volume = request['volume'] !== undefined;
  switch (ordType) {
    case 'limit':
      return price && volume && (timeInForce === undefined || ['ioc', 'fok', 'post_only'].includes(timeInForce));
    case 'price':
      return side === 'bid' && price && !volume && timeInForce === undefined;
    case 'market':
      return side === 'ask' && volume && !price && timeInForce === undefined;
    case 'best':
      return (side === 'bid' ? price && !volume : volume && !price) && (timeInForce === 'ioc' || timeInForce === 'fok');
    default:
      return false;
  }
}

function totalOf(price: PriceKrw | undefined, quantity: Btc | undefined): Krw | undefined {
  return price === undefined || quantity === undefined ? undefined : notional<'KRW'>(price, quantity, 'down');
}

/** Decimals past the eighth are cut, not rounded. */
function cutDecimal(text: string | undefined): Fixed<string> | 'bad' | undefined {
  if (text === undefined) return undefined;
  const match = DECIMAL.exec(text);
  if (match === null) return 'bad';
  return parseFixed(`${match[1] ?? '0'}.${(match[2] ?? '0').slice(0, 8)}`);
}

/** KRW per BTC times BTC, exactly. */
export function krwOf(price: Fixed<string>, volume: bigint): Krw {
  return fixed<Krw>(mulDiv(price, volume, ONE, 'half-up'));
}

/** The fee on `funds`, cut to 1e-8 KRW so that it never exceeds what was reserved. */
export function upbitFee(funds: bigint, feePpm: bigint): bigint {
  return mulDiv(funds, feePpm, MILLION, 'down');
}
