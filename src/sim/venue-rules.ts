import { fixed, parseFixed, type Btc, type Fixed } from '../core/money.js';
import { assert } from '../core/assert.js';
import { InputError } from '../core/input-error.js';
import type { FuturesRules, VenueProfile } from '../exchange/venue-profile.js';

/** A venue's dated profile with a drill's overrides of single values. */
export interface VenueRules extends Pick<
  VenueProfile,
  | 'quantityStep'
  | 'minQuantity'
  | 'minNotional'
  | 'maxNotional'
  | 'maxMarketQuantity'
  | 'makerFeePpm'
  | 'takerFeePpm'
  | 'limits'
  | 'ban'
  | 'futures'
  | 'marketOrderLevels'
> {
  tick(price: Fixed<string>): Fixed<string>;
}

/** @param overrides - `minNotional`, `amountStep`, `priceStep`, `takerFeePpm`, `makerFeePpm`: decimal strings of a scenario's `rules`. */
export function rulesOf(profile: VenueProfile, overrides: Readonly<Record<string, string>>): VenueRules {
  const amount = <T extends Fixed<string>>(name: string): T | undefined => {
    const text = overrides[name];
    return text === undefined ? undefined : parseFixed<T>(text);
  };
  const ppm = (name: string): bigint | undefined => {
    const text = overrides[name];
    if (text === undefined) return undefined;
    if (!/^\d+$/.test(text)) throw new InputError(`expected whole parts per million, found "${text}"`, { key: `rules.${name}` });
    return BigInt(text);
  };
  const priceStep = amount('priceStep');
  const quantityStep = amount<Btc>('amountStep');
  return {
    quantityStep: quantityStep ?? profile.quantityStep,
    minQuantity: quantityStep ?? profile.minQuantity,
    minNotional: amount('minNotional') ?? profile.minNotional,
    maxNotional: profile.maxNotional,
    maxMarketQuantity: profile.maxMarketQuantity,
    makerFeePpm: ppm('makerFeePpm') ?? profile.makerFeePpm,
    takerFeePpm: ppm('takerFeePpm') ?? profile.takerFeePpm,
    limits: [...profile.limits, ...profile.wireLimits],
    ban: profile.ban,
    futures: profile.futures,
    marketOrderLevels: profile.marketOrderLevels,
    tick: (price) => (priceStep === undefined ? profile.priceTick(price) : fixed(priceStep)),
  };
}

/** @throws InternalError at a venue that has no futures. */
export function futuresOf(rules: VenueRules): FuturesRules {
  assert(rules.futures !== undefined, 'the profile of a futures venue has futures rules');
  return rules.futures;
}
