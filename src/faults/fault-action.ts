import type { DurationMs } from '../core/units.js';

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
  | { readonly kind: 'delay'; readonly part: 'request' | 'response'; readonly by: DelayDistribution }
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
      readonly then: 'rest' | 'fill' | 'expire' | 'cancel' | 'reject';
      readonly thenAfter?: DelayDistribution | undefined;
      readonly slipBp: number;
    }
  /** The cancel crosses a fill of this fraction of the order. */
  | { readonly kind: 'cancelRace'; readonly fillFraction: number; readonly report: 'canceled' | 'not-open' | 'timeout' }
  /** The order stays in this state, whatever the book says. */
  | { readonly kind: 'stuck'; readonly state: 'open' | 'pending-new' | 'pending-cancel'; readonly for: Span };

/** What a fault does to a venue for a while. */
export type WindowAction =
  | {
      readonly kind: 'outage';
      readonly as: 'timeout' | 'reset' | 'http503' | 'maintenance' | 'html-page';
      readonly scope: 'all' | 'private' | 'public' | 'orders';
    }
  | { readonly kind: 'ban'; readonly extendOnHitMs: number }
  | { readonly kind: 'market'; readonly halt: boolean; readonly gapBp: number; readonly depthFactor: number; readonly spreadBp?: number | undefined }
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
    }
  /** The process dies: nothing of its memory survives; the last append is lost or kept. */
  | { readonly kind: 'crash'; readonly restartAfter: DurationMs | 'never'; readonly unsynced: 'lost' | 'kept' };
