import type { ClientMethod } from '../../exchange/exchange-client.js';
import type { BinanceCalls, Signed } from '../../sim/binance-calls.js';
import { BINANCE_SYMBOL } from '../../sim/binance-order.js';
import type { BinanceOrderName } from '../../sim/binance-orders.js';
import { INVALID_SYMBOL, missingParameter } from '../../sim/binance-query.js';
import { answeredWith, type ClientCall } from '../../sim/client-call.js';
import type { WireParams } from '../http/wire-params.js';

/** What a route makes its call of. */
export interface BinanceSent {
  readonly params: WireParams;
  readonly signed: Signed;
  /** The unified call on whose behalf a table is fetched. */
  readonly preparesFor: ClientMethod | undefined;
}

interface Route {
  /** `signed`: key and signature; `keyed`: the key alone; `open`: neither. */
  readonly security: 'open' | 'keyed' | 'signed';
  call(calls: BinanceCalls, sent: BinanceSent): ClientCall;
}

const open = (call: Route['call']): Route => ({ security: 'open', call });
const keyed = (call: Route['call']): Route => ({ security: 'keyed', call });
const signed = (call: Route['call']): Route => ({ security: 'signed', call });

/** A call about one market, which must be named. */
const ofSymbol =
  (call: Route['call'], name = 'symbol'): Route['call'] =>
  (calls, sent) => {
    const symbol = sent.params.get(name);
    const made = call(calls, sent);
    if (symbol === undefined) return answeredWith(made, missingParameter(name));
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
      ? answeredWith(call(calls, fallback, sent), missingParameter(name))
      : call(calls, value as Value, sent);
  };

const isNamed = ({ params }: BinanceSent): boolean => params.get('symbol') !== undefined;

const nameIn = ({ params }: BinanceSent): BinanceOrderName => ({
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
  ['GET /fapi/v1/ticker/24hr', open(ofAnySymbol((calls, sent) => calls.ticker(isNamed(sent))))],
  ['GET /fapi/v1/ticker/price', open(ofAnySymbol((calls, sent) => calls.price(1, isNamed(sent))))],
  ['GET /fapi/v2/ticker/price', open(ofAnySymbol((calls, sent) => calls.price(2, isNamed(sent))))],
  ['GET /fapi/v1/ticker/bookTicker', open(ofAnySymbol((calls, sent) => calls.bookTicker(isNamed(sent))))],
  ['GET /fapi/v1/premiumIndex', open(ofAnySymbol((calls, sent) => calls.premiumIndex(isNamed(sent))))],
  ['GET /fapi/v1/klines', open(ofSymbol((calls, { params }) => calls.history.klines('klines', params.record)))],
  ['GET /fapi/v1/markPriceKlines', open(ofSymbol((calls, { params }) => calls.history.klines('markPriceKlines', params.record)))],
  ['GET /fapi/v1/indexPriceKlines', open(ofSymbol((calls, { params }) => calls.history.klines('indexPriceKlines', params.record), 'pair'))],
  ['GET /fapi/v1/trades', open(ofSymbol((calls, { params }) => calls.history.trades(params.record)))],
  ['GET /fapi/v1/aggTrades', open(ofSymbol((calls, { params }) => calls.history.aggTrades(params.record)))],
  ['GET /fapi/v1/fundingRate', open(ofAnySymbol((calls, { params }) => calls.history.fundingRate(params.record)))],
  ['GET /fapi/v3/account', signed((calls, sent) => calls.account(sent.signed))],
  ['GET /fapi/v2/account', signed((calls, sent) => calls.accounts.accountV2(sent.signed))],
  ['GET /fapi/v2/balance', signed((calls, sent) => calls.accounts.balance(2, sent.signed))],
  ['GET /fapi/v3/balance', signed((calls, sent) => calls.accounts.balance(3, sent.signed))],
  ['GET /fapi/v1/accountConfig', signed((calls, sent) => calls.accounts.config(sent.signed))],
  ['GET /fapi/v1/commissionRate', signed(ofSymbol((calls, sent) => calls.accounts.commissionRate(sent.signed)))],
  ['GET /fapi/v1/income', signed((calls, { params, signed: bears }) => calls.accounts.income(params.record, bears))],
  ['GET /fapi/v1/forceOrders', signed((calls, { params, signed: bears }) => calls.accounts.forceOrders(params.record, bears))],
  ['GET /fapi/v1/rateLimit/order', signed((calls, sent) => calls.accounts.orderLimits(sent.signed))],
  ['GET /fapi/v1/multiAssetsMargin', signed((calls, sent) => calls.accounts.multiAssets(sent.signed))],
  ['POST /fapi/v1/multiAssetsMargin', signed((calls, { params, signed: bears }) => calls.accounts.setMultiAssets(params.record, bears))],
  ...(['POST', 'PUT', 'DELETE'] as const).map((verb): [string, Route] => [
    `${verb} /fapi/v1/listenKey`,
    keyed((calls) => calls.accounts.listenKey(verb)),
  ]),
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
    signed(
      ofSymbol((calls, { params, signed: bears }) => {
        const call = calls.leverage(params.get('symbol'), Number(params.get('leverage')), bears);
        return params.integer('leverage') === undefined ? answeredWith(call, missingParameter('leverage')) : call;
      }),
    ),
  ],
  ['POST /fapi/v1/marginType', signed(ofSymbol(marginType))],
  ['POST /fapi/v1/order', signed((calls, { params, signed: bears }) => calls.newOrder(params.record, bears))],
  ['GET /fapi/v1/order', signed(ofSymbol((calls, sent) => calls.order(nameIn(sent), sent.signed)))],
  ['DELETE /fapi/v1/order', signed(ofSymbol((calls, sent) => calls.cancelOrder(nameIn(sent), sent.signed)))],
  ['POST /fapi/v1/order/test', signed((calls, { params, signed: bears }) => calls.orders.test(params.record, bears))],
  [
    'GET /fapi/v1/openOrders',
    signed(ofAnySymbol((calls, { params, signed: bears }) => calls.orders.open(bears, params.get('symbol') !== undefined))),
  ],
  ['GET /fapi/v1/openOrder', signed(ofSymbol((calls, sent) => calls.orders.openOne(nameIn(sent), sent.signed)))],
  ['GET /fapi/v1/allOrders', signed(ofSymbol((calls, { params, signed: bears }) => calls.orders.all(params.record, bears)))],
  ['DELETE /fapi/v1/allOpenOrders', signed(ofSymbol((calls, sent) => calls.orders.cancelAll(sent.signed)))],
  ['DELETE /fapi/v1/batchOrders', signed(ofSymbol((calls, { params, signed: bears }) => calls.orders.cancelMany(params.record, bears)))],
  ['POST /fapi/v1/countdownCancelAll', signed(ofSymbol((calls, { params, signed: bears }) => calls.orders.countdown(params.record, bears)))],
  ['GET /fapi/v1/userTrades', signed(ofSymbol((calls, { params, signed: bears }) => calls.orders.trades(params.record, bears)))],
]);
