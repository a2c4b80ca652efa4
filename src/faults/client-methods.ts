import type { ClientMethod } from '../exchange/exchange-client.js';

const TABLE: Readonly<Record<ClientMethod, true>> = {
  loadMarkets: true,
  fetchTime: true,
  fetchOrderBook: true,
  fetchTicker: true,
  fetchBalance: true,
  createOrder: true,
  fetchOrder: true,
  cancelOrder: true,
  fetchOpenOrders: true,
  fetchMyTrades: true,
  setLeverage: true,
  setMarginMode: true,
  setPositionMode: true,
  fetchPositionMode: true,
  fetchLeverage: true,
  fetchPositions: true,
  fetchFundingRate: true,
};

/** The names a scenario's `method` may have; the table does not compile when the port gains a call. */
export const CLIENT_METHODS: readonly string[] = Object.keys(TABLE);
