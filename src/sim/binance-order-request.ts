import { InvalidOrder, NotSupported } from '../exchange/ccxt-errors.js';
import { fixed } from '../core/money.js';
import { BINANCE_SYMBOL } from './binance-order.js';
import { BINANCE_MARKET } from './binance-shapes.js';
import { checkedAmount, checkedPrice, isPostOnly, textOf, type LocalMarket, type Params } from './ccxt-local.js';
import type { OrderArguments } from './upbit-order-request.js';
import type { VenueRules } from './venue-rules.js';

type Request = Record<string, string | undefined>;
const LOCAL: LocalMarket = { client: 'binanceusdm', symbol: BINANCE_MARKET };
const CONDITIONAL = ['triggerPrice', 'stopPrice', 'stopLossPrice', 'takeProfitPrice', 'trailingPercent', 'callbackRate'];

/**
 * `createOrderRequest` of `ccxt.binanceusdm` up to the wire, for plain limit and market orders.
 *
 * @param freshId - the client order id to use when none is given, as ccxt makes one for each call.
 * @throws the errors that ccxt raises by itself; NotSupported for conditional orders, which go to another endpoint.
 */
export function binanceOrderRequest(order: OrderArguments, rules: VenueRules, freshId: () => string): Request {
  const { type, side, amount, price, params } = order;
  if (CONDITIONAL.some((name) => params[name] !== undefined))
    throw new NotSupported('binanceusdm createOrder(): the simulated venue has no conditional orders');
  const wireType = type.toUpperCase();
  if (wireType !== 'MARKET' && wireType !== 'LIMIT')
    throw new InvalidOrder(`binanceusdm ${type} is not a valid order type for the ${BINANCE_MARKET} market`);
  const request: Request = { symbol: BINANCE_SYMBOL, side: side.toUpperCase(), newOrderRespType: 'RESULT', type: wireType };
  request['newClientOrderId'] = textOf(params['newClientOrderId'] ?? params['clientOrderId']) ?? freshId();
  const postOnly = isPostOnly('binanceusdm', type, params);
  request['quantity'] = checkedAmount(LOCAL, amount ?? 0, rules.quantityStep);
  if (wireType === 'LIMIT') {
    if (price === undefined) throw new InvalidOrder(`binanceusdm createOrder() requires a price argument for a ${type} order`);
    request['price'] = checkedPrice(LOCAL, price, rules.tick(fixed(0n)));
    request['timeInForce'] = 'GTC';
  }
  const timeInForce = textOf(params['timeInForce']);
  if (timeInForce !== undefined && timeInForce !== 'PO') request['timeInForce'] = timeInForce;
  if (postOnly) request['timeInForce'] = 'GTX';
  return { ...request, ...sideParams(side, params) };
}

/** `hedged` names the side of the position; what would reduce it then needs no `reduceOnly`. */
function sideParams(side: string, params: Params): Request {
  const positionSide = textOf(params['positionSide']);
  const reduceOnly = params['reduceOnly'] === true;
  if (params['hedged'] === true) return { positionSide: (side === 'buy') === reduceOnly ? 'SHORT' : 'LONG' };
  return { ...(positionSide === undefined ? {} : { positionSide }), ...(reduceOnly ? { reduceOnly: 'true' } : {}) };
}
