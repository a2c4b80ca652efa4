import { fixed, formatFixed, isDecimal, min, mulDiv, parseFixed, type Btc, type Fixed, type PriceUsdt } from '../core/money.js';
import type { Side } from '../core/units.js';
import type { BookSnapshot } from '../market/market-view.js';
import type { BinanceAccount } from './binance-account.js';
import { notionalMaxAt, usdtOf } from './binance-margin.js';
import { INVALID_SYMBOL, missingParameter } from './binance-query.js';
import type { PositionSide } from './binance-position.js';
import { sumOf, takeQuantity } from './take.js';
import { refused, type VenueReply } from './venue-reply.js';
import { futuresOf, type VenueRules } from './venue-rules.js';

/** The parameters of `POST /fapi/v1/order`. */
export type BinanceOrderRequest = Readonly<Record<string, string | undefined>>;

/** A request that keeps every rule of form; what depends on account and book is checked by `checkBinanceRisk`. */
export interface BinanceOrderTerms {
  readonly side: Side;
  readonly type: 'LIMIT' | 'MARKET';
  readonly timeInForce: 'GTC' | 'IOC' | 'FOK' | 'GTX';
  readonly limit: PriceUsdt | undefined;
  readonly quantity: Btc;
  readonly reduceOnly: boolean;
  readonly positionSide: PositionSide;
  readonly clientOrderId: string | undefined;
}

const MILLION = 1_000_000n;
const ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;
const PRICE_DECIMALS = 2;
const QUANTITY_DECIMALS = 3;

/** The price on `side` this many parts per million away from `mark`. */
export function priceBand(side: Side, mark: Fixed<string>, ppm: bigint): PriceUsdt {
  return fixed(mulDiv(mark, side === 'buy' ? MILLION + ppm : MILLION - ppm, MILLION, 'down'));
}

export function isBinanceRefusal(result: object): result is VenueReply {
  return 'ok' in result;
}

/** Checks the form of an order: its parameters, then quantity, then price. */
export function checkBinanceOrder(request: BinanceOrderRequest, rules: VenueRules): BinanceOrderTerms | VenueReply {
  const type = request['type'] === 'MARKET' ? 'MARKET' : 'LIMIT';
  const quantity = request['quantity'] ?? '';
  const price = type === 'LIMIT' ? request['price'] : undefined;
  const bad =
    checkNames(request) ??
    checkParameters(request) ??
    checkQuantity(quantity, type, rules) ??
    (price === undefined ? undefined : checkPrice(price, rules));
  if (bad !== undefined) return bad;
  return {
    side: request['side'] === 'BUY' ? 'buy' : 'sell',
    type,
    timeInForce: (request['timeInForce'] ?? 'GTC') as BinanceOrderTerms['timeInForce'],
    limit: price === undefined ? undefined : parseFixed<PriceUsdt>(price),
    quantity: parseFixed<Btc>(quantity),
    reduceOnly: request['reduceOnly'] === 'true',
    positionSide: (request['positionSide'] ?? 'BOTH') as PositionSide,
    clientOrderId: request['newClientOrderId'],
  };
}

function checkNames(request: BinanceOrderRequest): VenueReply | undefined {
  const { side, type } = { side: request['side'], type: request['type'] };
  const id = request['newClientOrderId'];
  if (request['symbol'] !== 'BTCUSDT') return INVALID_SYMBOL;
  if (side !== 'BUY' && side !== 'SELL') return refused(400, '-1117', 'Invalid side.');
  if (type !== 'LIMIT' && type !== 'MARKET') return refused(400, '-1116', 'Invalid orderType.');
  if (id === undefined || ID.test(id)) return undefined;
  if (id.length > 36) return refused(400, '-4015', 'Client order id length should not be more than 36 chars');
  return refused(400, '-1100', "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.");
}

function checkParameters(request: BinanceOrderRequest): VenueReply | undefined {
  const timeInForce = request['timeInForce'];
  const isLimit = request['type'] === 'LIMIT';
  if (!isPlainDecimal(request['quantity'])) return missingParameter('quantity');
  if (isLimit && !isPlainDecimal(request['price'])) return missingParameter('price');
  if (isLimit && timeInForce === undefined) return missingParameter('timeInForce');
  if (timeInForce === undefined) return undefined;
  if (!['GTC', 'IOC', 'FOK', 'GTX'].includes(timeInForce)) return refused(400, '-1115', 'Invalid timeInForce.');
  return isLimit ? undefined : refused(400, '-1106', "Parameter 'timeInForce' sent when not required.");
}

/** What the order finds when it reaches the account and the book. */
export interface BinanceRiskView {
  readonly account: BinanceAccount;
  readonly mark: PriceUsdt | undefined;
  readonly book: BookSnapshot | undefined;
  readonly openOrders: number;
  readonly rules: VenueRules;
}

/** An order that the account can carry: its quantity (a reduce-only one is cut to the position) and what it holds. */
export interface BinanceAdmission {
  readonly quantity: Btc;
  readonly reserve: bigint;
}

/** Checks what depends on position mode, mark, book and margin. */
export function checkBinanceRisk(terms: BinanceOrderTerms, view: BinanceRiskView): BinanceAdmission | VenueReply {
  const { account, mark, rules } = view;
  const bad =
    checkMode(terms, view) ??
    (mark === undefined ? undefined : checkBand(terms, mark, view)) ??
    checkMinimum(terms, terms.limit ?? mark, rules) ??
    checkReduction(terms, account) ??
    checkImmediacy(terms, view.book);
  if (bad !== undefined) return bad;
  const closable = account.position(terms.positionSide).closable(terms.side);
  const quantity = terms.reduceOnly ? min(terms.quantity, fixed<Btc>(closable)) : terms.quantity;
  const opening = quantity > closable ? quantity - closable : 0n;
  return opening === 0n || mark === undefined ? { quantity, reserve: 0n } : checkMargin(terms, opening, quantity, mark, view);
}

function checkMode(terms: BinanceOrderTerms, { account, openOrders, rules }: BinanceRiskView): VenueReply | undefined {
  const hedge = account.positionMode === 'hedge';
  if (hedge !== (terms.positionSide !== 'BOTH')) return refused(400, '-4061', "Order's position side does not match user's setting.");
  if (hedge && terms.reduceOnly) return refused(400, '-1106', "Parameter 'reduceOnly' sent when not required.");
  return openOrders >= futuresOf(rules).maxOpenOrders ? refused(400, '-2025', 'Reach max open order limit.') : undefined;
}

/** Reduce-only orders have no minimum; market orders are valued at the mark. */
function checkMinimum(terms: BinanceOrderTerms, price: PriceUsdt | undefined, rules: VenueRules): VenueReply | undefined {
  if (terms.reduceOnly || price === undefined || usdtOf(price, terms.quantity) >= rules.minNotional) return undefined;
  return refused(400, '-4164', `Order's notional must be no smaller than ${formatFixed(rules.minNotional)} (unless you choose reduce only).`);
}

/** Nothing to reduce; or, in hedge mode, more than the named side holds. */
function checkReduction(terms: BinanceOrderTerms, account: BinanceAccount): VenueReply | undefined {
  const closable = account.position(terms.positionSide).closable(terms.side);
  const closesHedgeSide = terms.positionSide !== 'BOTH' && (terms.positionSide === 'LONG') !== (terms.side === 'buy');
  const refuses = (terms.reduceOnly && closable === 0n) || (closesHedgeSide && terms.quantity > closable);
  return refuses ? refused(400, '-2022', 'ReduceOnly Order is rejected.') : undefined;
}

/**
 * Cost of the part that opens: initial margin at the assumed price, the loss it would open with, and the taker fee.
 * The assumed price is the limit or the best opposite price, whichever would cost more margin.
 */
function checkMargin(
  terms: BinanceOrderTerms,
  opening: bigint,
  quantity: Btc,
  mark: PriceUsdt,
  view: BinanceRiskView,
): BinanceAdmission | VenueReply {
  const { account, book, rules } = view;
  const after = account.position(terms.positionSide).size - (quantity - opening) + opening;
  if (usdtOf(mark, after) > notionalMaxAt(account.tiers, account.leverage))
    return refused(400, '-2027', 'Exceeded the maximum allowable position at current leverage.');
  const best = (terms.side === 'buy' ? book?.asks[0]?.price : book?.bids[0]?.price) ?? mark;
  const assumed = terms.side === 'buy' ? (terms.limit ?? best) : terms.limit !== undefined && terms.limit > best ? terms.limit : best;
  const notionalUsdt = usdtOf(assumed, opening);
  const worse = terms.side === 'buy' ? assumed - mark : mark - assumed;
  const openLoss = worse > 0n ? usdtOf(fixed(worse), opening) : 0n;
  const reserve = account.marginFor(notionalUsdt) + openLoss + mulDiv(notionalUsdt, rules.takerFeePpm, MILLION, 'up');
  if (reserve > account.available(mark)) return refused(400, '-2019', 'Margin is insufficient.');
  return { quantity, reserve };
}

function checkBand(terms: BinanceOrderTerms, mark: PriceUsdt, { book, rules }: BinanceRiskView): VenueReply | undefined {
  const bound = priceBand(terms.side, mark, futuresOf(rules).percentPricePpm);
  const beyond = (price: bigint): boolean => (terms.side === 'buy' ? price > bound : price < bound);
  if (terms.limit !== undefined) {
    if (!beyond(terms.limit)) return undefined;
    const text = `${bound / 100_000_000n}`;
    return terms.side === 'buy'
      ? refused(400, '-4016', `Limit price can't be higher than ${text}.`)
      : refused(400, '-4024', `Limit price can't be lower than ${text}.`);
  }
  const best = terms.side === 'buy' ? book?.asks[0]?.price : book?.bids[0]?.price;
  if (best === undefined || !beyond(best)) return undefined;
  return refused(400, '-4131', "The counterparty's best price does not meet the PERCENT_PRICE filter limit.");
}

function checkImmediacy(terms: BinanceOrderTerms, book: BookSnapshot | undefined): VenueReply | undefined {
  const levels = (terms.side === 'buy' ? book?.asks : book?.bids) ?? [];
  const reachable = sumOf(takeQuantity(levels, terms.side, terms.quantity, terms.limit));
  if (terms.timeInForce === 'FOK' && reachable < terms.quantity)
    return refused(
      400,
      '-5021',
      'Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history.',
    );
  if (terms.timeInForce === 'GTX' && reachable > 0n)
    return refused(
      400,
      '-5022',
      'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history.',
    );
  return undefined;
}

function checkQuantity(text: string, type: 'LIMIT' | 'MARKET', rules: VenueRules): VenueReply | undefined {
  if (decimalsOf(text) > QUANTITY_DECIMALS) return refused(400, '-1111', 'Precision is over the maximum defined for this asset.');
  const quantity = parseFixed<Btc>(text);
  if (quantity <= 0n) return refused(400, '-4003', 'Quantity less than or equal to zero.');
  if (quantity < rules.minQuantity) return refused(400, '-4004', 'Quantity less than min quantity.');
  if (quantity > (type === 'MARKET' ? (rules.maxMarketQuantity ?? futuresOf(rules).maxQuantity) : futuresOf(rules).maxQuantity))
    return refused(400, '-4005', 'Quantity greater than max quantity.');
  if (quantity % rules.quantityStep !== 0n) return refused(400, '-4023', 'Qty not increased by step size.');
  return undefined;
}

function checkPrice(text: string, rules: VenueRules): VenueReply | undefined {
  if (decimalsOf(text) > PRICE_DECIMALS) return refused(400, '-1111', 'Precision is over the maximum defined for this asset.');
  const price = parseFixed<PriceUsdt>(text);
  if (price <= 0n) return refused(400, '-4001', 'Price less than 0.');
  const { priceMin, priceMax } = futuresOf(rules);
  if (price > priceMax) return refused(400, '-4002', 'Price greater than max price.');
  if (price < priceMin) return refused(400, '-4013', 'Price less than min price.');
  if (price % rules.tick(price) !== 0n) return refused(400, '-4014', 'Price not increased by tick size.');
  return undefined;
}

function isPlainDecimal(text: string | undefined): boolean {
  return text !== undefined && isDecimal(text) && !text.startsWith('-');
}

/** Decimals that count: trailing zeros do not. */
function decimalsOf(text: string): number {
  return (text.split('.')[1] ?? '').replace(/0+$/, '').length;
}
