import type { StreamAction } from '../../../faults/fault-action.js';
import type { UpbitStreamSource } from '../../../sim/stream-sources.js';
import { StreamTroubles } from '../../../sim/stream-troubles.js';
import { isUpbitToken } from '../../upbit/upbit-auth.js';
import type { WireKeys } from '../../wire-keys.js';
import { Beats } from '../beat.js';
import { RateWindow } from '../rate-window.js';
import type { StreamAnswer, StreamRequest, StreamServer } from '../stream-session.js';
import { StreamConnections } from '../stream-venue.js';
import { UpbitMarketTopics } from './market-topics.js';
import { UpbitSession } from './upbit-session.js';
import { UpbitUserEvents } from './user-events.js';

const PATHS: ReadonlyMap<string, { readonly isPrivate: boolean }> = new Map([
  ['/websocket/v1', { isPrivate: false }],
  ['/websocket/v1/private', { isPrivate: true }],
]);
const CONNECTIONS_PER_SECOND = 5;
const SECOND_MS = 1_000;

/** Upbit's streams: quotations, and with a key the account's own orders and assets. */
export class UpbitStreams implements StreamServer {
  readonly #source: UpbitStreamSource;
  readonly #keys: WireKeys;
  readonly #topics: UpbitMarketTopics;
  readonly #user: UpbitUserEvents;
  readonly #troubles: StreamTroubles;
  readonly #connections: StreamConnections;
  /** By address; of private connections for the account. */
  readonly #limits = new Map<string, RateWindow>();

  /** @param met - told of what a fault of the stream met. */
  constructor(source: UpbitStreamSource, met: (fault: string, what: string) => void, keys: WireKeys) {
    this.#source = source;
    this.#keys = keys;
    this.#topics = new UpbitMarketTopics(source, new Beats(source));
    this.#user = new UpbitUserEvents(source);
    this.#troubles = new StreamTroubles({ clock: source, met });
    this.#connections = new StreamConnections({ ...source, venue: 'upbit', troubles: this.#troubles }, met);
  }

  connect({ target, headers, address }: StreamRequest): StreamAnswer {
    const path = target.split('?')[0]?.replace(/\/$/, '') ?? '';
    const found = PATHS.get(path);
    if (found === undefined) return { kind: 'refused', status: 404, body: '' };
    const { isPrivate } = found;
    if (!this.#admit(isPrivate ? 'account' : address)) return { kind: 'refused', status: 429, body: 'Too many API requests.' };
    const isKnown = !isPrivate || isUpbitToken(headers['authorization'], this.#keys);
    const { now, schedule } = this.#source;
    return this.#connections.answer(
      (link) =>
        new UpbitSession({
          link,
          isPrivate,
          topics: this.#topics,
          user: this.#user,
          denied: () => !isKnown || (isPrivate && this.#troubles.fault('key-expired') !== undefined),
          now,
          schedule,
        }),
    );
  }

  /** A fault of the stream begins. Upbit has no listen key: a key that expires ends the connections that bear it. */
  strike(fault: string, action: StreamAction): void {
    this.#connections.strike(fault, action);
    if (action.action === 'key-expired') this.#connections.cut(fault, ({ isPrivate }) => isPrivate);
  }

  get connections(): number {
    return this.#connections.count;
  }

  #admit(who: string): boolean {
    const now = this.#source.now();
    for (const [key, limit] of this.#limits) if (limit.isIdle(now)) this.#limits.delete(key);
    const limit = this.#limits.get(who) ?? new RateWindow(CONNECTIONS_PER_SECOND, SECOND_MS);
    this.#limits.set(who, limit);
    return limit.admit(now);
  }
}
