import type { EpochMs } from '../../../core/units.js';
import { addMs } from '../../../core/units.js';
import type { ListenKeys } from '../../../sim/listen-keys.js';
import { RateWindow } from '../rate-window.js';
import type { Belonging, StreamLink } from '../stream-link.js';
import type { StreamSession } from '../stream-session.js';
import { isControlError, parseControl, type ControlError, type ControlRequest } from './control-request.js';
import type { BinanceMessage } from './market-messages.js';
import type { BinanceMarketTopics } from './market-topics.js';
import { binanceNonsense } from './nonsense.js';
import type { StreamName } from './stream-name.js';
import type { StreamTarget } from './stream-target.js';
import type { BinanceUserEvents } from './user-events.js';
import { listenKeyExpired } from './user-messages.js';

const PING_MS = 180_000;
const PONG_MAX_MS = 600_000;
const CONNECTION_MAX_MS = 86_400_000;
const STREAMS_MAX = 1_024;
const MESSAGES_MAX = 10;
const SECOND_MS = 1_000;

interface SessionParts {
  readonly link: StreamLink;
  readonly target: StreamTarget;
  readonly topics: BinanceMarketTopics;
  readonly user: BinanceUserEvents;
  readonly listenKeys: ListenKeys;
  readonly now: () => EpochMs;
  readonly schedule: (at: EpochMs, act: () => void) => { cancel(): void };
  /** Whether this address serves a stream of this kind now. */
  readonly serves: (name: StreamName | 'user') => boolean;
}

/** One connection to Binance's streams: subscriptions, user data by listen key, signs of life. */
export class BinanceSession implements StreamSession {
  readonly #parts: SessionParts;
  readonly #rate = new RateWindow(MESSAGES_MAX, SECOND_MS);
  /** What ends each subscription, by its name. */
  readonly #subscriptions = new Map<string, () => void>();
  readonly #endings: (() => void)[] = [];
  #isCombined: boolean;
  #lastPong: number;
  #nonsense = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#isCombined = parts.target.isCombined;
    this.#lastPong = parts.now();
    this.#endings.push(parts.listenKeys.onEnd((key, end) => this.#keyEnded(key, end)));
    this.#later(CONNECTION_MAX_MS, () => parts.link.close(1001, 'connections live for 24 hours'));
    this.#pingLater();
    for (const name of parts.target.names) this.#subscribe(name);
  }

  /** Whether the connection carries what only the account's owner may hear. */
  get isPrivate(): boolean {
    return this.#parts.target.tier === 'private' || [...this.#subscriptions.keys()].some((name) => name === this.#parts.listenKeys.active);
  }

  receive(text: string): void {
    this.#parts.link.arrive(() => this.#handle(text));
  }

  heard(frame: 'ping' | 'pong'): void {
    this.#parts.link.arrive(() => {
      if (frame === 'pong') this.#lastPong = this.#parts.now();
      this.#admit();
    });
  }

  gone(): void {
    this.#parts.link.gone();
    for (const end of [...this.#subscriptions.values(), ...this.#endings]) end();
    this.#subscriptions.clear();
    this.#endings.length = 0;
  }

  /** Pings and pongs count, too. */
  #admit(): boolean {
    if (this.#rate.admit(this.#parts.now())) return true;
    this.#parts.link.close(1008, 'Too many requests');
    return false;
  }

  #handle(text: string): void {
    if (!this.#admit()) return;
    const request = parseControl(text);
    if (isControlError(request)) this.#refuse(request);
    else this.#carryOut(request);
  }

  #carryOut(request: ControlRequest): void {
    switch (request.method) {
      case 'SUBSCRIBE': {
        const fresh = request.names.filter((name) => !this.#subscriptions.has(name));
        if (this.#subscriptions.size + fresh.length > STREAMS_MAX) {
          this.#refuse({ code: 2, msg: `Invalid request: a connection listens to ${STREAMS_MAX} streams at most`, id: request.id });
          return;
        }
        if (fresh.some((name) => !this.#isKnown(name))) {
          this.#refuse({ code: 2, msg: 'Invalid request: invalid stream', id: request.id });
          return;
        }
        // The answer goes out before the first message of what it grants.
        this.#reply(request, null);
        for (const name of fresh) this.#subscribe(name);
        return;
      }
      case 'UNSUBSCRIBE':
        for (const name of request.names) this.#unsubscribe(name);
        this.#reply(request, null);
        return;
      case 'LIST_SUBSCRIPTIONS':
        this.#reply(request, [...this.#subscriptions.keys()]);
        return;
      case 'SET_PROPERTY':
        this.#isCombined = request.value;
        this.#reply(request, null);
        return;
      case 'GET_PROPERTY':
        this.#reply(request, this.#isCombined);
    }
  }

  #isKnown(name: string): boolean {
    return name === this.#parts.listenKeys.active || this.#parts.topics.topic(name) !== undefined;
  }

  /** In the address any name is taken, as ccxt's `/ws/0`: of one that is none nothing comes. */
  #subscribe(name: string): void {
    const { topics, user, listenKeys, serves, target } = this.#parts;
    if (this.#subscriptions.has(name) || this.#subscriptions.size >= STREAMS_MAX) return;
    if (name === listenKeys.active) {
      const stop = serves('user')
        ? user.listen((belonging, message) => {
            if (target.events?.has(String(message['e'])) !== false) this.#publish(name, belonging, message);
          })
        : () => undefined;
      this.#subscriptions.set(name, stop);
      return;
    }
    const found = topics.topic(name);
    if (found === undefined) return;
    const { topic } = found;
    this.#subscriptions.set(name, serves(found.name) ? topic.listen((message) => this.#publish(name, topic.belonging, message)) : () => undefined);
  }

  #unsubscribe(name: string): void {
    this.#subscriptions.get(name)?.();
    this.#subscriptions.delete(name);
  }

  #keyEnded(key: string, end: 'expired' | 'closed'): void {
    if (!this.#subscriptions.has(key)) return;
    this.#unsubscribe(key);
    if (end === 'expired') this.#parts.link.answer(this.#wrapped(key, listenKeyExpired(this.#parts.now(), key)));
    else this.#parts.link.close(1000, 'the listenKey was closed');
  }

  #publish(name: string, belonging: Belonging, message: BinanceMessage | readonly BinanceMessage[]): void {
    this.#parts.link.publish(belonging, (isSpoilt) => {
      if (!isSpoilt) return this.#wrapped(name, message);
      const spoil = (each: BinanceMessage): BinanceMessage => {
        this.#nonsense += 1;
        return binanceNonsense(each, this.#nonsense - 1);
      };
      return this.#wrapped(name, isList(message) ? message.map(spoil) : spoil(message));
    });
  }

  #wrapped(stream: string, data: unknown): string {
    return JSON.stringify(this.#isCombined ? { stream, data } : data);
  }

  #reply({ id }: ControlRequest, result: unknown): void {
    this.#parts.link.answer(JSON.stringify({ result, id }));
  }

  #refuse({ code, msg, id }: ControlError): void {
    this.#parts.link.answer(JSON.stringify({ error: { code, msg }, ...(id === undefined ? {} : { id }) }));
  }

  #pingLater(): void {
    this.#later(PING_MS, () => {
      if (this.#parts.now() - this.#lastPong >= PONG_MAX_MS) {
        this.#parts.link.close(1008, 'no pong for 10 minutes');
        return;
      }
      this.#parts.link.ping();
      this.#pingLater();
    });
  }

  #later(delayMs: number, act: () => void): void {
    const timer = this.#parts.schedule(addMs(this.#parts.now(), delayMs), act);
    this.#endings.push(() => timer.cancel());
  }
}

const isList = (message: BinanceMessage | readonly BinanceMessage[]): message is readonly BinanceMessage[] => Array.isArray(message);
