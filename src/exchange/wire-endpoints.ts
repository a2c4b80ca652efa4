import type { VenueId } from '../core/units.js';
import { assert } from '../core/assert.js';
import type { ClientMethod } from './exchange-client.js';

/** Calls whose endpoint is known, the raw leverage call of the specification, and what no unified call stands for. */
export type WireMethod = ClientMethod | 'createMarketBuyOrderWithCost' | 'fapiPrivatePostLeverage' | WireOnlyMethod;

/** Requests that only a client of the wire makes; `unlisted` is every path that is not emulated. */
export type WireOnlyMethod =
  | 'ping'
  | 'leverageBracket'
  | 'positionRiskV2'
  | 'unlisted'
  | 'fetchOHLCV'
  | 'fetchTrades'
  | 'fetchFundingRateHistory'
  | 'fetchOrders'
  | 'fetchTradingFee'
  | 'fetchLedger'
  | 'fetchSettings'
  | 'testOrder'
  | 'cancelOrders'
  | 'cancelAllOrders'
  | 'editOrder'
  | 'changeSettings'
  | 'listenKey';

/** A request as documentation names it, where no unified call stands for it alone. */
export type WirePath = `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`;

const UPBIT = 'https://api.upbit.com/v1';
const FAPI = 'https://fapi.binance.com/fapi';

/** The request that each unified call makes (ccxt 4.5.84), as it stands in ccxt's messages. */
const ENDPOINTS: Readonly<Record<VenueId, Readonly<Partial<Record<WireMethod, string>>>>> = {
  upbit: {
    loadMarkets: `GET ${UPBIT}/market/all`,
    fetchOrderBook: `GET ${UPBIT}/orderbook`,
    fetchTicker: `GET ${UPBIT}/ticker`,
    fetchBalance: `GET ${UPBIT}/accounts`,
    createOrder: `POST ${UPBIT}/orders`,
    createMarketBuyOrderWithCost: `POST ${UPBIT}/orders`,
    fetchOrder: `GET ${UPBIT}/order`,
    cancelOrder: `DELETE ${UPBIT}/order`,
    fetchOpenOrders: `GET ${UPBIT}/orders/open`,
    unlisted: `${UPBIT}/*`,
  },
  binance: {
    loadMarkets: `GET ${FAPI}/v1/exchangeInfo`,
    fetchTime: `GET ${FAPI}/v1/time`,
    fetchOrderBook: `GET ${FAPI}/v1/depth`,
    fetchTicker: `GET ${FAPI}/v1/ticker/24hr`,
    fetchBalance: `GET ${FAPI}/v3/account`,
    createOrder: `POST ${FAPI}/v1/order`,
    fetchOrder: `GET ${FAPI}/v1/order`,
    cancelOrder: `DELETE ${FAPI}/v1/order`,
    fetchOpenOrders: `GET ${FAPI}/v1/openOrders`,
    fetchMyTrades: `GET ${FAPI}/v1/userTrades`,
    setLeverage: `POST ${FAPI}/v1/leverage`,
    fapiPrivatePostLeverage: `POST ${FAPI}/v1/leverage`,
    setMarginMode: `POST ${FAPI}/v1/marginType`,
    setPositionMode: `POST ${FAPI}/v1/positionSide/dual`,
    fetchPositionMode: `GET ${FAPI}/v1/positionSide/dual`,
    fetchLeverage: `GET ${FAPI}/v1/symbolConfig`,
    fetchPositions: `GET ${FAPI}/v3/positionRisk`,
    fetchFundingRate: `GET ${FAPI}/v1/premiumIndex`,
    leverageBracket: `GET ${FAPI}/v1/leverageBracket`,
    positionRiskV2: `GET ${FAPI}/v2/positionRisk`,
    ping: `GET ${FAPI}/v1/ping`,
    unlisted: `${FAPI}/*`,
  },
};

const ORIGINS: Readonly<Record<VenueId, string>> = { upbit: 'https://api.upbit.com', binance: 'https://fapi.binance.com' };

const isPath = (method: WireMethod | WirePath): method is WirePath => method.includes(' /');

/** `METHOD URL` of a call. @throws InternalError when the client has no such call. */
export function endpointOf(venue: VenueId, method: WireMethod | WirePath, query?: string): string {
  const endpoint = isPath(method) ? method.replace(' ', ` ${ORIGINS[venue]}`) : ENDPOINTS[venue][method];
  assert(endpoint !== undefined, `${venue} has no endpoint for ${method}`);
  return query === undefined ? endpoint : `${endpoint}?${query}`;
}
