import type { TapeEvent } from '../../sim/tape-event.js';
import type { TapeOf } from '../facts/fact-types.js';

/** A call as it is drawn: sent by the executor, maybe arrived, maybe answered. */
export interface Call {
  readonly request: TapeOf<'request'>;
  readonly arrivedAt: number | undefined;
  readonly answer: TapeOf<'answer'> | undefined;
}

/** How far a call came: `reply lost` is also a request that arrived and was never answered. */
export type CallFate = 'answered' | 'request lost' | 'reply lost';

const DRAWN: ReadonlySet<string> = new Set(['createOrder', 'cancelOrder', 'fetchOrder']);

/** Calls that create, cancel or look up an order, in the order of their sending. */
export function callsOf(events: readonly TapeEvent[]): readonly Call[] {
  const calls = new Map<number, Call>();
  for (const event of events) {
    if (event.type === 'request' && DRAWN.has(event.method)) calls.set(event.request, { request: event, arrivedAt: undefined, answer: undefined });
    const call = event.type === 'arrived' || event.type === 'answer' ? calls.get(event.request) : undefined;
    if (call === undefined) continue;
    if (event.type === 'arrived') calls.set(event.request, { ...call, arrivedAt: event.t });
    if (event.type === 'answer') calls.set(event.request, { ...call, answer: event });
  }
  return [...calls.values()];
}

/** What became of the messages of a call. */
export function fateOf({ arrivedAt, answer }: Call): CallFate {
  // A time-out or a broken line is not an answer of the venue: what it sent never came.
  const isAnswered = answer !== undefined && (answer.ok || answer.http !== undefined || answer.code !== undefined);
  // A refusal at the gate counts as answered although no order ever arrived.
  if (isAnswered) return 'answered';
  return arrivedAt === undefined ? 'request lost' : 'reply lost';
}

export const isRead = (call: Call): boolean => call.request.method === 'fetchOrder';
