import { abs, fixed, formatFixed, mulDiv, ONE, type Asset } from '../core/money.js';
import type { EpochMs } from '../core/units.js';
import type { UpbitOrder } from './upbit-order.js';
import { krwOf } from './upbit-rules.js';
import type { VenueHost } from './venue-host.js';
import { LaggedViews } from './visibility.js';

interface AccountState {
  readonly krwFree: bigint;
  readonly krwLocked: bigint;
  readonly btcFree: bigint;
  readonly btcLocked: bigint;
  readonly averageBuyPrice: bigint;
}

/** The KRW and BTC of the Upbit account: what trades move, what open orders hold, and what readers see of both. */
export class UpbitAccount {
  readonly #host: VenueHost;
  readonly #seen: LaggedViews<AccountState>;
  #bought = 0n;
  #paid = 0n;

  constructor(host: VenueHost) {
    this.#host = host;
    this.#seen = new LaggedViews<AccountState>(host.world, ['balance']);
    this.#seen.start(this.#state(), host.now());
  }

  /** What the BTC held was bought for, as far as it was bought here. */
  get averageBuyPrice(): bigint {
    return this.#bought === 0n ? 0n : mulDiv(this.#paid, ONE, this.#bought, 'half-up');
  }

  free(asset: Asset): bigint {
    return this.#host.ledger.free('upbit', asset);
  }

  locked(asset: Asset): bigint {
    return this.#host.ledger.locked('upbit', asset);
  }

  /** Makes the order hold this much: KRW for a bid, BTC for an ask. */
  hold(order: UpbitOrder, amount: bigint): void {
    const { ledger } = this.#host;
    const asset: Asset = order.side === 'buy' ? 'KRW' : 'BTC';
    const change = amount - order.locked;
    if (change > 0n) ledger.lock('upbit', asset, change);
    else if (change < 0n) ledger.unlock('upbit', asset, abs(change));
    order.locked = amount;
  }

  /** Books a trade that the order's own figures already hold. */
  trade(order: UpbitOrder, quantity: bigint, quote: bigint, fee: bigint, tradeId: string): void {
    const { ledger } = this.#host;
    const buys = order.side === 'buy';
    this.hold(order, 0n);
    // Receipts first: a balance never has to dip below zero inside one trade.
    if (buys) ledger.post('upbit', 'BTC', quantity, 'trade', tradeId);
    ledger.post('upbit', 'KRW', buys ? -quote : quote, 'trade', tradeId);
    ledger.post('upbit', 'KRW', -fee, 'fee', tradeId);
    if (!buys) ledger.post('upbit', 'BTC', -quantity, 'trade', tradeId);
    this.#remember(buys, quantity, quote);
    this.hold(order, heldBy(order));
  }

  /** Buys add to what was paid, sales take their share of it away. */
  #remember(buys: boolean, quantity: bigint, quote: bigint): void {
    if (buys) {
      this.#bought += quantity;
      this.#paid += quote;
      return;
    }
    const left = this.#bought > quantity ? this.#bought - quantity : 0n;
    this.#paid = this.#bought === 0n ? 0n : mulDiv(this.#paid, left, this.#bought, 'down');
    this.#bought = left;
  }

  /** Someone else changed the account (another bot, a deposit, a withdrawal): the total becomes `amount`, but never less than orders hold. */
  setTotal(asset: Asset, amount: bigint): void {
    const { ledger } = this.#host;
    const locked = ledger.locked('upbit', asset);
    const target = amount < locked ? locked : amount;
    ledger.post('upbit', asset, target - ledger.total('upbit', asset), 'external', 'account');
    this.touch('account');
  }

  /** Makes the present state visible after the venue's lag. */
  touch(point: string): void {
    const host = this.#host;
    this.#seen.push(this.#state(), host.now(), 'visibility/account', (purpose, lag) => host.draw(purpose, lag, point));
  }

  /** `GET /v1/accounts`, as a reader sees it at `at`. */
  body(at: EpochMs = this.#host.now()): Record<string, unknown>[] {
    const state = this.#seen.read('balance', at) ?? this.#state();
    const entry = (currency: string, free: bigint, locked: bigint, average: bigint): Record<string, unknown> => ({
      currency,
      balance: formatFixed(free),
      locked: formatFixed(locked),
      avg_buy_price: formatFixed(average),
      // Of coins that were deposited nobody knows a price unless their owner names one.
      avg_buy_price_modified: average === 0n,
      unit_currency: 'KRW',
    });
    return [entry('KRW', state.krwFree, state.krwLocked, 0n), entry('BTC', state.btcFree, state.btcLocked, state.averageBuyPrice)];
  }

  #state(): AccountState {
    const { ledger } = this.#host;
    return {
      krwFree: ledger.free('upbit', 'KRW'),
      krwLocked: ledger.locked('upbit', 'KRW'),
      btcFree: ledger.free('upbit', 'BTC'),
      btcLocked: ledger.locked('upbit', 'BTC'),
      averageBuyPrice: this.averageBuyPrice,
    };
  }
}

/** What an open order still holds: the rest at its own price plus the fee reserved and not yet paid. */
function heldBy(order: UpbitOrder): bigint {
  if (order.ended !== undefined) return 0n;
  if (order.side === 'sell') return (order.quantity ?? 0n) - order.executed;
  const fee = order.reservedFee - order.fee;
  if (order.quantity === undefined) return (order.cost ?? 0n) - order.quote + fee;
  return krwOf(order.limit ?? fixed(0n), order.quantity - order.executed) + fee;
}
