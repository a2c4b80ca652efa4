import { fixed, fixedFromNumber, ONE, type Asset, type Btc, type Fixed } from '../core/money.js';
import type { VenueId } from '../core/units.js';
import type { StatePath, StateValue } from '../faults/state-predicate.js';
import type { BinanceAccount } from './binance-account.js';

/** What of the truth a fault may look at. */
export interface StateView {
  total(venue: VenueId, asset: Asset): bigint;
  mid(venue: VenueId): Fixed<string> | undefined;
  /** At one venue, or at both. */
  openOrders(venue?: VenueId): number;
  readonly account: BinanceAccount;
  readonly residual: Btc;
  usdKrw(): number | undefined;
}

/** The value that a scenario's `when.state` compares. */
export function readState(path: StatePath, view: StateView): StateValue {
  const { account } = view;
  const count = (orders: number): Fixed<string> => fixed(BigInt(orders) * ONE);
  switch (path) {
    case 'upbit.btc':
      return fixed(view.total('upbit', 'BTC'));
    case 'upbit.krw':
      return fixed(view.total('upbit', 'KRW'));
    case 'upbit.mid':
      return view.mid('upbit');
    case 'upbit.openOrders':
      return count(view.openOrders('upbit'));
    case 'binance.position':
      return account.net;
    case 'binance.usdt':
      return fixed(account.wallet);
    case 'binance.mid':
      return view.mid('binance');
    case 'binance.openOrders':
      return count(view.openOrders('binance'));
    case 'binance.leverage':
      return count(account.leverage);
    case 'binance.positionMode':
      return account.positionMode;
    case 'binance.marginMode':
      return account.marginMode;
    case 'delta':
      return view.residual;
    case 'openOrders':
      return count(view.openOrders());
    case 'usdKrw': {
      const rate = view.usdKrw();
      return rate === undefined ? undefined : fixedFromNumber<Fixed<string>>(rate);
    }
  }
}
