import { floorTo, min, parseFixed, toNumber, fixedFromNumber } from '../core/money.js';
import type { Btc, Krw } from '../core/money.js';
import type { ClientBalance, ClientOrder } from '../exchange/exchange-client.js';
import type { EnterRequest, ExecutorFactory, ExecutorPorts } from '../executor/ports.js';
import { filledOf, LetterExecutor, OrderNotFilled, PERP, SPOT } from './letter.js';
import type { LetterPosition } from './letter.js';

/** Upbit's fee is charged in KRW on top of a buy (venues 1.1). */
const UPBIT_FEE = 0.0005;
/** Step of BTCUSDT (venues 2.1). */
const LOT = parseFixed<Btc>('0.001');

/**
 * The letter with the smallest repairs that let a round trip without faults end flat: what a careful owner would
 * fix after the first day of trading, and what most published bots look like. Its handling of failures is the
 * letter's own, and that is what the drills show. Each override below is one repair:
 *
 * 1. `isSuccess`: an order that ended `canceled` or `expired` with something filled is a success (3.2): a filled Upbit
 *    market buy ends that way.
 * 2. `entrySizes`: the quantity is a whole number of futures lots, and Upbit spends what that many cost (2.2):
 *    amount / price with 8 decimals is cut to the lot on Binance only.
 * 3. `entrySizes`: the fee is held back from the KRW that are there (2.2): spending the whole balance is refused.
 * 4. `exitSizes`: each side closes what it filled (5): amount / entry price is more BTC than a market buy brought,
 *    and a sale of more than is held is refused.
 * 5. `confirmExit`: an exit has ended once both orders are filled (5): the letter returns while the Upbit sale still waits.
 */
export class NaiveExecutor extends LetterExecutor {
  override readonly name = 'naive';

  protected override isSuccess(order: ClientOrder): boolean {
    try {
      return super.isSuccess(order);
    } catch (error) {
      if (error instanceof OrderNotFilled && filledOf(order) > 0) return true;
      throw error;
    }
  }

  protected override async entrySizes(request: EnterRequest): Promise<{ readonly spotCostKrw: number; readonly btc: number }> {
    const balance = (await this.ports.upbit.fetchBalance()) as { readonly KRW?: ClientBalance };
    const spendable = fixedFromNumber<Krw>(Number(balance.KRW?.free ?? 0) / (1 + UPBIT_FEE));
    const affordable = fixedFromNumber<Btc>(toNumber(spendable) / request.upbitPrice);
    const btc = toNumber(floorTo(min(request.quantity, affordable), LOT));
    return { spotCostKrw: Math.ceil(btc * request.upbitPrice), btc };
  }

  protected override exitSizes(positions: readonly LetterPosition[]): { readonly spot: number; readonly perp: number } {
    const sum = (field: 'spotFilled' | 'perpFilled'): number =>
      toNumber(positions.reduce((total, position) => (total + fixedFromNumber<Btc>(position[field])) as Btc, 0n as Btc));
    return { spot: sum('spotFilled'), perp: sum('perpFilled') };
  }

  protected override async confirmExit(sale: ClientOrder, cover: ClientOrder): Promise<void> {
    await Promise.all([this.waitForFill('upbit', sale.id, SPOT), this.waitForFill('binance', cover.id, PERP)]);
  }
}

/** `--executor naive`. Its clients use ccxt's own limiter, as the letter's do. */
export const createNaiveExecutor: ExecutorFactory = Object.assign((ports: ExecutorPorts) => new NaiveExecutor(ports), { enableRateLimit: true });
