import { answeredWith, type ClientCall } from '../../sim/client-call.js';
import type { UpbitCalls } from '../../sim/upbit-calls.js';
import { UPBIT_FRAMES } from '../../sim/candle-frames.js';
import { UPBIT_MARKET } from '../../sim/upbit-order.js';
import { refused } from '../../sim/venue-reply.js';
import type { WireParams } from '../http/wire-params.js';

type Route = (calls: UpbitCalls, params: WireParams) => ClientCall;

const NO_MARKET = refused(404, '404', 'Code not found');
const NO_SUCH_MARKET = refused(400, 'validation_error', 'market does not have a valid value');
const MISSING = refused(400, '400', 'Missing request parameter error. Check the required parameters!');

/** A call that cannot be without `parameter`. */
const needs =
  (parameter: string, call: Route): Route =>
  (calls, params) =>
    (params.get(parameter) ?? '') === '' ? answeredWith(call(calls, params), MISSING) : call(calls, params);

/** A quotation of the market that is traded, named by `parameter`. */
const quoted = (parameter: string, call: Route): Route =>
  needs(parameter, (calls, params) => (params.get(parameter) === UPBIT_MARKET ? call(calls, params) : answeredWith(call(calls, params), NO_MARKET)));

/** A private call about the market that is traded. */
const tradable =
  (call: Route): Route =>
  (calls, params) =>
    params.get('market') === UPBIT_MARKET ? call(calls, params) : answeredWith(call(calls, params), NO_SUCH_MARKET);

/** `METHOD path` of every request that is emulated, with the call that it stands for. */
export const UPBIT_ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['GET /v1/market/all', (calls, params) => calls.marketAll((params.get('is_details') ?? params.get('isDetails')) === 'true')],
  ['GET /v1/orderbook', quoted('markets', (calls, params) => calls.orderBook(params.integer('count'), params.get('level')))],
  ['GET /v1/orderbook/instruments', quoted('markets', (calls) => calls.instruments())],
  ['GET /v1/orderbook/supported_levels', quoted('markets', (calls) => calls.supportedLevels())],
  ['GET /v1/ticker', needs('markets', (calls, params) => calls.ticker((params.get('markets') ?? '').split(',')))],
  ['GET /v1/ticker/all', needs('quote_currencies', (calls) => calls.ticker('all'))],
  ['GET /v1/trades/ticks', needs('market', (calls, params) => calls.history.ticks(params.record))],
  ...Object.keys(UPBIT_FRAMES).map((period): [string, Route] => [
    `GET /v1/candles/${period}`,
    needs('market', (calls, params) => calls.history.candles(period, params.record)),
  ]),
  ['GET /v1/accounts', (calls) => calls.accounts()],
  ['GET /v1/orders/chance', tradable((calls) => calls.chance())],
  ['POST /v1/orders', (calls, params) => calls.newOrder(params.record)],
  ['GET /v1/order', (calls, params) => calls.order({ ...params.record })],
  ['DELETE /v1/order', (calls, params) => calls.cancelOrder({ ...params.record })],
  ['GET /v1/orders/open', (calls, params) => calls.orders.open(params)],
  ['GET /v1/orders/closed', (calls, params) => calls.orders.closed(params)],
  ['GET /v1/orders/uuids', (calls, params) => calls.orders.named(params)],
  ['POST /v1/orders/test', (calls, params) => calls.orders.test(params.record)],
  ['POST /v1/orders/cancel_and_new', (calls, params) => calls.orders.cancelAndNew(params.record)],
  ['DELETE /v1/orders/uuids', (calls, params) => calls.orders.cancelNamed(params)],
  ['DELETE /v1/orders/open', (calls, params) => calls.orders.cancelOpen(params)],
]);
