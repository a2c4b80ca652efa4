import type { DurationMs } from '../core/units.js';
import type { DiskFault, Unsynced } from '../journal/simulated-disk.js';
import type { TransportMode } from '../exchange/transport-fault.js';
import type { Nth } from './fault-rule.js';

/** A random length of time; drawn by position (`core/random`), never from a shared stream. Milliseconds. */
export type DelayDistribution =
  | { readonly kind: 'fixed'; readonly ms: number }
  | { readonly kind: 'uniform'; readonly fromMs: number; readonly toMs: number }
  | { readonly kind: 'lognormal'; readonly p50Ms: number; readonly p99Ms: number; readonly capMs: number }
  | { readonly kind: 'pareto'; readonly minMs: number; readonly alpha: number; readonly capMs: number }
  | { readonly kind: 'empirical'; readonly samplesMs: readonly number[]; readonly mode: 'bootstrap' | 'sequential' }
  | { readonly kind: 'mixture'; readonly parts: readonly { readonly weight: number; readonly of: DelayDistribution }[] };

/** A duration that may never end. */
export type Span = DurationMs | 'forever';

/**
 * What a fault does to one call (the `inject` of a scenario file, parsed). The pipeline applies each action at
 * its stage of the request's life: outbound, gateway, acceptance, matching, inbound.
 */
export type CallAction =
  | { readonly kind: 'lose'; readonly part: 'request' | 'response'; readonly as: 'timeout' | 'reset' | 'dns' }
  /** `limiter`: held in our own process before it is signed and sent, so that neither time-out nor `recvWindow` runs yet. */
  | { readonly kind: 'delay'; readonly part: 'limiter' | 'request' | 'response'; readonly by: DelayDistribution }
  /** The request arrives again (a proxy, a library's retry), or its answer does. */
  | { readonly kind: 'duplicate'; readonly part: 'request' | 'response'; readonly after: DelayDistribution }
  | GarbleAction
  | TransportAction
  /** The read shows the venue as it was that long ago. */
  | { readonly kind: 'stale'; readonly byMs: number }
  /** Answered with this error; with `processed` the venue acts first and the error hides it. */
  | {
      readonly kind: 'reject';
      readonly http?: number | undefined;
      readonly error?: string | undefined;
      readonly code?: string | undefined;
      readonly retryAfterMs?: number | undefined;
      readonly processed: boolean;
    }
  /** The read answers not found although the order exists; lasts for `forMs` from the first hit for the same order. */
  | { readonly kind: 'notFound'; readonly forMs: number }
  /** How the order this call creates is executed. */
  | {
      readonly kind: 'fill';
      readonly fraction: number;
      readonly pieces: number;
      readonly after?: DelayDistribution | undefined;
      /** `prevent`: the rest would meet our own order (self-trade prevention). */
      readonly then: 'rest' | 'fill' | 'expire' | 'cancel' | 'reject' | 'prevent';
      readonly thenAfter?: DelayDistribution | undefined;
      readonly slipBp: number;
    }
  /** The cancel crosses a fill of this fraction of the order. */
  | { readonly kind: 'cancelRace'; readonly fillFraction: number; readonly report: 'canceled' | 'not-open' | 'timeout' }
  /** After the order has ended short of its quantity, the venue corrects itself: this fraction of it executed after all. */
  | { readonly kind: 'fillAfterCancel'; readonly fraction: number; readonly after: DelayDistribution }
  /** The order stays in this state, whatever the book says. */
  | { readonly kind: 'stuck'; readonly state: 'open' | 'pending-new' | 'pending-cancel'; readonly for: Span };

/** The connection breaks the answer in a way that only a socket can; without `processed` it is a proxy's and the venue saw nothing. */
export interface TransportAction {
  readonly kind: 'transport';
  readonly mode: TransportMode;
  readonly processed: boolean;
  /** How long a `slow-drip` takes in all. */
  readonly over: DelayDistribution;
}

/** The venue acts, and what comes back with status 200 is not what it said. */
export interface GarbleAction {
  readonly kind: 'garble';
  readonly mode: GarbleMode;
  /** The wire field that `missing-field` drops; undefined: the one that matters most of this answer. */
  readonly field?: string | undefined;
  /** The word of `unmapped-status`; undefined: one that ccxt does not know at this venue. */
  readonly status?: string | undefined;
}

export type GarbleMode = 'truncated-json' | 'html-page' | 'empty-body' | 'wrong-type' | 'missing-field' | 'other-order' | 'unmapped-status';

/** How long venues keep old states for stale reads. */
export const STALE_MAX_MS = 86_400_000;

/** What a fault does to a venue for a while. */
export type WindowAction =
  | {
      readonly kind: 'outage';
      readonly as: 'timeout' | 'reset' | 'refused' | 'http503' | 'maintenance' | 'html-page';
      readonly scope: 'all' | 'private' | 'public' | 'orders';
    }
  | { readonly kind: 'ban'; readonly extendOnHitMs: number }
  | { readonly kind: 'market'; readonly halt: boolean; readonly gapBp: number; readonly depthFactor: number; readonly spreadBp?: number | undefined }
  /** Each request and each answer is lost by a chain of two states, good and bad (Gilbert and Elliott; `tc netem gemodel`). */
  | { readonly kind: 'link'; readonly p: number; readonly r: number; readonly lossGood: number; readonly lossBad: number }
  /** The USD/KRW quote that decisions see stands still, or is off by so much. */
  | { readonly kind: 'fx'; readonly frozen: boolean; readonly gapBp: number }
  /** Added to every call's latency while it lasts. */
  | { readonly kind: 'slow'; readonly part: 'request' | 'response'; readonly by: DelayDistribution };

/** What a fault does once, at an instant. */
export type InstantAction =
  | {
      readonly kind: 'account';
      /** The total of each asset becomes this (a deposit, a withdrawal, another bot), but never less than what orders lock. */
      readonly balance?: Readonly<Record<string, string>> | undefined;
      readonly liquidate?: number | undefined;
      readonly adl?: number | undefined;
      /** The fraction of the perpetual position that somebody else closes at the market (our own hand, another bot). */
      readonly closedByHand?: number | undefined;
      readonly fundingRate?: number | undefined;
      readonly positionMode?: 'oneway' | 'hedge' | undefined;
      readonly leverage?: number | undefined;
      readonly key?: 'revoked' | 'ip-blocked' | 'read-only' | undefined;
      /** Rules of the venue from now on, named as in a world; what clients cached when they loaded the markets stays as it was. */
      readonly rules?: Readonly<Record<string, string>> | undefined;
    }
  /** The process dies: nothing of its memory survives; the last append is lost, kept, or half written. */
  | { readonly kind: 'crash'; readonly restartAfter: DurationMs | 'never'; readonly unsynced: Unsynced }
  | ProcessAction;

/** What a fault does once to the process, to its machine, or to what it is connected with. */
export type ProcessAction =
  /** Its event loop stands still. */
  | { readonly kind: 'stall'; readonly forMs: number }
  /** Its wall clock jumps, or gains so many microseconds a second; the monotonic clock does neither. */
  | { readonly kind: 'clock'; readonly jumpMs: number; readonly driftPpm: number | undefined }
  /** A second instance is started over the same journal. */
  | { readonly kind: 'twin'; readonly startAfterMs: number }
  /** `for` of an old backup is its age: what was written later is gone at the next start. */
  | { readonly kind: 'disk'; readonly error: DiskFault; readonly for: Span }
  /** Somebody throws the kill switch, and releases it after so long where that is given. */
  | { readonly kind: 'operator'; readonly level: 'opening' | 'flatten' | 'freeze'; readonly resumeAfterMs: number | undefined }
  | StreamAction
  | AlarmAction;

/** Nobody can be told for a while, or certain messages (counted from the run's start) do not go out. */
export interface AlarmAction {
  readonly kind: 'alarm';
  readonly as: 'timeout' | 'error';
  /** The message does reach people; only its sender is not told so. */
  readonly delivers: boolean;
  readonly for: Span;
  readonly nth: Nth | undefined;
  /** How many messages it strikes; undefined: all. */
  readonly times: number | undefined;
}

export type StreamChannel = 'orders' | 'trades' | 'book' | 'balance';

/** What a fault does to a venue's stream: for a while, to its next `count` events, or until it has done so once. */
export interface StreamAction {
  readonly kind: 'stream';
  readonly action: 'disconnect' | 'mute' | 'gap' | 'duplicate' | 'reorder' | 'stale' | 'key-expired' | 'bad-snapshot';
  readonly for: Span | undefined;
  readonly count: number | undefined;
  /** undefined: all of them (of `key-expired`: the private ones). */
  readonly channels: readonly StreamChannel[] | undefined;
}

/** Actions that count as fired once something has met them, not when they begin. */
export const MET_LATER: ReadonlySet<InstantAction['kind']> = new Set(['disk', 'stream', 'alarm']);
