import { fixed } from '../core/money.js';
import { ASSETS } from './account-changes.js';
import type { BinanceVenue } from './binance-venue.js';
import type { Ledger } from './ledger.js';
import type { TruthEntry } from './venue-host.js';

/** Balances and positions as a run leaves them, in a fixed order. */
export function closingEntries(ledger: Ledger, binance: BinanceVenue): readonly TruthEntry[] {
  const balances = (['upbit', 'binance'] as const).flatMap((venue) =>
    ASSETS[venue].map((asset): TruthEntry => ({
      type: 'balance',
      venue,
      asset,
      total: fixed(ledger.total(venue, asset)),
      locked: fixed(ledger.locked(venue, asset)),
    })),
  );
  const mark = binance.mark();
  const positions = binance.account.open.map((position): TruthEntry => {
    const { quantity, entryPrice } = position;
    return { type: 'position', quantity, entryPrice, unrealized: position.unrealized(mark ?? entryPrice) };
  });
  return [...balances, ...positions];
}
