import type { BinanceReference } from './binance-account.js';
import type { Deviation } from './reference-order.js';
import { worth } from './reference-order.js';
import type { Answer } from './reference-venue.js';

/** Whether an answer is one of the refusals that the rules call for; none: it must be accepted. */
function judge(what: string, codes: readonly string[], answer: Answer): readonly Deviation[] {
  const found = answer.ok ? 'accepted' : answer.code;
  if (answer.ok ? codes.length === 0 : codes.includes(answer.code)) return [];
  return [{ rule: 'settings', expected: `${what}: ${codes.length === 0 ? 'accepted' : codes.join(' or ')}`, found }];
}

const sizeOf = (quantity: bigint): bigint => (quantity < 0n ? -quantity : quantity);
const isOpen = (account: BinanceReference): boolean => [...account.positions.values()].some(({ quantity }) => quantity !== 0n);

/** Leverage goes down over an open position only in cross margin, and only with the margin for it. */
export function changeLeverage(account: BinanceReference, leverage: number, answer: Answer, at: number): readonly Deviation[] {
  const codes: string[] = [];
  if (leverage < account.leverage && isOpen(account)) {
    const value = [...account.positions.values()].reduce((sum, { quantity }) => sum + worth(account.mark(at), sizeOf(quantity)), 0n);
    const more = value / BigInt(leverage) - value / BigInt(account.leverage);
    if (account.marginMode === 'isolated') codes.push('-4161');
    else if (more > account.available(at)) codes.push('-2028');
  }
  if (answer.ok) account.leverage = leverage;
  return judge(`leverage ${leverage}`, codes, answer);
}

/** Margin and position mode stay as they are while orders or positions are open. */
export function changeMarginMode(account: BinanceReference, mode: 'isolated' | 'cross', answer: Answer, openOrders: number): readonly Deviation[] {
  const codes: string[] = [];
  if (mode === account.marginMode) codes.push('-4046');
  if (openOrders > 0) codes.push('-4047');
  if (isOpen(account)) codes.push('-4048');
  if (answer.ok) account.marginMode = mode;
  return judge(`margin mode ${mode}`, codes, answer);
}

export function changePositionMode(account: BinanceReference, hedged: boolean, answer: Answer, openOrders: number): readonly Deviation[] {
  const codes: string[] = [];
  if (hedged === account.isHedgeMode) codes.push('-4059');
  if (openOrders > 0) codes.push('-4067');
  if (isOpen(account)) codes.push('-4068');
  if (answer.ok) account.isHedgeMode = hedged;
  return judge(`position mode ${hedged ? 'hedge' : 'one-way'}`, codes, answer);
}
