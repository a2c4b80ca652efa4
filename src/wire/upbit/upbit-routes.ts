import { answeredWith, type ClientCall } from '../../sim/client-call.js';
import type { UpbitCalls } from '../../sim/upbit-calls.js';
import { UPBIT_FRAMES } from '../../sim/candle-frames.js';
import { UPBIT_MARKET } from '../../sim/upbit-order.js';
import { refused } from '../../sim/venue-reply.js';
import type { WireParams } from '../http/wire-params.js';

type Route = (calls: UpbitCalls, params: WireParams) => ClientCall;

const NO_MARKET = refused(404, '404', 'Code not found');
const MISSING = refused(400, '400', 'Missing request parameter error. Check the required parameters!');

/** A call that cannot be without `parameter`. */
const needs =
  (parameter: string, call: Route): Route =>
  (calls, params) =>
    (params.get(parameter) ?? '') === '' ? answeredWith(call(calls, params), MISSING) : call(calls, params);

/** A quotation of the market that is traded, named by `parameter`. */
const quoted = (parameter: string, call: Route): Route =>
  needs(parameter, (calls, params) => (params.get(parameter) === UPBIT_MARKET ? call(calls, params) : answeredWith(call(calls, params), NO_MARKET)));

/** `METHOD path` of every request that is emulated, with the call that it stands for. */
export const UPBIT_ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['GET /v1/market/all', (calls, params) => calls.marketAll((params.get('is_details') ?? params.get('isDetails')) === 'true')],
  ['GET /v1/orderbook', quoted('markets', (calls, params) => calls.orderBook(params.integer('count')))],
  ['GET /v1/ticker', quoted('markets', (calls) => calls.ticker())],
  ['GET /v1/trades/ticks', needs('market', (calls, params) => calls.history.ticks(params.record))],
  ...Object.keys(UPBIT_FRAMES).map((period): [string, Route] => [
    `GET /v1/candles/${period}`,
    needs('market', (calls, params) => calls.history.candles(period, params.record)),
  ]),
  ['GET /v1/accounts', (calls) => calls.accounts()],
  ['POST /v1/orders', (calls, params) => calls.newOrder(params.record)],
  ['GET /v1/order', (calls, params) => calls.order({ ...params.record })],
  ['DELETE /v1/order', (calls, params) => calls.cancelOrder({ ...params.record })],
  ['GET /v1/orders/open', (calls, params) => calls.openOrders(params.get('market'), params.integer('limit'))],
]);
