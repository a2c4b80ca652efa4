import { toNumber } from '../core/money.js';
import type { RandomStreams, StreamKey } from '../core/random.js';
import { addMs, type EpochMs, type VenueId } from '../core/units.js';
import type { DelayDistribution, StreamAction, StreamChannel } from '../faults/fault-action.js';
import type { World } from '../faults/world.js';
import { DelaySampler } from './delay.js';
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

/** A fault at work on one venue's stream. */
interface Trouble {
  readonly fault: string;
  readonly action: StreamAction['action'];
  readonly channels: readonly StreamChannel[];
  readonly until: number;
  left: number;
  held: StreamMessage[];
  readonly wanted: number;
}

const EVERY: readonly StreamChannel[] = ['orders', 'trades', 'book', 'balance'];
const PRIVATE: readonly StreamChannel[] = ['orders', 'trades', 'balance'];
const NONE: DelayDistribution = { kind: 'fixed', ms: 0 };
/** A second copy comes this much later; messages held back to be reordered wait at most `HELD_MAX_MS`. */
const COPY_AFTER_MS = 250;
const HELD_MAX_MS = 2_000;

/**
 * The streams of both venues, fed from truth with a latency of their own: orders, trades, the book where we changed it,
 * balances. Messages of one connection stay in order, as TCP keeps them, unless a fault mixes them up.
 */
export class SimulatedStreams {
  readonly #options: StreamsOptions;
  readonly #sampler = new DelaySampler();
  readonly #keys: Readonly<Record<VenueId, StreamKey>>;
  readonly #lastDue: Record<VenueId, number> = { upbit: 0, binance: 0 };
  readonly #troubles: Record<VenueId, Trouble[]> = { upbit: [], binance: [] };
  readonly #subscribers: { readonly process: ClientProcess; readonly listener: Listener }[] = [];
  readonly #orders = new Map<string, { clientOrderId: string | undefined; filled: bigint }>();

  constructor(options: StreamsOptions) {
    this.#options = options;
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
    const { clock } = this.#options;
    const until = action.for === undefined || action.for === 'forever' ? Number.POSITIVE_INFINITY : clock.now() + action.for;
    const trouble: Trouble = {
      fault,
      action: action.action,
      channels: action.channels ?? (action.action === 'key-expired' ? PRIVATE : EVERY),
      until,
      left: action.count ?? Number.POSITIVE_INFINITY,
      held: [],
      wanted: action.count ?? Number.POSITIVE_INFINITY,
    };
    this.#troubles[venue].push(trouble);
    if (trouble.action !== 'reorder') return;
    if (Number.isFinite(until)) clock.schedule(until as EpochMs, () => this.#release(trouble));
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
    let due = Math.max(this.#lastDue[venue], clock.now() + way);
    let spoilt = message;
    let copies = 1;
    for (const trouble of this.#troublesOn(message)) {
      this.#options.met(trouble.fault, `a ${channel} message of ${venue}`);
      trouble.left -= 1;
      switch (trouble.action) {
        case 'disconnect':
        case 'mute':
        case 'key-expired':
        case 'gap':
          return;
        case 'stale':
          if (!Number.isFinite(trouble.until)) return;
          due = Math.max(due, trouble.until);
          break;
        case 'duplicate':
          copies = 2;
          break;
        case 'bad-snapshot':
          spoilt = nonsense(spoilt, seq);
          break;
        case 'reorder':
          this.#hold(trouble, spoilt);
          return;
      }
    }
    this.#lastDue[venue] = due;
    this.#deliver(spoilt, due);
    if (copies === 2) this.#deliver(spoilt, due + COPY_AFTER_MS);
  }

  #troublesOn({ venue, channel }: StreamMessage): readonly Trouble[] {
    const now = this.#options.clock.now();
    this.#troubles[venue] = this.#troubles[venue].filter(({ until, left, held }) => (now < until && left > 0) || held.length > 0);
    return this.#troubles[venue].filter(({ channels, until, left }) => now < until && left > 0 && channels.includes(channel));
  }

  #hold(trouble: Trouble, message: StreamMessage): void {
    const { clock } = this.#options;
    trouble.held.push(message);
    if (trouble.held.length >= trouble.wanted) this.#release(trouble);
    // Fewer messages than were to be mixed up must not wait for ever.
    else if (trouble.held.length === 1 && !Number.isFinite(trouble.until)) clock.after(HELD_MAX_MS, () => this.#release(trouble));
  }

  /** What was held back goes out in the opposite order. */
  #release(trouble: Trouble): void {
    for (const message of trouble.held.splice(0).reverse()) this.#deliver(message, this.#options.clock.now());
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
