import type { VenueId } from '../core/units.js';
import type { CcxtErrorName } from './ccxt-errors.js';
import type { Certainty, Judgement, OrderOperation } from './judgement.js';
import type { RawErrorName, TransportMode } from './transport-fault.js';

export type Advice = Judgement['advice'];

/** Why there is no whole answer; `foreign` ones reach the caller as errors that are not ccxt's. */
export type NoAnswer =
  | 'timeout'
  | 'fetch failed'
  | 'ECONNRESET'
  | 'ECONNREFUSED'
  | 'ENOTFOUND'
  | 'EAI_AGAIN'
  | 'ETIMEDOUT'
  | 'EPIPE'
  | 'UND_ERR_SOCKET'
  | 'UND_ERR_CONNECT_TIMEOUT'
  | 'UND_ERR_HEADERS_TIMEOUT'
  | 'redirect'
  | 'not HTTP'
  | 'body ECONNRESET'
  | 'body UND_ERR_SOCKET'
  | 'body UND_ERR_BODY_TIMEOUT';

/** A call that ccxt refuses by itself: no byte is sent. */
export type UnsentCall = 'no price' | 'below step' | 'unknown symbol' | 'no keys' | 'no type';

/** What came back on the wire. */
export type WireAnswer =
  | { readonly kind: 'http'; readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'none'; readonly cause: NoAnswer }
  /** An order with status 200 whose connection breaks it. */
  | { readonly kind: 'mangled'; readonly mode: TransportMode; readonly body: string }
  | { readonly kind: 'unsent'; readonly call: UnsentCall };

/** What the caller of ccxt gets: an error of this class (its constructor's name), or an order of this shape. */
export type Gives = CcxtErrorName | 'TypeError' | RawErrorName | OrderShape;
export type OrderShape = 'order' | 'order without id' | 'order of unmapped status';

export interface Outcome {
  readonly gives: Gives;
  readonly certainty: Certainty;
  readonly advice: Advice;
}

/** Where a row's meaning was read; spelled out in `CERTAINTY_SOURCES`. */
export type CertaintySource =
  'binance-errors' | 'binance-general' | 'binance-changelog' | 'upbit-errors' | 'upbit-limits' | 'upbit-orders' | 'ccxt' | 'loopback' | 'caution';

/** One wire answer and what it proves for each operation. */
export interface CertaintyRow {
  /** `<venue> <key>`, with the variant in brackets where several answers share a key. */
  readonly id: string;
  readonly venue: VenueId;
  /** What `judgeError` can still read of the answer; rows with equal keys are judged equally. */
  readonly key: string;
  readonly answer: WireAnswer;
  readonly outcomes: Readonly<Record<OrderOperation, Outcome>>;
  readonly source: CertaintySource;
}

/** What an answer proves for each operation, before it is known which class ccxt makes of it. */
export type Verdicts = Readonly<Record<OrderOperation, { readonly certainty: Certainty; readonly advice: Advice }>>;

/**
 * Turned away before anything was looked at: proves that neither a create nor a cancel was taken. For a
 * read every error is only the absence of an answer.
 */
export function gateway(advice: Advice): Verdicts {
  return {
    createOrder: { certainty: 'refused', advice },
    cancelOrder: { certainty: 'refused', advice },
    fetchOrder: { certainty: 'unknown', advice },
  };
}

/** The venue looked at a new order and said no. The same answer to a cancel makes no sense, so it proves nothing there. */
export function business(advice: Advice): Verdicts {
  return {
    createOrder: { certainty: 'refused', advice },
    cancelOrder: { certainty: 'unknown', advice: 'look-up' },
    fetchOrder: { certainty: 'unknown', advice: 'look-up' },
  };
}

/** Proves nothing. */
export function doubt(advice: Advice = 'look-up'): Verdicts {
  const cell = { certainty: 'unknown', advice } as const;
  return { createOrder: cell, cancelOrder: cell, fetchOrder: cell };
}

/** The venue answered with an order: a create or cancel was taken, a read was answered. */
export const taken: Verdicts = {
  createOrder: { certainty: 'accepted', advice: 'none' },
  cancelOrder: { certainty: 'accepted', advice: 'none' },
  fetchOrder: { certainty: 'accepted', advice: 'none' },
};

/** @param variant - tells rows of one key apart. */
export function row(
  venue: VenueId,
  key: string,
  answer: WireAnswer,
  gives: Gives,
  verdicts: Verdicts,
  source: CertaintySource,
  variant?: string,
): CertaintyRow {
  const outcome = (operation: OrderOperation): Outcome => ({ gives, ...verdicts[operation] });
  return {
    id: `${venue} ${key}${variant === undefined ? '' : ` (${variant})`}`,
    venue,
    key,
    answer,
    outcomes: { createOrder: outcome('createOrder'), cancelOrder: outcome('cancelOrder'), fetchOrder: outcome('fetchOrder') },
    source,
  };
}
