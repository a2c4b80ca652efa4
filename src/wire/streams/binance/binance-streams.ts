import type { StreamAction } from '../../../faults/fault-action.js';
import type { BinanceStreamSource } from '../../../sim/stream-sources.js';
import { StreamTroubles } from '../../../sim/stream-troubles.js';
import { Beats } from '../beat.js';
import type { StreamAnswer, StreamRequest, StreamServer } from '../stream-session.js';
import { StreamConnections } from '../stream-venue.js';
import { BinanceMarketTopics } from './market-topics.js';
import { BinanceSession } from './binance-session.js';
import { parseTarget, type StreamTarget } from './stream-target.js';
import type { StreamName } from './stream-name.js';
import { BinanceUserEvents } from './user-events.js';

/** From here on the addresses without a tier serve what the public tier does, and nothing else. */
const LEGACY_RETIRED = Date.parse('2026-04-23T00:00:00Z');

/** Binance's USD-M streams: market data and the account's user data. */
export class BinanceStreams implements StreamServer {
  readonly #source: BinanceStreamSource;
  readonly #topics: BinanceMarketTopics;
  readonly #user: BinanceUserEvents;
  readonly #connections: StreamConnections;

  /** @param met - told of what a fault of the stream met. */
  constructor(source: BinanceStreamSource, met: (fault: string, what: string) => void) {
    const beats = new Beats(source);
    this.#source = source;
    this.#topics = new BinanceMarketTopics(source, beats);
    this.#user = new BinanceUserEvents(source, beats);
    const troubles = new StreamTroubles({ clock: source, met });
    this.#connections = new StreamConnections({ ...source, venue: 'binance', troubles }, met);
  }

  connect({ target: text }: StreamRequest): StreamAnswer {
    const target = parseTarget(text);
    if (target === undefined) return { kind: 'refused', status: 404, body: '' };
    const { now, schedule, listenKeys } = this.#source;
    return this.#connections.answer(
      (link) =>
        new BinanceSession({
          link,
          target,
          topics: this.#topics,
          user: this.#user,
          listenKeys,
          now,
          schedule,
          serves: (name) => this.#serves(target, name),
        }),
    );
  }

  /** A fault of the stream begins. */
  strike(fault: string, action: StreamAction): void {
    if (action.action === 'key-expired') this.#source.listenKeys.end('expired');
    this.#connections.strike(fault, action);
  }

  get connections(): number {
    return this.#connections.count;
  }

  #serves({ tier }: StreamTarget, name: StreamName | 'user'): boolean {
    const wanted = name === 'user' ? 'private' : name.tier;
    if (tier !== undefined) return tier === wanted;
    return this.#source.now() < LEGACY_RETIRED || wanted === 'public';
  }
}
