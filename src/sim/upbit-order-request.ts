import { ArgumentsRequired, ExchangeError, InvalidOrder, NotSupported } from '../exchange/ccxt-errors.js';
import { fixed, formatFixed } from '../core/money.js';
import { checkedAmount, checkedPrice, isPostOnly, textOf, type LocalMarket, type Params } from './ccxt-local.js';
import { amountText, decimalText } from './ccxt-numbers.js';
import { UPBIT_MARKET } from './upbit-order.js';
import { UPBIT_SYMBOL } from './upbit-shapes.js';

/** The arguments of `createOrder`; amount may be missing in a call from JavaScript. */
export interface OrderArguments {
  readonly type: string;
  readonly side: string;
  readonly amount: number | undefined;
  readonly price: number | undefined;
  readonly params: Params;
}

type Request = Record<string, string | undefined>;
const LOCAL: LocalMarket = { client: 'upbit', symbol: UPBIT_SYMBOL };
/** ccxt knows no tick and no minimum of Upbit: both precisions are 1e-8. */
const STEP = 1n;
const LOCAL_PARAMS = new Set([
  'timeInForce',
  'time_in_force',
  'postOnly',
  'clientOrderId',
  'cost',
  'selfTradePrevention',
  'smp_type',
  'test',
  'ordType',
  'ord_type',
]);

/**
 * `createOrder` of `ccxt.upbit` up to the wire: the body it posts.
 *
 * @throws the errors that ccxt raises by itself, in its order.
 */
export function upbitOrderRequest(order: OrderArguments): Request {
  const { type, side, params } = order;
  if (params['test'] === true) throw new NotSupported('upbit createOrder(): the simulated venue has no test orders');
  const custom = textOf(params['ordType'] ?? params['ord_type']);
  const postOnly = isPostOnly('upbit', type, params);
  if (postOnly && (params['selfTradePrevention'] ?? params['smp_type']) !== undefined)
    throw new ExchangeError('upbit createOrder() does not support post_only and selfTradePrevention simultaneously.');
  if (side !== 'buy' && side !== 'sell') throw new InvalidOrder('upbit createOrder() supports only buy or sell in the side argument.');
  const request: Request = { market: UPBIT_MARKET, side: side === 'buy' ? 'bid' : 'ask' };
  if (type === 'limit') fillLimit(request, order);
  else if (type === 'market') fillMarket(request, 'market', order);
  else throw new InvalidOrder('upbit createOrder() supports only limit or market types in the type argument.');
  if (custom === 'best') {
    fillMarket(request, 'best', order);
    request['ord_type'] = 'best';
  }
  const clientOrderId = textOf(params['clientOrderId']);
  if (clientOrderId !== undefined) request['identifier'] = clientOrderId;
  setTimeInForce(request, postOnly, params);
  for (const [name, value] of Object.entries(params)) if (!LOCAL_PARAMS.has(name) && textOf(value) !== undefined) request[name] = textOf(value);
  return request;
}

function setTimeInForce(request: Request, postOnly: boolean, params: Params): void {
  const timeInForce = textOf(params['timeInForce'] ?? params['time_in_force'])?.toLowerCase();
  if (postOnly) {
    if (request['ord_type'] !== 'limit') throw new InvalidOrder('upbit postOnly orders are only supported for limit orders');
    request['time_in_force'] = 'post_only';
  }
  if (timeInForce === 'ioc' || timeInForce === 'fok') request['time_in_force'] = timeInForce;
  if (request['ord_type'] === 'best' && timeInForce === undefined)
    throw new ArgumentsRequired('upbit createOrder() requires a timeInForce parameter for best type orders');
}

function fillLimit(request: Request, { amount, price }: OrderArguments): void {
  if (price === undefined || amount === undefined)
    throw new ArgumentsRequired('upbit the limit type order in createOrder() is required price and amount.');
  request['ord_type'] = 'limit';
  request['price'] = checkedPrice(LOCAL, price, STEP);
  request['volume'] = checkedAmount(LOCAL, amount, STEP);
}

function fillMarket(request: Request, kind: 'market' | 'best', order: OrderArguments): void {
  if (order.side === 'buy') {
    request['ord_type'] = 'price';
    request['price'] = costOf(order);
    return;
  }
  if (order.amount === undefined) throw new ArgumentsRequired(`upbit the ${kind} sell type order in createOrder() is required amount.`);
  request['ord_type'] = 'market';
  request['volume'] = checkedAmount(LOCAL, order.amount, STEP);
}

/** KRW to spend: `params.cost`, or amount times price, exactly, cut at 1e-8. */
function costOf({ amount, price, params }: OrderArguments): string {
  const cost = textOf(params['cost']);
  if (cost !== undefined) return amountText(cost, STEP);
  if (price === undefined || amount === undefined)
    throw new InvalidOrder(
      'upbit createOrder() requires the price and amount argument for market buy orders to calculate the total cost to spend (amount * price), alternatively set the createMarketBuyOrderRequiresPrice option or param to false and pass the cost to spend (quote quantity) in the amount argument',
    );
  return formatFixed(fixed(product(amount, price)));
}

/** The exact product of two decimals, cut at 1e-8. */
function product(a: number, b: number): bigint {
  const parts = (value: number): { readonly digits: bigint; readonly places: number } => {
    const [whole = '0', fraction = ''] = decimalText(value).split('.');
    return { digits: BigInt(whole + fraction), places: fraction.length };
  };
  const left = parts(a);
  const right = parts(b);
  const places = left.places + right.places;
  const digits = left.digits * right.digits;
  return places <= 8 ? digits * 10n ** BigInt(8 - places) : digits / 10n ** BigInt(places - 8);
}
