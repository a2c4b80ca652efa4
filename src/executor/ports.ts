import type { Clock } from '../clock/clock.js';
import type { Btc } from '../core/money.js';
import type { EpochMs, VenueId } from '../core/units.js';
import type { ExchangeClient } from '../exchange/exchange-client.js';
import type { FlowOutcome, HaltLevel } from '../journal/journal-event.js';
import type { Journal } from '../journal/journal.js';

/** Tells a human. A rejected promise is a dead channel: it is reported and never blocks a repair. */
export interface Notifier {
  notify(message: {
    readonly severity: 'info' | 'warning' | 'critical';
    readonly code: string;
    readonly text: string;
    readonly at: EpochMs;
  }): Promise<void>;
}

/** Fresh ids; the only source of randomness an executor has. */
export interface IdSource {
  /** A client order id that was never handed out before, at most 36 of [A-Za-z0-9_-]. */
  next(prefix: string): string;
}

/** Permission to send orders; only the holder trades. */
export interface Lease {
  held(): boolean;
}

/** What a stream has said. It may be late, lost, doubled, out of order or nonsense: a reason to look, never a fact. */
export interface StreamNews {
  readonly venue: VenueId;
  readonly channel: 'orders' | 'trades' | 'book' | 'balance';
  readonly orderId?: string | undefined;
  readonly clientOrderId?: string | undefined;
  readonly status?: string | undefined;
  /** Executed so far on `orders`, of this trade on `trades`; BTC. */
  readonly quantity?: number | undefined;
  /** Quote per BTC. */
  readonly price?: number | undefined;
}

/** A stream of "look again" hints; REST stays the truth. Without news: something may have happened. */
export interface StreamClient {
  onWakeUp(listener: (news?: StreamNews) => void): void;
}

/** The executor's only ties to the world (design decision 1). */
export interface ExecutorPorts {
  readonly upbit: ExchangeClient;
  readonly binance: ExchangeClient;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly notifier: Notifier;
  readonly ids: IdSource;
  readonly lease: Lease;
  readonly streams?: StreamClient | undefined;
}

/** An entry the driver asks for. Prices are the decision's, in quote per BTC; quantity is BTC on both legs. */
export interface EnterRequest {
  readonly quantity: Btc;
  readonly decidedAt: EpochMs;
  readonly upbitPrice: number;
  readonly binancePrice: number;
  readonly usdKrw: number;
  /** When that rate was published, where the driver knows it: an old rate refuses the entry. */
  readonly usdKrwAt?: EpochMs | undefined;
  readonly premium: number;
  /** Asked again just before sending; false refuses the entry (premium gone, data stale). */
  readonly stillGood?: ((at: EpochMs) => boolean) | undefined;
}

export interface ExitRequest {
  /** Which positions to close; empty means all. */
  readonly positionIds: readonly string[];
  readonly decidedAt: EpochMs;
  readonly reason: string;
}

export interface FlowResult {
  readonly outcome: FlowOutcome;
  readonly spot: Btc;
  readonly perp: Btc;
  readonly residual: Btc;
  readonly reason: string;
}

export interface OpenPosition {
  readonly positionId: string;
  readonly quantity: Btc;
  readonly openedAt: EpochMs;
}

/** What drives an executor: the backtest, a drill, or a live run. */
export interface Executor {
  readonly name: string;
  /** Recovers from the journal and checks the venues' set-up; rejects when it must not trade. */
  start(): Promise<void>;
  enter(request: EnterRequest): Promise<FlowResult>;
  exit(request: ExitRequest): Promise<FlowResult>;
  positions(): readonly OpenPosition[];
  /** Ends background work (the monitor); resolves when no request is in flight. */
  stop(): Promise<void>;
  /** Resolves at the next change of `positions()` that `enter` and `exit` did not make; absent when there is no monitor. */
  changed?(): Promise<void>;
  halt?(level: HaltLevel, reason: string): Promise<void>;
  resume?(by: string): Promise<void>;
  readonly halted?: HaltLevel | undefined;
  /** What an oracle may judge beyond the tape (design decision 15). */
  readonly capabilities?: readonly ('journal' | 'marks' | 'alerts' | 'lock')[] | undefined;
}

/** `--executor file.ts` default-exports one of these. `policy` is the resolved policy section of the config. */
export type ExecutorFactory = ((ports: ExecutorPorts, policy: Readonly<Record<string, unknown>>) => Executor) & {
  /** The executor asks for clients with ccxt's own limiter, as `enableRateLimit: true` does (design decision 12). */
  readonly enableRateLimit?: boolean | undefined;
};
