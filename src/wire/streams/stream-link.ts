import type { StreamKey } from '../../core/random.js';
import { addMs, type EpochMs, type VenueId } from '../../core/units.js';
import type { DelayDistribution, StreamChannel } from '../../faults/fault-action.js';
import type { VenueWorld } from '../../faults/world.js';
import { DelaySampler } from '../../sim/delay.js';
import type { StreamTroubles } from '../../sim/stream-troubles.js';
import type { StreamWire } from './stream-session.js';

const NONE: DelayDistribution = { kind: 'fixed', ms: 0 };

/** What a connection's messages belong to, for the faults; without channels no fault of a stream touches them. */
export interface Belonging {
  readonly channels: readonly StreamChannel[];
  readonly isPublic: boolean;
}

export interface LinkParts {
  readonly venue: VenueId;
  readonly world: VenueWorld;
  readonly troubles: StreamTroubles;
  readonly latencyKey: StreamKey;
  readonly now: () => EpochMs;
  readonly schedule: (at: EpochMs, act: () => void) => unknown;
}

/** The way between a venue and one client: latency in both directions, order as TCP keeps it, and the faults of the stream. */
export class StreamLink {
  readonly #parts: LinkParts;
  readonly #name: string;
  readonly #wire: StreamWire;
  readonly #sampler = new DelaySampler();
  #messages = 0;
  #lastOut = 0;
  #lastIn = 0;
  #isOpen = true;

  /** @param name - of the connection, from which the way of each message is drawn. */
  constructor(parts: LinkParts, name: string, wire: StreamWire) {
    this.#parts = parts;
    this.#name = name;
    this.#wire = wire;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** An answer, an error, a sign of life: in its turn, untouched by faults of the stream. */
  answer(frame: string | Uint8Array): void {
    this.#lastOut = this.#dueOut();
    this.#at(this.#lastOut, () => this.#wire.send(frame));
  }

  /** @param frame - of the message, or of the nonsense that a fault makes of it. */
  publish(belonging: Belonging, frame: (spoilt: boolean) => string | Uint8Array): void {
    const { venue, troubles } = this.#parts;
    const [channel = 'book'] = belonging.channels;
    const passing = {
      ...belonging,
      what: `a ${channel} message of ${venue}`,
      deliver: (due: number, spoilt: boolean) => this.#at(due, () => this.#wire.send(frame(spoilt))),
    };
    this.#lastOut = troubles.pass(passing, this.#dueOut()) ?? this.#lastOut;
  }

  /** What the client has sent arrives at the venue. */
  arrive(act: () => void): void {
    const { world, now } = this.#parts;
    this.#lastIn = Math.max(this.#lastIn, now() + this.#way(world.latency.request['*'], 'in'));
    this.#at(this.#lastIn, act);
  }

  ping(): void {
    this.#lastOut = this.#dueOut();
    this.#at(this.#lastOut, () => this.#wire.ping());
  }

  /** After everything that is on its way already. */
  close(code: number, reason: string): void {
    this.#lastOut = this.#dueOut();
    this.#at(this.#lastOut, () => {
      this.#isOpen = false;
      this.#wire.close(code, reason);
    });
  }

  cut(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#wire.cut();
  }

  /** Nothing is delivered from now on. */
  gone(): void {
    this.#isOpen = false;
  }

  #dueOut(): number {
    const { world, now } = this.#parts;
    return Math.max(this.#lastOut, now() + this.#way(world.latency.response['*'], 'out'));
  }

  #way(latency: DelayDistribution | undefined, direction: string): number {
    this.#messages += 1;
    return this.#sampler.draw(latency ?? NONE, this.#parts.latencyKey, `${this.#name}/${direction}${this.#messages}`);
  }

  #at(due: number, act: () => void): void {
    const { now, schedule } = this.#parts;
    schedule(addMs(now(), Math.max(0, due - now())), () => {
      if (this.#isOpen) act();
    });
  }
}
