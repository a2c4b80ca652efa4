import type { VenueId } from '../core/units.js';
import type { WireMethod } from './wire-endpoints.js';

/** What a Binance USD-M call adds to the request weight of the IP, by its number of book levels where that matters. */
const BINANCE_WEIGHTS: Readonly<Partial<Record<WireMethod, number>>> = {
  loadMarkets: 1,
  fetchTime: 1,
  fetchTicker: 1,
  fetchBalance: 5,
  // New orders count on the order counters only.
  createOrder: 0,
  fetchOrder: 1,
  cancelOrder: 1,
  fetchOpenOrders: 1,
  fetchMyTrades: 5,
  setLeverage: 1,
  fapiPrivatePostLeverage: 1,
  setMarginMode: 1,
  setPositionMode: 1,
  fetchPositionMode: 30,
  fetchLeverage: 5,
  fetchPositions: 5,
  fetchFundingRate: 1,
};

/**
 * Weight of one call. Upbit counts calls, so every call weighs 1 there.
 *
 * @param levels - of `fetchOrderBook`; ccxt sends no limit when none is given and Binance then returns 500.
 * @see the doc comments of @binance/derivatives-trading-usds-futures 38.1.1 and Binance USDS-M general info;
 *   where they are silent, the costs in ccxt 4.5.84's binance.js.
 */
export function requestWeight(venue: VenueId, method: WireMethod, levels?: number): number {
  if (venue === 'upbit') return 1;
  if (method === 'fetchOrderBook') return bookWeight(levels ?? 500);
  return BINANCE_WEIGHTS[method] ?? 1;
}

function bookWeight(levels: number): number {
  if (levels <= 50) return 2;
  if (levels <= 100) return 5;
  return levels <= 500 ? 10 : 20;
}
