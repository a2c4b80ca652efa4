/**
 * Sections 2 to 7 of the order-execution specification of 2025-12-11, to the letter, on ccxt, completed only where it leaves something open.
 * Nothing is repaired here: what it gets wrong is what `hedgedrill serve` is to find. Section numbers stand at what they say.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import ccxt from 'ccxt';

const SPOT = 'BTC/KRW';
const PERP = 'BTC/USDT:USDT';
const FILL_TIMEOUT_MS = 10_000; // 2.3, 2.4
const POLL_MS = 500; // 3.1
const ATTEMPTS = 3; // 7.1

// 7.2, in its order: the first row whose class fits answers, so that the second and the last never do.
const RESPONSES = [
  [ccxt.NetworkError, 'retry'],
  [ccxt.ExchangeNotAvailable, 'emergency stop'],
  [ccxt.InsufficientFunds, 'cancel the entry'],
  [ccxt.InvalidOrder, 'log'],
  [ccxt.RateLimitExceeded, 'wait'],
];

/** An order has ended otherwise than `closed` (3.2), or not within its time (3.1). */
class OrderNotFilled extends Error {}

/** 6: at most `perSecond` calls within any second; further ones wait in turn. */
class Quota {
  #perSecond;
  #slots = [];

  constructor(perSecond) {
    this.#perSecond = perSecond;
  }

  async wait() {
    const now = performance.now();
    const slot = this.#slots.length < this.#perSecond ? now : Math.max(now, this.#slots.shift() + 1_000);
    this.#slots.push(slot);
    await sleep(slot - now);
  }
}

export class HedgeExecutor {
  #upbit;
  #binance;
  #quota;
  #positions = [];

  constructor(upbit, binance) {
    this.#upbit = upbit;
    this.#binance = binance;
    this.#quota = new Map([
      [upbit, new Quota(8)],
      [binance, new Quota(20)],
    ]);
  }

  /**
   * 2.2. `amount` and `upbitPrice` in KRW, `binancePrice` in USDT, which decides nothing.
   *
   * @throws Error "hedge entry failed", once it has rolled back.
   */
  async enter(amount, upbitPrice, binancePrice) {
    const legs = await Promise.allSettled([this.#buySpot(amount), this.#shortPerp(amount / upbitPrice)]);
    const failures = legs.filter(({ status }) => status === 'rejected').map(({ reason }) => reason);
    if (failures.length > 0) {
      await this.#rollBack(...legs);
      throw new Error(`hedge entry failed: ${failures.map((failure) => `${failure.message} [${responseTo(failure)}]`).join('; ')}`);
    }
    this.#positions.push({ amount, entryPrice: upbitPrice, binancePrice }); // 1: "record in the database"
    return legs.map(({ value }) => value);
  }

  /** 5: both sides at once, by what the plan was, and both answers as they come. */
  async exit() {
    const btc = this.#positions.reduce((sum, { amount, entryPrice }) => sum + amount / entryPrice, 0);
    const results = await Promise.all([this.#sellSpot(btc), this.#closePerp(btc)]);
    this.#positions = [];
    return results;
  }

  /** 2.3. */
  async #buySpot(costKrw) {
    try {
      const order = await this.#retried(this.#upbit, (upbit) => upbit.createMarketBuyOrderWithCost(SPOT, costKrw));
      return await this.#waitForFill(this.#upbit, order.id, SPOT);
    } catch (error) {
      throw new Error(`Upbit buy failed: ${error.message}`, { cause: error });
    }
  }

  /** 2.4. */
  async #shortPerp(btc) {
    try {
      await this.#retried(this.#binance, (binance) => binance.fapiPrivatePostLeverage({ symbol: 'BTCUSDT', leverage: 1 }));
      const order = await this.#retried(this.#binance, (binance) => binance.createOrder(PERP, 'market', 'sell', btc));
      return await this.#waitForFill(this.#binance, order.id, PERP);
    } catch (error) {
      throw new Error(`Binance short failed: ${error.message}`, { cause: error });
    }
  }

  #sellSpot(btc) {
    return this.#retried(this.#upbit, (upbit) => upbit.createOrder(SPOT, 'market', 'sell', btc));
  }

  #closePerp(btc) {
    return this.#retried(this.#binance, (binance) => binance.createOrder(PERP, 'market', 'buy', btc));
  }

  /** 3.1, 3.2. What is read in the letter's favour: an order's end is none of the errors that are swallowed. */
  async #waitForFill(venue, id, symbol, timeoutMs = FILL_TIMEOUT_MS) {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline) {
      const order = await this.#call(venue, (client) => client.fetchOrder(id, symbol)).catch(() => undefined);
      if (order?.status === 'closed') return order;
      if (order?.status === 'canceled' || order?.status === 'expired') throw new OrderNotFilled(`order ${id} ended ${order.status}`);
      await sleep(POLL_MS);
    }
    throw new OrderNotFilled(`order ${id} was not filled within ${timeoutMs / 1_000} s`);
  }

  /** 4: the leg that did not raise is undone at market, by its `filled`. */
  async #rollBack(spot, perp) {
    if (spot.status === 'fulfilled') await this.#sellSpot(spot.value.filled);
    if (perp.status === 'fulfilled') await this.#closePerp(perp.value.filled);
  }

  /** 7.1: a network error waits 1, 2, ... s and is raised after the last attempt; nothing else is retried. */
  async #retried(venue, call) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#call(venue, call);
      } catch (error) {
        if (!(error instanceof ccxt.NetworkError) || attempt === ATTEMPTS) throw error;
        await sleep(1_000 * 2 ** (attempt - 1));
      }
    }
  }

  async #call(venue, call) {
    await this.#quota.get(venue).wait();
    return call(venue);
  }
}

function responseTo(failure) {
  const cause = failure.cause ?? failure;
  return RESPONSES.find(([raised]) => cause instanceof raised)?.[1] ?? 'raise';
}
