import { ExchangeNotAvailable, InsufficientFunds, InvalidOrder, NetworkError, RateLimitExceeded } from '../exchange/ccxt-errors.js';
import { fixed, fixedFromNumber, toNumber } from '../core/money.js';
import type { Btc, Krw, Usdt } from '../core/money.js';
import { durationMs, seconds } from '../core/units.js';
import type { EpochMs, VenueId } from '../core/units.js';
import type { ClientOrder, ExchangeClient } from '../exchange/exchange-client.js';
import type { EnterRequest, Executor, ExecutorFactory, ExecutorPorts, ExitRequest, FlowResult, OpenPosition } from '../executor/ports.js';
import { CallQuota } from './call-quota.js';

export const SPOT = 'BTC/KRW';
export const PERP = 'BTC/USDT:USDT';
/** Specification 2.3 and 2.4: both legs wait this long for their fill. */
const FILL_TIMEOUT = seconds(10);
/** Specification 3.1. */
const POLL = seconds(0.5);
/** Specification 7.1. */
const ATTEMPTS = 3;
/** Specification 6: calls a second that the quota manager lets through. */
const QUOTA_PER_SECOND = { upbit: 8, binance: 20 } as const;

/** Specification 1 keeps this in a database after success; 5 computes the size of the exit from it. */
export interface LetterPosition {
  readonly positionId: string;
  readonly openedAt: EpochMs;
  /** KRW that the entry was asked to spend. */
  readonly amount: number;
  readonly entryPrice: number;
  readonly spotFilled: number;
  readonly perpFilled: number;
}

interface EntrySizes {
  readonly spotCostKrw: number;
  readonly btc: number;
}

/** What one leg of an entry came to: its filled order, or what it raised. */
type LegResult = { readonly ok: true; readonly order: ClientOrder } | { readonly ok: false; readonly error: Error };

/** Raised by a poll whose order has ended without `closed` (specification 3.2), or by the time-out (3.1). */
export class OrderNotFilled extends Error {
  override readonly name = 'OrderNotFilled';
}

/** Specification 7.2, in the order of its table; the first row whose class fits answers. */
const RESPONSES = [
  { raised: NetworkError, response: 'retry' },
  // Dead rows: both classes descend from NetworkError, which answers first.
  { raised: ExchangeNotAvailable, response: 'emergency-stop' },
  { raised: InsufficientFunds, response: 'cancel-entry' },
  { raised: InvalidOrder, response: 'log' },
  { raised: RateLimitExceeded, response: 'wait' },
] as const;

/**
 * The owner's specification of 2025-12-11 to the letter, sections 2 to 7: a specimen that fails, kept to prove
 * that the simulator finds what is wrong with it.
 *
 * It fails even when nothing is injected: on Upbit a market buy that worked ends `canceled`, since a crumb of KRW
 * that buys no 1e-8 BTC is handed back (venues 1.2), and 3.2 takes `canceled` for a failure. The entry then undoes
 * the leg that did not raise, the short, and leaves the bought BTC naked. Under faults it also sends one order up
 * to three times (7.1 retries a create on a time-out), believes a time-out to be a failure (3.1), rolls back by who
 * raised rather than by what was filled (4.1), and sizes the exit from the plan (5).
 *
 * What the letter leaves open is read in its favour: the end states of 3.2 are not among the errors that 3.1 swallows.
 * Section 1's "then monitor" says no more, so nothing is monitored.
 */
export class LetterExecutor implements Executor {
  readonly name: string = 'letter';
  readonly capabilities = [] as const;
  protected readonly ports: ExecutorPorts;
  protected held: LetterPosition[] = [];
  readonly #quota: Record<VenueId, CallQuota>;
  #flows = 0;

  constructor(ports: ExecutorPorts) {
    this.ports = ports;
    this.#quota = {
      upbit: new CallQuota(ports.clock, QUOTA_PER_SECOND.upbit),
      binance: new CallQuota(ports.clock, QUOTA_PER_SECOND.binance),
    };
  }

  /** The letter has no start-up: it neither reads its database nor looks at the venues. */
  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  positions(): readonly OpenPosition[] {
    return this.held.map(({ positionId, openedAt, perpFilled }) => ({ positionId, openedAt, quantity: fixedFromNumber<Btc>(perpFilled) }));
  }

  /** Specification 2.2. */
  async enter(request: EnterRequest): Promise<FlowResult> {
    this.#flows += 1;
    const flow = `letter-${this.#flows}`;
    const { spotCostKrw, btc } = await this.entrySizes(request);
    const settled = await Promise.allSettled([this.buySpot(spotCostKrw), this.shortPerp(btc)]);
    const [spot, perp] = settled.map(legResult) as [LegResult, LegResult];
    if (!spot.ok || !perp.ok) return this.#rollBack(spot, perp);
    const position: LetterPosition = {
      positionId: flow,
      openedAt: this.ports.clock.now(),
      amount: spotCostKrw,
      entryPrice: request.upbitPrice,
      spotFilled: filledOf(spot.order),
      perpFilled: filledOf(perp.order),
    };
    this.held.push(position);
    await this.#record(flow, position, spot.order, perp.order);
    return flowResult('hedged', position.spotFilled, -position.perpFilled, 'both orders returned');
  }

  /** Specification 5: both sides at once, without a word on failure. */
  async exit(request: ExitRequest): Promise<FlowResult> {
    const closing = this.held.filter(({ positionId }) => request.positionIds.length === 0 || request.positionIds.includes(positionId));
    const { spot, perp } = this.exitSizes(closing);
    const [sale, cover] = await Promise.all([this.sellSpot(spot), this.buyBackPerp(perp)]);
    await this.confirmExit(sale, cover);
    this.held = this.held.filter((position) => !closing.includes(position));
    return flowResult('flat', 0, 0, 'both orders returned');
  }

  /** Specification 2.2: BTC = amount / Upbit price. The amount is what the driver's quantity costs. */
  protected async entrySizes(request: EnterRequest): Promise<EntrySizes> {
    const amount = Math.round(toNumber(request.quantity) * request.upbitPrice);
    return { spotCostKrw: amount, btc: amount / request.upbitPrice };
  }

  /** Specification 5: "total BTC = sum over positions of amount / entry price", for both sides. */
  protected exitSizes(positions: readonly LetterPosition[]): { readonly spot: number; readonly perp: number } {
    const total = positions.reduce((sum, { amount, entryPrice }) => sum + amount / entryPrice, 0);
    return { spot: total, perp: total };
  }

  /** The letter returns both answers as they come: an Upbit sale is still `wait` then. */
  protected async confirmExit(_sale: ClientOrder, _cover: ClientOrder): Promise<void> {}

  /** Specification 3.2. @throws OrderNotFilled for an end that is not `closed`. */
  protected isSuccess(order: ClientOrder): boolean {
    if (order.status === 'closed') return true;
    if (order.status === 'canceled' || order.status === 'expired') throw new OrderNotFilled(`order ${order.id ?? '?'} ended ${order.status}`);
    return false;
  }

  /** Specification 2.3. */
  protected async buySpot(costKrw: number): Promise<ClientOrder> {
    try {
      const order = await this.#retried('upbit', (client) => client.createMarketBuyOrderWithCost(SPOT, costKrw));
      return await this.waitForFill('upbit', order.id, SPOT);
    } catch (error) {
      throw new Error(`Upbit buy failed: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Specification 2.4: the leverage is set, by the raw call, before each short. */
  protected async shortPerp(btc: number): Promise<ClientOrder> {
    try {
      await this.#retried('binance', (client) => rawLeverage(client, { symbol: 'BTCUSDT', leverage: 1 }));
      const order = await this.#retried('binance', (client) => client.createOrder(PERP, 'market', 'sell', btc));
      return await this.waitForFill('binance', order.id, PERP);
    } catch (error) {
      throw new Error(`Binance short failed: ${messageOf(error)}`, { cause: error });
    }
  }

  protected sellSpot(btc: number): Promise<ClientOrder> {
    return this.#retried('upbit', (client) => client.createOrder(SPOT, 'market', 'sell', btc));
  }

  /** Not `reduceOnly`: the letter does not say so. */
  protected buyBackPerp(btc: number): Promise<ClientOrder> {
    return this.#retried('binance', (client) => client.createOrder(PERP, 'market', 'buy', btc));
  }

  /** Specification 4: undo the leg that did not raise, at market, by its `filled`; then notify (1). */
  async #rollBack(spot: LegResult, perp: LegResult): Promise<FlowResult> {
    const failures = [spot, perp].flatMap((leg) => (leg.ok ? [] : [leg.error]));
    const reason = `hedge entry failed: ${failures.map((error) => `${error.message} [${responseTo(error)}]`).join('; ')}`;
    // 4.2 A and B. C: both raised, so there is nothing to roll back.
    if (spot.ok) await this.sellSpot(filledOf(spot.order));
    if (perp.ok) await this.buyBackPerp(filledOf(perp.order));
    await this.ports.notifier.notify({ severity: 'warning', code: 'HEDGE_ENTRY_FAILED', text: reason, at: this.ports.clock.now() });
    return flowResult(spot.ok || perp.ok ? 'rolled-back' : 'aborted', 0, 0, reason);
  }

  /** Specification 3.1: every 0.5 s until the time-out; errors while polling are swallowed. */
  protected async waitForFill(venue: VenueId, id: string | undefined, symbol: string): Promise<ClientOrder> {
    const startedAt = this.ports.clock.monotonic();
    while (this.ports.clock.monotonic() - startedAt < FILL_TIMEOUT) {
      const order = await this.#call(venue, (client) => client.fetchOrder(id, symbol)).catch(() => undefined);
      if (order !== undefined && this.isSuccess(order)) return order;
      await this.ports.clock.sleep(POLL);
    }
    throw new OrderNotFilled(`order ${id ?? '?'} was not filled within ${FILL_TIMEOUT / 1_000} s`);
  }

  /** Specification 7.1: a network error waits 1, 2, ... s and is raised after the third attempt; nothing else is retried. */
  async #retried<T>(venue: VenueId, call: (client: ExchangeClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#call(venue, call);
      } catch (error) {
        if (!(error instanceof NetworkError) || attempt === ATTEMPTS) throw error;
        await this.ports.clock.sleep(durationMs(1_000 * 2 ** (attempt - 1)));
      }
    }
  }

  /** Specification 6: each call waits for its venue's quota. */
  async #call<T>(venue: VenueId, call: (client: ExchangeClient) => Promise<T>): Promise<T> {
    await this.#quota[venue].wait();
    return call(this.ports[venue]);
  }

  /** Specification 1: "success: record in the database". Nothing reads it back. */
  async #record(flow: string, position: LetterPosition, spot: ClientOrder, perp: ClientOrder): Promise<void> {
    await this.ports.journal.append({
      t: this.ports.clock.now(),
      flow,
      type: 'position.opened',
      positionId: position.positionId,
      quantity: fixedFromNumber<Btc>(position.perpFilled),
      spotCostKrw: fixedFromNumber<Krw>(spot.cost ?? position.amount),
      perpProceedsUsdt: fixedFromNumber<Usdt>(perp.cost ?? 0),
      openedAt: position.openedAt,
    });
  }
}

type RawLeverageCall = (params: Record<string, unknown>) => Promise<unknown>;

/** The call of specification 2.4, which ccxt generates from its table of endpoints and no type declares. */
function rawLeverage(client: ExchangeClient, params: Record<string, unknown>): Promise<unknown> {
  const call = (client as { fapiPrivatePostLeverage?: RawLeverageCall }).fapiPrivatePostLeverage;
  if (call === undefined) throw new TypeError('fapiPrivatePostLeverage is not a function');
  return call.call(client, params);
}

/** What the letter's table (7.2) answers to an error that a leg has raised. */
function responseTo(error: Error): string {
  const cause = error.cause ?? error;
  return RESPONSES.find(({ raised }) => cause instanceof raised)?.response ?? 'raise';
}

function legResult(settled: PromiseSettledResult<ClientOrder>): LegResult {
  if (settled.status === 'fulfilled') return { ok: true, order: settled.value };
  return { ok: false, error: settled.reason instanceof Error ? settled.reason : new Error(String(settled.reason)) };
}

/** The letter believes the client's `filled` as it comes. */
export const filledOf = (order: ClientOrder): number => order.filled ?? 0;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function flowResult(outcome: FlowResult['outcome'], spot: number, perp: number, reason: string): FlowResult {
  const spotBtc = fixedFromNumber<Btc>(spot);
  const perpBtc = fixedFromNumber<Btc>(perp);
  return { outcome, spot: spotBtc, perp: perpBtc, residual: fixed<Btc>(spotBtc + perpBtc), reason };
}

/** `--executor letter`. Its clients use ccxt's own limiter (specification 2.1). */
export const createLetterExecutor: ExecutorFactory = Object.assign((ports: ExecutorPorts) => new LetterExecutor(ports), { enableRateLimit: true });
