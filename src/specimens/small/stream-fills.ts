import { fixed, fixedFromNumber, type Btc } from '../../core/money.js';
import { seconds } from '../../core/units.js';
import type { ExecutorPorts } from '../../executor/ports.js';
import type { SmallOrder } from './decisions.js';

/** How long an order that ended waits for the stream to tell of its fills before they are guessed from what it says itself. */
const GRACE = seconds(2);
const LOOK_AGAIN = seconds(0.1);

/**
 * The fills as a stream tells them, for an executor that adds them up: what an order has filled is guessed from its state
 * where the stream is late, and the stream's own word is counted all the same when it comes.
 */
export class StreamFills {
  readonly #clock: ExecutorPorts['clock'];
  /** What was told of an order that has not ended yet, by our id. */
  readonly #told = new Map<string, bigint>();
  readonly #ended = new Map<string, SmallOrder>();
  readonly #isConnected: boolean;

  /** @param onFill - is told of every fill that comes after its order has ended. */
  constructor({ streams, clock }: ExecutorPorts, onFill: (order: SmallOrder, quantity: Btc) => void) {
    this.#clock = clock;
    this.#isConnected = streams !== undefined;
    streams?.onWakeUp((news) => {
      if (news?.channel !== 'trades' || news.clientOrderId === undefined || !Number.isFinite(news.quantity)) return;
      const quantity = fixedFromNumber<Btc>(news.quantity ?? 0);
      const order = this.#ended.get(news.clientOrderId);
      if (order !== undefined) onFill(order, quantity);
      else this.#told.set(news.clientOrderId, (this.#told.get(news.clientOrderId) ?? 0n) + quantity);
    });
  }

  /** Takes an order as ended once the stream has told of all that it executed, or is too late. @returns what it filled by both. */
  async end(clientOrderId: string, order: SmallOrder, executed: Btc): Promise<Btc> {
    if (!this.#isConnected) return executed;
    const told = (): bigint => this.#told.get(clientOrderId) ?? 0n;
    const until = this.#clock.monotonic() + GRACE;
    while (told() < executed && this.#clock.monotonic() < until) await this.#clock.sleep(LOOK_AGAIN);
    this.#ended.set(clientOrderId, order);
    return told() > executed ? fixed<Btc>(told()) : executed;
  }
}
