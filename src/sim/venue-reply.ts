import type { EpochMs } from '../core/units.js';
import type { CallAction } from '../faults/fault-action.js';
import type { OrderOrigin } from './book-order.js';

/** The venue's answer to one request, as it goes on the wire; `body` is the parsed JSON. */
export type VenueReply =
  | {
      readonly ok: true;
      readonly body: unknown;
      /** 200 unless given. */
      readonly http?: number | undefined;
      /** The text on the wire where it is not the body's JSON: a fault has garbled it. */
      readonly text?: string | undefined;
    }
  | {
      readonly ok: false;
      readonly http: number;
      /** `error.name` of Upbit, `code` of Binance; absent when the body is not the venue's JSON. */
      readonly code?: string | undefined;
      readonly message: string;
      readonly retryAfterMs?: number | undefined;
      /** The form of the body; the venue's own default (`VenueWorld.errorBody`) when absent. */
      readonly bodyForm?: 'json' | 'text' | 'html' | undefined;
    };

export const accepted = (body: unknown): VenueReply => ({ ok: true, body });

export function refused(http: number, code: string, message: string): VenueReply {
  return { ok: false, http, code, message };
}

/** Of a signed Binance request: the client's clock when it signed, and how long after that it may be taken. */
export interface SignedWindow {
  readonly timestamp: number;
  readonly recvWindowMs: number;
}

/** What a venue knows about the request it is asked to carry out. */
export interface RequestContext {
  readonly origin: OrderOrigin;
  /** Faults of the stages acceptance and matching; the pipeline keeps the others to itself. */
  readonly actions: readonly CallAction[];
  readonly signed?: SignedWindow | undefined;
  /** The instant that a read shows: the present, or the past when a cache answers. */
  readonly asOf: EpochMs;
}

/** Answers at once or later (an order that is answered with its final state). Called exactly once. */
export type Respond = (reply: VenueReply) => void;
