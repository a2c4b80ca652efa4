import { fixed, formatFixed, parseFixed, toNumber, type Btc, type Fixed } from '../core/money.js';
import type { BookLevel, BookSnapshot } from '../market/market-view.js';
import { UPBIT_MARKET } from './upbit-order.js';
import type { VenueRules } from './venue-rules.js';

type Body = Record<string, unknown>;
/** Price ranges that the book of KRW-BTC can be grouped by, in KRW; 0 is no grouping. */
const LEVELS: readonly string[] = ['0', '10000', '100000', '1000000', '10000000', '100000000'];

/** Only 1, 5, 15 and 30 levels are known; anything else silently gives 30. */
const depthOf = (count: number | undefined): number => (count === 1 || count === 5 || count === 15 ? count : 30);

/** `GET /v1/orderbook`. @param level - groups prices by so many KRW; one that is not supported gives no data. */
export function bookBody(book: BookSnapshot | undefined, count: number | undefined, level: string | undefined, at: number): Body[] {
  if (level !== undefined && !LEVELS.includes(String(Number(level)))) return [];
  const size = parseFixed<Fixed<string>>(String(Number(level ?? 0)));
  const asks = grouped(book?.asks ?? [], size, true);
  const bids = grouped(book?.bids ?? [], size, false);
  const units = Array.from({ length: Math.min(depthOf(count), asks.length, bids.length) }, (_, index) => ({
    ask_price: toNumber(asks[index]?.price ?? 0n),
    bid_price: toNumber(bids[index]?.price ?? 0n),
    ask_size: toNumber(asks[index]?.quantity ?? 0n),
    bid_size: toNumber(bids[index]?.quantity ?? 0n),
  }));
  const total = (side: readonly BookLevel[]): number => toNumber(side.slice(0, units.length).reduce((sum, { quantity }) => sum + quantity, 0n));
  return [
    {
      market: UPBIT_MARKET,
      timestamp: at,
      total_ask_size: total(asks),
      total_bid_size: total(bids),
      orderbook_units: units,
      level: Number(level ?? 0),
    },
  ];
}

function grouped(levels: readonly BookLevel[], size: bigint, up: boolean): readonly BookLevel[] {
  if (size === 0n) return levels;
  const found: BookLevel[] = [];
  for (const { price, quantity } of levels) {
    const rest = price % size;
    const group = fixed<Fixed<string>>(rest === 0n ? price : up ? price - rest + size : price - rest);
    const last = found.at(-1);
    if (last?.price === group) found[found.length - 1] = { price: group, quantity: fixed<Btc>(last.quantity + quantity) };
    else found.push({ price: group, quantity });
  }
  return found;
}

/** `GET /v1/orderbook/instruments`. */
export const instrumentsBody = (rules: VenueRules, price: Fixed<string>): Body[] => [
  { market: UPBIT_MARKET, quote_currency: 'KRW', tick_size: formatFixed(rules.tick(price)), supported_levels: LEVELS },
];

/** `GET /v1/orderbook/supported_levels`. */
export const supportedLevelsBody = (): Body[] => [{ market: UPBIT_MARKET, supported_levels: LEVELS.map(Number) }];
