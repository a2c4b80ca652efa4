import { answeredWith, type ClientCall } from '../../sim/client-call.js';
import type { UpbitCalls } from '../../sim/upbit-calls.js';
import { UPBIT_MARKET } from '../../sim/upbit-order.js';
import { refused } from '../../sim/venue-reply.js';
import type { WireParams } from '../http/wire-params.js';

type Route = (calls: UpbitCalls, params: WireParams) => ClientCall;

const NO_MARKET = refused(404, '404', 'Code not found');
const MISSING = refused(400, '400', 'Missing request parameter error. Check the required parameters!');

/** A quotation of one market, named by `parameter`. */
function quoted(parameter: string, call: Route): Route {
  return (calls, params) => {
    const market = params.get(parameter);
    if (market === undefined || market === '') return answeredWith(call(calls, params), MISSING);
    return market === UPBIT_MARKET ? call(calls, params) : answeredWith(call(calls, params), NO_MARKET);
  };
}

/** `METHOD path` of every request that is emulated, with the call that it stands for. */
export const UPBIT_ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['GET /v1/market/all', (calls) => calls.marketAll()],
  ['GET /v1/orderbook', quoted('markets', (calls, params) => calls.orderBook(params.integer('count')))],
  ['GET /v1/ticker', quoted('markets', (calls) => calls.ticker())],
  ['GET /v1/accounts', (calls) => calls.accounts()],
  ['POST /v1/orders', (calls, params) => calls.newOrder(params.record)],
  ['GET /v1/order', (calls, params) => calls.order({ ...params.record })],
  ['DELETE /v1/order', (calls, params) => calls.cancelOrder({ ...params.record })],
  ['GET /v1/orders/open', (calls, params) => calls.openOrders(params.get('market'), params.integer('limit'))],
]);
