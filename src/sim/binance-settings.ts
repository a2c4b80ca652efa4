import { formatFixed, type Fixed } from '../core/money.js';
import type { BinanceAccount } from './binance-account.js';
import { leverageMaxOf, notionalMaxAt, usdtOf } from './binance-margin.js';
import { BINANCE_SYMBOL } from './binance-order.js';
import { accepted, refused, type VenueReply } from './venue-reply.js';

/** What a change of settings depends on. */
export interface SettingsView {
  readonly account: BinanceAccount;
  readonly openOrders: number;
  readonly mark: Fixed<string> | undefined;
}

const SUCCESS = accepted({ code: 200, msg: 'success' });

/** `POST /fapi/v1/leverage`. */
export function changeLeverage(leverage: number, { account, mark }: SettingsView): VenueReply {
  if (!Number.isInteger(leverage) || leverage < 1 || leverage > leverageMaxOf(account.tiers))
    return refused(400, '-4028', `Leverage ${leverage} is not valid`);
  const worth = account.open.reduce((sum, position) => sum + (mark === undefined ? position.cost : usdtOf(mark, position.size)), 0n);
  if (worth > notionalMaxAt(account.tiers, leverage)) return refused(400, '-2027', 'Exceeded the maximum allowable position at current leverage.');
  if (leverage < account.leverage && worth > 0n) {
    if (account.marginMode === 'isolated')
      return refused(400, '-4161', 'Leverage reduction is not supported in Isolated Margin Mode with open positions.');
    const more = worth / BigInt(leverage) - worth / BigInt(account.leverage);
    if (mark !== undefined && more > account.available(mark))
      return refused(400, '-2028', 'Leverage is smaller than permitted: insufficient margin balance.');
  }
  account.leverage = leverage;
  return accepted({ leverage, maxNotionalValue: formatFixed(notionalMaxAt(account.tiers, leverage)), symbol: BINANCE_SYMBOL });
}

/** `POST /fapi/v1/marginType`. */
export function changeMarginMode(mode: 'isolated' | 'cross', { account, openOrders }: SettingsView): VenueReply {
  if (mode === account.marginMode) return refused(400, '-4046', 'No need to change margin type.');
  if (mode === 'isolated' && account.multiAssets)
    return refused(400, '-4168', 'Unable to adjust to isolated-margin mode under the Multi-Assets mode.');
  if (openOrders > 0) return refused(400, '-4047', 'Margin type cannot be changed if there exists open orders.');
  if (account.open.length > 0) return refused(400, '-4048', 'Margin type cannot be changed if there exists position.');
  account.marginMode = mode;
  return SUCCESS;
}

/** `POST /fapi/v1/positionSide/dual`. */
export function changePositionMode(mode: 'oneway' | 'hedge', { account, openOrders }: SettingsView): VenueReply {
  if (mode === account.positionMode) return refused(400, '-4059', 'No need to change position side.');
  if (openOrders > 0) return refused(400, '-4067', 'Position side cannot be changed if there exists open orders.');
  if (account.open.length > 0) return refused(400, '-4068', 'Position side cannot be changed if there exists position.');
  account.positionMode = mode;
  return SUCCESS;
}

/** `POST /fapi/v1/multiAssetsMargin`: one for all symbols, and not with isolated margin. */
export function changeMultiAssets(wanted: boolean, { account, openOrders }: SettingsView): VenueReply {
  if (wanted === account.multiAssets)
    return refused(400, '-4171', 'Adjusted asset mode is currently set and does not need to be adjusted repeatedly.');
  if (openOrders > 0) return refused(400, '-4170', 'Unable to adjust Multi-Assets Mode with open orders in USDⓈ-M Futures.');
  if (wanted && account.marginMode === 'isolated')
    return refused(400, '-4167', 'Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures under isolated-margin mode.');
  account.multiAssets = wanted;
  return SUCCESS;
}
