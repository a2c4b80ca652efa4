import type { Btc, Fixed } from '../core/money.js';
import { parseFixed } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import type { Dated, InForce } from './dated.js';
import { inForceAt, perEra } from './dated.js';
import type { FuturesRules, RateLimitRule, VenueProfile } from './venue-profile.js';

const DOC = 'https://developers.binance.com/docs/derivatives/usds-margined-futures';
const EXCHANGE_INFO = 'recorded exchangeInfo entries of BTCUSDT, 2025 and 2026';

interface Filters {
  readonly tick: Fixed<'USDT/BTC'>;
  readonly step: Btc;
  readonly marketMax: Btc;
  readonly minNotional: Fixed<'USDT'>;
  readonly futures: FuturesRules;
}

const FILTERS: readonly Dated<Filters>[] = [
  {
    from: '2025-01-01T00:00:00Z',
    value: {
      tick: parseFixed('0.1'),
      step: parseFixed('0.001'),
      marketMax: parseFixed('120'),
      minNotional: parseFixed('100'),
      futures: {
        percentPricePpm: 50_000n,
        marketTakeBoundPpm: 50_000n,
        liquidationFeePpm: 12_500n,
        // The same filter showed a minimum of 556.80 earlier; when it changed is not known.
        priceMin: parseFixed('261.1'),
        priceMax: parseFixed('4529764'),
        maxQuantity: parseFixed('1000'),
        maxOpenOrders: 200,
        fundingIntervalMs: 8 * 3_600_000,
        timestampAheadMaxMs: 1_000,
        recvWindowDefaultMs: 5_000,
      },
    },
    words: 'tick 0.1, step 0.001, minimum notional 100 USDT, market orders up to 120 BTC, price and take bounds 5 % of mark, liquidation fee 1.25 %',
    source: EXCHANGE_INFO,
  },
];

const LIMITS: readonly Dated<readonly RateLimitRule[]>[] = [
  {
    from: '2025-01-01T00:00:00Z',
    value: [
      { name: 'REQUEST_WEIGHT 1m', scope: 'all', limit: 2_400, windowMs: 60_000, counts: 'weight' },
      { name: 'ORDERS 1m', scope: 'orders', limit: 1_200, windowMs: 60_000, counts: 'calls' },
      { name: 'ORDERS 10s', scope: 'orders', limit: 300, windowMs: 10_000, counts: 'calls' },
    ],
    words: '2,400 weight a minute, 1,200 orders a minute, 300 orders in 10 s',
    source: `${DOC}/general-info and ${EXCHANGE_INFO}`,
  },
];

/** Shared by `fundingRate` and `fundingInfo`, and outside the weight (doc comments of @binance/derivatives-trading-usds-futures 38.1.1). */
const FUNDING_LIMIT: readonly RateLimitRule[] = [
  { name: 'FUNDING 5m', scope: 'market', limit: 500, windowMs: 300_000, counts: 'calls', methods: ['fetchFundingRateHistory'] },
];

const FEES: readonly Dated<{ readonly maker: bigint; readonly taker: bigint }>[] = [
  {
    from: '2026-11-22T00:00:00Z',
    value: { maker: 200n, taker: 500n },
    words: 'maker 0.02 %, taker 0.05 %, in USDT',
    source: 'ccxt 4.5.84, binance.js',
  },
];

/** Binance USD-M BTCUSDT perpetual at `at`. */
export const binanceProfileAt = perEra<VenueProfile>([FILTERS, LIMITS, FEES], profileInForce);

function profileInForce(at: EpochMs): VenueProfile {
  const filters = inForceAt('Binance filters', FILTERS, at);
  const limits = inForceAt('Binance limits', LIMITS, at);
  const fees = inForceAt('Binance fees', FEES, at);
  const rules: readonly InForce<unknown>[] = [filters, limits, fees];
  const { tick, step, marketMax, minNotional, futures } = filters.value;
  return {
    venue: 'binance',
    quantityStep: step,
    priceTick: () => tick,
    minQuantity: step,
    minNotional,
    maxNotional: undefined,
    maxMarketQuantity: marketMax,
    makerFeePpm: fees.value.maker,
    takerFeePpm: fees.value.taker,
    limits: limits.value,
    wireLimits: FUNDING_LIMIT,
    ban: { firstMs: 120_000, maxMs: 3 * 86_400_000 },
    futures,
    sources: rules.map(({ sourced }) => sourced),
    caveats: rules.flatMap(({ caveat }) => (caveat === undefined ? [] : [caveat])),
  };
}
