import { fixed, formatFixed, mulDiv, negate, ONE, type Fixed } from '../core/money.js';
import { maintenanceMargin } from '../exchange/margin-tiers.js';
import type { AccountState, BinanceAccount, PositionState } from './binance-account.js';
import { figures, totalsOf, usdtBody } from './binance-bodies.js';
import { notionalMaxAt } from './binance-margin.js';
import { BINANCE_SYMBOL, withDecimals } from './binance-order.js';
import type { PositionSide } from './binance-position.js';
import type { VenueRules } from './venue-rules.js';

type Body = Record<string, unknown>;
const money = (amount: bigint): string => withDecimals(amount, 8);
/** Of every account without a volume to speak of. */
const FEE_TIER = 0;

/** `GET /fapi/v2/account`: every side of every symbol has a row, with a position or without. */
export function accountV2Body(state: AccountState, account: BinanceAccount, mark: Fixed<string>): Body {
  const usdt = usdtBody(state, account, mark);
  const sides: readonly PositionSide[] = account.positionMode === 'hedge' ? ['BOTH', 'LONG', 'SHORT'] : ['BOTH'];
  const rowOf = (side: PositionSide): PositionState =>
    state.positions.find((position) => position.side === side) ?? { side, quantity: fixed(0n), cost: 0n, isolated: 0n, updatedAt: 0 };
  return {
    feeTier: FEE_TIER,
    feeBurn: false,
    canTrade: true,
    canDeposit: true,
    canWithdraw: true,
    updateTime: 0,
    multiAssetsMargin: account.multiAssets,
    tradeGroupId: -1,
    ...totalsOf(usdt),
    assets: [{ ...usdt, marginAvailable: true }],
    positions: sides.map((side) => positionV2(rowOf(side), account, mark)),
  };
}

function positionV2(position: PositionState, account: BinanceAccount, mark: Fixed<string>): Body {
  const { size, worth, unrealized } = figures(position, mark);
  const initial = account.marginFor(worth);
  const entry = size === 0n ? 0n : mulDiv(position.cost, ONE, size, 'half-up');
  return {
    symbol: BINANCE_SYMBOL,
    initialMargin: money(initial),
    maintMargin: money(maintenanceMargin(account.tiers, worth)),
    unrealizedProfit: money(unrealized),
    positionInitialMargin: money(initial),
    openOrderInitialMargin: money(0n),
    leverage: String(account.leverage),
    isolated: account.marginMode === 'isolated',
    entryPrice: formatFixed(entry),
    breakEvenPrice: formatFixed(entry),
    maxNotional: formatFixed(notionalMaxAt(account.tiers, account.leverage)),
    bidNotional: '0',
    askNotional: '0',
    positionSide: position.side,
    positionAmt: withDecimals(position.quantity, 3),
    notional: money(position.quantity < 0n ? negate(worth) : worth),
    isolatedWallet: money(position.isolated),
    updateTime: position.updatedAt,
  };
}

/** `GET /fapi/v2/balance` and version 3. */
export function balanceBody(state: AccountState, account: BinanceAccount, mark: Fixed<string>): Body[] {
  const usdt = usdtBody(state, account, mark);
  return [
    {
      accountAlias: 'emulated',
      asset: 'USDT',
      balance: usdt['walletBalance'],
      crossWalletBalance: usdt['crossWalletBalance'],
      crossUnPnl: usdt['crossUnPnl'],
      availableBalance: usdt['availableBalance'],
      maxWithdrawAmount: usdt['maxWithdrawAmount'],
      marginAvailable: true,
      updateTime: state.updatedAt,
    },
  ];
}

/** `GET /fapi/v1/accountConfig`. */
export const configBody = (account: BinanceAccount): Body => ({
  feeTier: FEE_TIER,
  canTrade: true,
  canDeposit: true,
  canWithdraw: true,
  dualSidePosition: account.positionMode === 'hedge',
  updateTime: 0,
  multiAssetsMargin: account.multiAssets,
  tradeGroupId: -1,
});

/** `GET /fapi/v1/commissionRate`. */
export const commissionRateBody = ({ makerFeePpm, takerFeePpm }: VenueRules): Body => ({
  symbol: BINANCE_SYMBOL,
  makerCommissionRate: rate(makerFeePpm),
  takerCommissionRate: rate(takerFeePpm),
  rpiCommissionRate: '0.000000',
});

const rate = (ppm: bigint): string => (Number(ppm) / 1e6).toFixed(6);
