import { formatFixed } from '../core/money.js';
import { UPBIT_MARKET } from './upbit-order.js';
import type { VenueRules } from './venue-rules.js';

type Body = Record<string, unknown>;
const BID_TYPES = ['best_fok', 'best_ioc', 'limit', 'limit_fok', 'limit_ioc', 'limit_post_only', 'price'];
const ASK_TYPES = ['best_fok', 'best_ioc', 'limit', 'limit_fok', 'limit_ioc', 'limit_post_only', 'market'];

/** `GET /v1/orders/chance`: fees, limits and balances of the market. @param accounts - the rows of `GET /v1/accounts`. */
export function chanceBody({ takerFeePpm, makerFeePpm, minNotional, maxNotional }: VenueRules, accounts: readonly Body[]): Body {
  const fee = (ppm: bigint): string => formatFixed(ppm * 100n);
  const account = (currency: string): Body | undefined => accounts.find((row) => row['currency'] === currency);
  return {
    bid_fee: fee(takerFeePpm),
    ask_fee: fee(takerFeePpm),
    maker_bid_fee: fee(makerFeePpm),
    maker_ask_fee: fee(makerFeePpm),
    market: {
      id: UPBIT_MARKET,
      name: 'BTC/KRW',
      order_types: ['limit'],
      order_sides: ['ask', 'bid'],
      bid_types: BID_TYPES,
      ask_types: ASK_TYPES,
      bid: { currency: 'KRW', min_total: formatFixed(minNotional) },
      ask: { currency: 'BTC', min_total: formatFixed(minNotional) },
      max_total: maxNotional === undefined ? null : formatFixed(maxNotional),
      state: 'active',
    },
    bid_account: account('KRW'),
    ask_account: account('BTC'),
  };
}
