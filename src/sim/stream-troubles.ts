import { addMs, type EpochMs } from '../core/units.js';
import type { StreamAction, StreamChannel } from '../faults/fault-action.js';

/** A message on its way; it may be delivered more than once, or never. */
interface Passing {
  /** A message may belong to several: a trade of an order is news of both. */
  readonly channels: readonly StreamChannel[];
  /** Everybody may hear it: it needs no key. */
  readonly isPublic?: boolean | undefined;
  /** For the list of what the fault met. */
  readonly what: string;
  deliver(due: number, spoilt: boolean): void;
}

/** A fault at work on one venue's stream. */
interface Trouble {
  readonly fault: string;
  readonly action: StreamAction['action'];
  readonly channels: readonly StreamChannel[];
  readonly until: number;
  left: number;
  held: ((due: number) => void)[];
  readonly wanted: number;
}

interface TroublesOptions {
  /** When things happen: the run's clock. */
  readonly clock: { now(): EpochMs; schedule(at: EpochMs, act: () => void): unknown };
  /** A message met a fault. */
  readonly met: (fault: string, what: string) => void;
}

const EVERY: readonly StreamChannel[] = ['orders', 'trades', 'book', 'balance'];
const PRIVATE: readonly StreamChannel[] = ['orders', 'trades', 'balance'];
/** A second copy comes this much later; messages held back to be reordered wait at most `HELD_MAX_MS`. */
const COPY_AFTER_MS = 250;
const HELD_MAX_MS = 2_000;

/** What the faults of a scenario do to the messages of one venue's stream, whoever carries them. */
export class StreamTroubles {
  readonly #options: TroublesOptions;
  #troubles: Trouble[] = [];

  constructor(options: TroublesOptions) {
    this.#options = options;
  }

  strike(fault: string, action: StreamAction): void {
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
    this.#troubles.push(trouble);
    if (trouble.action !== 'reorder') return;
    if (Number.isFinite(until)) clock.schedule(until as EpochMs, () => this.#release(trouble));
  }

  /** The fault because of which nobody can connect, or keep a connection, now. */
  fault(action: 'disconnect' | 'key-expired'): string | undefined {
    const now = this.#options.clock.now();
    return this.#troubles.find((trouble) => trouble.action === action && now < trouble.until)?.fault;
  }

  /**
   * Lets a message that is due then pass, as far as the faults let it.
   *
   * @returns when it is delivered in its turn; undefined when it is lost or held back.
   */
  pass(message: Passing, dueWithout: number): number | undefined {
    let due = dueWithout;
    let spoilt = false;
    let copies = 1;
    for (const trouble of this.#at(message)) {
      this.#options.met(trouble.fault, message.what);
      trouble.left -= 1;
      switch (trouble.action) {
        case 'disconnect':
        case 'mute':
        case 'key-expired':
        case 'gap':
          return undefined;
        case 'stale':
          if (!Number.isFinite(trouble.until)) return undefined;
          due = Math.max(due, trouble.until);
          break;
        case 'duplicate':
          copies = 2;
          break;
        case 'bad-snapshot':
          spoilt = true;
          break;
        case 'reorder':
          this.#hold(trouble, (at) => message.deliver(at, spoilt));
          return undefined;
      }
    }
    message.deliver(due, spoilt);
    if (copies === 2) message.deliver(due + COPY_AFTER_MS, spoilt);
    return due;
  }

  #at({ channels: wanted, isPublic }: Passing): readonly Trouble[] {
    const now = this.#options.clock.now();
    this.#troubles = this.#troubles.filter(({ until, left, held }) => (now < until && left > 0) || held.length > 0);
    return this.#troubles.filter(
      ({ action, channels, until, left }) =>
        now < until && left > 0 && wanted.some((channel) => channels.includes(channel)) && !(action === 'key-expired' && isPublic === true),
    );
  }

  #hold(trouble: Trouble, deliver: (due: number) => void): void {
    const { clock } = this.#options;
    trouble.held.push(deliver);
    if (trouble.held.length >= trouble.wanted) this.#release(trouble);
    // Fewer messages than were to be mixed up must not wait for ever.
    else if (trouble.held.length === 1 && !Number.isFinite(trouble.until))
      clock.schedule(addMs(clock.now(), HELD_MAX_MS), () => this.#release(trouble));
  }

  /** What was held back goes out in the opposite order. */
  #release(trouble: Trouble): void {
    for (const deliver of trouble.held.splice(0).reverse()) deliver(this.#options.clock.now());
  }
}
