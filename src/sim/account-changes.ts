import { isDecimal, parseFixed, type Asset, type Fixed } from '../core/money.js';
import { InputError } from '../core/input-error.js';
import type { VenueId } from '../core/units.js';
import type { InstantAction } from '../faults/fault-action.js';
import type { BinanceVenue } from './binance-venue.js';
import type { Gateway } from './gateway.js';
import type { RuleBook } from './rule-book.js';
import type { UpbitVenue } from './upbit-venue.js';

/** What can be held at each venue, in the order in which it is reported. */
export const ASSETS: Readonly<Record<VenueId, readonly Asset[]>> = { upbit: ['KRW', 'BTC'], binance: ['USDT'] };

/** Balances as a scenario or a config writes them. @throws InputError for an asset the venue does not hold, or no amount. */
export function balancesOf(venue: VenueId, balances: Readonly<Record<string, string>>): readonly (readonly [Asset, Fixed<string>])[] {
  return Object.entries(balances).map(([asset, text]) => {
    if (!ASSETS[venue].includes(asset as Asset) || !isDecimal(text) || text.startsWith('-'))
      throw new InputError(`expected an amount of ${ASSETS[venue].join(' or ')}, found ${asset}: "${text}"`, { key: `${venue} balance` });
    return [asset as Asset, parseFixed<Fixed<string>>(text)] as const;
  });
}

/** Where an `account` fault strikes. */
export interface Accounts {
  readonly upbit: UpbitVenue;
  readonly binance: BinanceVenue;
  readonly gateways: Readonly<Record<VenueId, Gateway>>;
  readonly rules: Readonly<Record<VenueId, RuleBook>>;
}

/** Carries out what someone else or the venue does to an account: balances, settings, positions, keys, rules. */
export function changeAccount(
  { upbit, binance, gateways, rules }: Accounts,
  venue: VenueId,
  action: Extract<InstantAction, { kind: 'account' }>,
): void {
  if (action.rules !== undefined) rules[venue].change(action.rules);
  if (action.key !== undefined) gateways[venue].key = action.key;
  for (const [asset, amount] of balancesOf(venue, action.balance ?? {})) {
    if (venue === 'upbit') upbit.account.setTotal(asset, amount);
    else binance.setBalance(amount);
  }
  if (venue === 'binance') binance.changeAccount(action);
}
