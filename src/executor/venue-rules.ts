import type { Fixed } from '../core/money.js';
import { max, min, type Btc, type Krw, type Usdt } from '../core/money.js';
import type { EpochMs, VenueId } from '../core/units.js';
import type { VenueProfile } from '../exchange/venue-profile.js';
import { profileAt } from '../exchange/venue-profiles.js';
import type { SizeRules } from '../hedge/sizing.js';
import type { ExecutorPolicy } from './policy.js';

/** The dated rules of both venues as sizes and prices need them. */
export interface TradingRules extends SizeRules {
  readonly profiles: Readonly<Record<VenueId, VenueProfile>>;
}

export function rulesAt(at: EpochMs, policy: ExecutorPolicy): TradingRules {
  const upbit = profileAt('upbit', at);
  const binance = profileAt('binance', at);
  const largest = [binance.maxMarketQuantity, binance.futures?.maxQuantity].filter((quantity) => quantity !== undefined);
  return {
    profiles: { upbit, binance },
    lot: max<Btc>(policy.lot, binance.quantityStep),
    spotMinNotional: upbit.minNotional as Krw,
    perpMinNotional: binance.minNotional as Usdt,
    spotMaxNotional: upbit.maxNotional as Krw | undefined,
    perpMaxQuantity: largest.length === 0 ? undefined : largest.reduce((a, b) => min<Btc>(a, b)),
  };
}

export function feePpmOf(profile: VenueProfile, policy: ExecutorPolicy): bigint {
  return profile.takerFeePpm > 0n ? profile.takerFeePpm : BigInt(policy.feeHoldBackPpm);
}

export const tickOf =
  (profile: VenueProfile) =>
  (price: Fixed<string>): Fixed<string> =>
    profile.priceTick(price);
