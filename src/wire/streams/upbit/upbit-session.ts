import { addMs, type EpochMs } from '../../../core/units.js';
import { UPBIT_MARKET } from '../../../sim/upbit-order.js';
import { RateWindow } from '../rate-window.js';
import type { Belonging, StreamLink } from '../stream-link.js';
import type { FaultySession } from '../stream-venue.js';
import type { UpbitMarketTopics } from './market-topics.js';
import { upbitNonsense } from './nonsense.js';
import { shortened } from './short-names.js';
import type { UpbitMessage } from './upbit-messages.js';
import { parseUpbitRequest, UpbitStreamRefusal, type UpbitFormat, type UpbitRequest, type UpbitSubscription } from './upbit-request.js';
import type { UpbitUserEvents } from './user-events.js';

const IDLE_MAX_MS = 120_000;
const STATUS_MS = 10_000;
const STATUS = { status: 'UP' };
const MESSAGES_PER_SECOND = 5;
const MESSAGES_PER_MINUTE = 100;

interface SessionParts {
  readonly link: StreamLink;
  readonly topics: UpbitMarketTopics;
  readonly user: UpbitUserEvents;
  /** Of a private connection: what is wrong with its key now. */
  readonly denied: () => boolean;
  readonly isPrivate: boolean;
  readonly now: () => EpochMs;
  readonly schedule: (at: EpochMs, act: () => void) => { cancel(): void };
}

/** One connection to Upbit's streams. Each request replaces what was asked for before; everything is sent in binary frames. */
export class UpbitSession implements FaultySession {
  readonly isPrivate: boolean;
  readonly #parts: SessionParts;
  readonly #limits = [new RateWindow(MESSAGES_PER_SECOND, 1_000), new RateWindow(MESSAGES_PER_MINUTE, 60_000)];
  #subscriptions: readonly UpbitSubscription[] = [];
  #stops: (() => void)[] = [];
  #format: UpbitFormat = 'DEFAULT';
  #idle: { cancel(): void } | undefined;
  #status: { cancel(): void } | undefined;
  #nonsense = 0;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.isPrivate = parts.isPrivate;
    this.#isAlive();
  }

  receive(text: string): void {
    this.#parts.link.arrive(() => this.#handle(text));
  }

  heard(): void {
    this.#parts.link.arrive(() => this.#isAlive());
  }

  gone(): void {
    this.#parts.link.gone();
    this.#unsubscribe();
    this.#idle?.cancel();
    this.#status?.cancel();
  }

  #handle(text: string): void {
    this.#isAlive();
    const now = this.#parts.now();
    const within = this.#limits.map((limit) => limit.admit(now));
    if (within.includes(false)) {
      this.#parts.link.close(1008, 'too many requests');
      return;
    }
    if (this.#parts.denied()) {
      this.#answer(new UpbitStreamRefusal('INVALID_AUTH').body);
      this.#parts.link.close(1008, 'invalid auth');
      return;
    }
    const request = parseUpbitRequest(text, this.isPrivate);
    if (request instanceof UpbitStreamRefusal) this.#answer(request.body);
    else this.#carryOut(request);
  }

  #carryOut(request: UpbitRequest): void {
    switch (request.kind) {
      case 'ping':
        this.#status?.cancel();
        this.#sayStatus();
        return;
      case 'list':
        this.#format = request.format ?? this.#format;
        this.#answer(this.#inFormat(this.#listed(request.ticket), 'list'));
        return;
      case 'subscribe':
        this.#unsubscribe();
        this.#format = request.format;
        this.#subscriptions = request.subscriptions;
        for (const subscription of request.subscriptions) this.#subscribe(subscription);
    }
  }

  #subscribe(subscription: UpbitSubscription): void {
    const { type, codes, level } = subscription;
    if (type === 'myOrder' || type === 'myAsset') {
      // Without codes every market is meant.
      const isMeant = codes.length === 0 || codes.some(({ market }) => market === UPBIT_MARKET);
      if (isMeant) this.#stops.push(this.#parts.user.listen((of, belonging, message) => of === type && this.#publish(belonging, type, message)));
      return;
    }
    for (const { market, units } of codes) {
      // Of a market that the venue does not have nothing comes.
      if (market !== UPBIT_MARKET) continue;
      const found = this.#parts.topics.topic(type, { units, level });
      const { topic } = found;
      const table = typeof type === 'object' ? 'candle' : type;
      const first = subscription.snapshot ? found.snapshot() : undefined;
      if (first !== undefined) this.#publish(topic.belonging, table, first);
      if (subscription.realtime) this.#stops.push(topic.listen((message) => this.#publish(topic.belonging, table, message)));
    }
  }

  #unsubscribe(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  #listed(ticket: string): UpbitMessage {
    const result = this.#subscriptions.map(({ type, name, codes, level }) => ({
      type: name,
      ...(codes.length === 0 ? {} : { codes: codes.map(({ market }) => market) }),
      ...(type === 'orderbook' ? { level } : {}),
    }));
    return { method: 'LIST_SUBSCRIPTIONS', result, ticket };
  }

  #publish(belonging: Belonging, table: string, message: UpbitMessage): void {
    this.#isAlive();
    this.#parts.link.publish(belonging, (isSpoilt) => {
      if (!isSpoilt) return bytes(this.#inFormat(message, table));
      this.#nonsense += 1;
      return bytes(this.#inFormat(upbitNonsense(message, this.#nonsense - 1), table));
    });
  }

  #inFormat(message: UpbitMessage, table: string): unknown {
    const body = this.#format.startsWith('SIMPLE') ? shortened(message, table) : message;
    return this.#format.endsWith('LIST') && table !== 'list' ? [body] : body;
  }

  #answer(body: unknown): void {
    this.#parts.link.answer(bytes(body));
  }

  /** Once at once, then every ten seconds. */
  #sayStatus(): void {
    const { now, schedule } = this.#parts;
    this.#isAlive();
    this.#answer(STATUS);
    this.#status = schedule(addMs(now(), STATUS_MS), () => this.#sayStatus());
  }

  /** Something was sent or came: the connection is not idle. */
  #isAlive(): void {
    const { now, schedule, link } = this.#parts;
    this.#idle?.cancel();
    this.#idle = schedule(addMs(now(), IDLE_MAX_MS), () => link.close(1000, 'idle for 120 seconds'));
  }
}

const bytes = (body: unknown): Uint8Array => Buffer.from(JSON.stringify(body), 'utf8');
