import { toNumber } from '../core/money.js';
import type { RandomStreams, StreamKey } from '../core/random.js';
import { addMs, type VenueId } from '../core/units.js';
import type { DelayDistribution, StreamAction, StreamChannel } from '../faults/fault-action.js';
import type { World } from '../faults/world.js';
import { DelaySampler } from './delay.js';
import { StreamTroubles } from './stream-troubles.js';
import type { ClientProcess } from './client-call.js';
import type { Tape, TapeEvent } from './tape-event.js';
import type { VirtualClock } from './virtual-clock.js';

/** One message of a venue's stream, as venues word it; the executor's port has the same shape. */
export interface StreamMessage {
  readonly venue: VenueId;
  readonly channel: StreamChannel;
  readonly orderId?: string | undefined;
  readonly clientOrderId?: string | undefined;
  readonly status?: string | undefined;
  readonly quantity?: number | undefined;
  readonly price?: number | undefined;
}

type Listener = (message: StreamMessage) => void;

export interface StreamsOptions {
  readonly clock: VirtualClock;
  readonly tape: Tape;
  readonly world: World;
  readonly seeds: RandomStreams;
  /** A message met a fault. */
  readonly met: (fault: string, what: string) => void;
}

const NONE: DelayDistribution = { kind: 'fixed', ms: 0 };

/**
 * The streams of both venues, fed from truth with a latency of their own: orders, trades, the book where we changed it,
 * balances. Messages of one connection stay in order, as TCP keeps them, unless a fault mixes them up.
 */
export class SimulatedStreams {
  readonly #options: StreamsOptions;
  readonly #sampler = new DelaySampler();
  readonly #keys: Readonly<Record<VenueId, StreamKey>>;
  readonly #lastDue: Record<VenueId, number> = { upbit: 0, binance: 0 };
  readonly #troubles: Readonly<Record<VenueId, StreamTroubles>>;
  readonly #subscribers: { readonly process: ClientProcess; readonly listener: Listener }[] = [];
  readonly #orders = new Map<string, { clientOrderId: string | undefined; filled: bigint }>();

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#troubles = { upbit: new StreamTroubles(options), binance: new StreamTroubles(options) };
    this.#keys = { upbit: options.seeds.key('stream/upbit'), binance: options.seeds.key('stream/binance') };
    options.tape.onEvent((event) => {
      for (const message of this.#messagesOf(event)) this.#emit(message, event.seq);
    });
  }

  /** The stream as one process sees it; nothing reaches a dead one, and a stalled one takes it in later. */
  connect(process: ClientProcess): { onWakeUp(listener: Listener): void } {
    return { onWakeUp: (listener) => void this.#subscribers.push({ process, listener }) };
  }

  strike(fault: string, action: StreamAction, venue: VenueId): void {
    this.#troubles[venue].strike(fault, action);
  }

  #messagesOf(event: TapeEvent): readonly StreamMessage[] {
    switch (event.type) {
      case 'order.accepted': {
        const { venue, orderId, clientOrderId } = event;
        this.#orders.set(`${venue}/${orderId}`, { clientOrderId, filled: 0n });
        return [{ venue, channel: 'orders', orderId, clientOrderId, status: 'open', quantity: 0 }];
      }
      case 'fill': {
        const { venue, orderId } = event;
        const order = this.#orders.get(`${venue}/${orderId}`);
        if (order === undefined) return [];
        order.filled += event.quantity;
        const { clientOrderId } = order;
        const price = toNumber(event.price);
        return [
          { venue, channel: 'trades', orderId, clientOrderId, quantity: toNumber(event.quantity), price },
          { venue, channel: 'orders', orderId, clientOrderId, status: 'open', quantity: toNumber(order.filled), price },
          { venue, channel: 'book', price },
        ];
      }
      case 'order.ended': {
        const { venue, orderId, status, executed } = event;
        const clientOrderId = this.#orders.get(`${venue}/${orderId}`)?.clientOrderId;
        return [{ venue, channel: 'orders', orderId, clientOrderId, status: status === 'filled' ? 'closed' : status, quantity: toNumber(executed) }];
      }
      case 'posting':
        return event.reason === 'deposit' ? [] : [{ venue: event.venue, channel: 'balance', quantity: toNumber(event.amount) }];
      default:
        return [];
    }
  }

  #emit(message: StreamMessage, seq: number): void {
    const { clock, world } = this.#options;
    const { venue, channel } = message;
    const latency = world.venues[venue].latency.response['*'] ?? NONE;
    const way = this.#sampler.draw(latency, this.#keys[venue], `${seq}/${channel}`);
    // One connection keeps its order.
    const due = Math.max(this.#lastDue[venue], clock.now() + way);
    const passing = {
      channels: [channel],
      what: `a ${channel} message of ${venue}`,
      deliver: (at: number, spoilt: boolean) => this.#deliver(spoilt ? nonsense(message, seq) : message, at),
    };
    this.#lastDue[venue] = this.#troubles[venue].pass(passing, due) ?? this.#lastDue[venue];
  }

  #deliver(message: StreamMessage, due: number): void {
    const { clock } = this.#options;
    clock.schedule(addMs(clock.now(), Math.max(0, due - clock.now())), () => {
      for (const { process, listener } of this.#subscribers) process.deliver(() => listener(message));
    });
  }
}

/** Values that no market has: zero and negative prices, quantities that are no number. */
function nonsense(message: StreamMessage, seq: number): StreamMessage {
  const price = [0, -1, Number.NaN][seq % 3];
  return { ...message, price, quantity: [Number.NaN, -1, 0][seq % 3], ...(message.status === undefined ? {} : { status: 'FOO' }) };
}
