import type { VenueId } from '../core/units.js';
import { BINANCE_ROWS } from './certainty-rows-binance.js';
import { sharedRows } from './certainty-rows-http.js';
import { UPBIT_ROWS } from './certainty-rows-upbit.js';
import type { CertaintyRow, CertaintySource } from './certainty-row.js';

/**
 * What each wire answer becomes in ccxt 4.5.84 and what it proves. A test feeds every answer through the
 * real clients for every operation and compares, so that a ccxt upgrade that moves a row fails.
 */
export const CERTAINTY_TABLE: readonly CertaintyRow[] = [...UPBIT_ROWS, ...sharedRows('upbit'), ...BINANCE_ROWS, ...sharedRows('binance')];

export const CERTAINTY_SOURCES: Readonly<Record<CertaintySource, string>> = {
  'binance-errors': 'Binance USDS-M futures error codes, https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code',
  'binance-general':
    'Binance USDS-M futures general info (HTTP return codes, variants of 503), https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info',
  'binance-changelog': 'Binance derivatives change log, https://developers.binance.com/docs/derivatives/change-log (2024-12-03 for -4116)',
  'upbit-errors': 'Upbit REST API guide, https://docs.upbit.com/kr/reference/rest-api-guide',
  'upbit-limits': 'Upbit rate limits, https://docs.upbit.com/kr/docs/rate-limits; the JSON form of 429 and 418 is not documented',
  'upbit-orders':
    'Upbit new order, https://docs.upbit.com/kr/reference/new-order; the name of the refusal of a repeated identifier is not documented',
  ccxt: 'ccxt 4.5.84, upbit.js, binance.js and base/Exchange.js',
  loopback: 'measured: ccxt 4.5.84 on Node 20 against a server on the loopback interface (test/serve/transport-faults.test.ts)',
  caution: 'nothing proves a refusal, or sources differ: unknown wins',
};

const byKey = new Map<string, CertaintyRow>();
for (const entry of CERTAINTY_TABLE) {
  const key = `${entry.venue} ${entry.key}`;
  if (!byKey.has(key)) byKey.set(key, entry);
}

/** The row that decides about answers with this key; undefined when the table has none. */
export function rowOf(venue: VenueId, key: string): CertaintyRow | undefined {
  return byKey.get(`${venue} ${key}`);
}
