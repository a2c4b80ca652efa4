import type { ClientMethod } from '../../exchange/exchange-client.js';
import type { BinanceCalls, Signed } from '../../sim/binance-calls.js';
import { BINANCE_SYMBOL } from '../../sim/binance-order.js';
import { answeredWith, type ClientCall } from '../../sim/client-call.js';
import { refused } from '../../sim/venue-reply.js';
import type { WireParams } from '../http/wire-params.js';
import { missing } from './binance-refusals.js';

/** What a route makes its call of. */
export interface BinanceSent {
  readonly params: WireParams;
  readonly signed: Signed;
  /** The unified call on whose behalf a table is fetched. */
  readonly preparesFor: ClientMethod | undefined;
}

interface Route {
  /** `signed`: key and signature; `open`: neither. */
  readonly security: 'open' | 'signed';
  call(calls: BinanceCalls, sent: BinanceSent): ClientCall;
}

const INVALID_SYMBOL = refused(400, '-1121', 'Invalid symbol.');

const open = (call: Route['call']): Route => ({ security: 'open', call });
const signed = (call: Route['call']): Route => ({ security: 'signed', call });

/** A call about one market, which must be named. */
const ofSymbol =
  (call: Route['call'], name = 'symbol'): Route['call'] =>
  (calls, sent) => {
    const symbol = sent.params.get(name);
    const made = call(calls, sent);
    if (symbol === undefined) return answeredWith(made, missing(name));
    return symbol === BINANCE_SYMBOL ? made : answeredWith(made, INVALID_SYMBOL);
  };

/** A list that names its market or shows all of them; there is one. */
const ofAnySymbol =
  (call: Route['call']): Route['call'] =>
  (calls, sent) => {
    const symbol = sent.params.get('symbol');
    return symbol === undefined || symbol === BINANCE_SYMBOL ? call(calls, sent) : answeredWith(call(calls, sent), INVALID_SYMBOL);
  };

/** A change that needs `name` to be one of `values`. */
const choice =
  <Value extends string>(
    name: string,
    values: readonly Value[],
    call: (calls: BinanceCalls, value: Value, sent: BinanceSent) => ClientCall,
  ): Route['call'] =>
  (calls, sent) => {
    const given = sent.params.get(name);
    const value = values.find((each) => each === given);
    const [fallback] = values;
    return value === undefined && fallback !== undefined
      ? answeredWith(call(calls, fallback, sent), missing(name))
      : call(calls, value as Value, sent);
  };

const nameIn = ({ params }: BinanceSent): Parameters<BinanceCalls['order']>[0] => ({
  orderId: params.get('orderId'),
  origClientOrderId: params.get('origClientOrderId'),
});

const marginType = choice('marginType', ['ISOLATED', 'CROSSED'], (calls, mode, sent) =>
  calls.marginType(mode === 'CROSSED' ? 'cross' : 'isolated', sent.signed),
);
const positionMode = choice('dualSidePosition', ['true', 'false'], (calls, dual, sent) =>
  calls.setPositionMode(dual === 'true' ? 'hedge' : 'oneway', sent.signed),
);

/** `METHOD path` of every request that is emulated, with the call that it stands for. */
export const BINANCE_ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['GET /fapi/v1/ping', open((calls) => calls.ping())],
  ['GET /fapi/v1/time', open((calls) => calls.time())],
  ['GET /fapi/v1/exchangeInfo', open((calls) => calls.exchangeInfo())],
  ['GET /fapi/v1/depth', open(ofSymbol((calls, { params }) => calls.depth(params.integer('limit'))))],
  ['GET /fapi/v1/ticker/24hr', open(ofSymbol((calls) => calls.ticker()))],
  ['GET /fapi/v1/premiumIndex', open(ofSymbol((calls) => calls.premiumIndex()))],
  ['GET /fapi/v1/klines', open(ofSymbol((calls, { params }) => calls.history.klines('klines', params.record)))],
  ['GET /fapi/v1/markPriceKlines', open(ofSymbol((calls, { params }) => calls.history.klines('markPriceKlines', params.record)))],
  ['GET /fapi/v1/indexPriceKlines', open(ofSymbol((calls, { params }) => calls.history.klines('indexPriceKlines', params.record), 'pair'))],
  ['GET /fapi/v1/trades', open(ofSymbol((calls, { params }) => calls.history.trades(params.record)))],
  ['GET /fapi/v1/aggTrades', open(ofSymbol((calls, { params }) => calls.history.aggTrades(params.record)))],
  ['GET /fapi/v1/fundingRate', open(ofAnySymbol((calls, { params }) => calls.history.fundingRate(params.record)))],
  ['GET /fapi/v3/account', signed((calls, sent) => calls.account(sent.signed))],
  ['GET /fapi/v2/positionRisk', signed(ofAnySymbol((calls, sent) => calls.positionRisk(2, sent.signed)))],
  ['GET /fapi/v3/positionRisk', signed(ofAnySymbol((calls, sent) => calls.positionRisk(3, sent.signed)))],
  [
    'GET /fapi/v1/leverageBracket',
    signed(
      ofAnySymbol((calls, { preparesFor, signed: bears }) =>
        calls.leverageBracket(preparesFor === 'fetchLeverage' ? 'fetchLeverage' : 'fetchPositions', bears),
      ),
    ),
  ],
  ['GET /fapi/v1/symbolConfig', signed(ofAnySymbol((calls, sent) => calls.symbolConfig(sent.signed)))],
  ['GET /fapi/v1/positionSide/dual', signed((calls, sent) => calls.positionMode(sent.signed))],
  ['POST /fapi/v1/positionSide/dual', signed(positionMode)],
  [
    'POST /fapi/v1/leverage',
    signed(ofSymbol((calls, { params, signed: bears }) => calls.leverage(params.get('symbol'), Number(params.get('leverage')), bears))),
  ],
  ['POST /fapi/v1/marginType', signed(ofSymbol(marginType))],
  ['POST /fapi/v1/order', signed((calls, { params, signed: bears }) => calls.newOrder(params.record, bears))],
  ['GET /fapi/v1/order', signed(ofSymbol((calls, sent) => calls.order(nameIn(sent), sent.signed)))],
  ['DELETE /fapi/v1/order', signed(ofSymbol((calls, sent) => calls.cancelOrder(nameIn(sent), sent.signed)))],
  ['GET /fapi/v1/openOrders', signed(ofAnySymbol((calls, sent) => calls.openOrders(sent.signed)))],
  [
    'GET /fapi/v1/userTrades',
    signed(
      ofSymbol((calls, { params, signed: bears }) =>
        calls.userTrades({ orderId: params.get('orderId'), startTime: params.integer('startTime'), limit: params.integer('limit') }, bears),
      ),
    ),
  ],
]);
