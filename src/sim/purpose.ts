import type { Purpose } from '../core/purpose.js';
import type { Leg, Side } from '../core/units.js';

/** What the truth says at the moment a call leaves the client. */
export interface PurposeFacts {
  /** The flow that runs; undefined outside flows. */
  readonly flowKind: 'enter' | 'exit' | undefined;
  /** The process restarted and what its old life left behind is not settled. */
  readonly recovering: boolean;
  /** The other leg holds an execution of this flow that was not undone. */
  readonly otherLegExecuted: boolean;
}

/** The side that carries a flow forward: an entry buys spot and sells the perpetual, an exit does the reverse. */
export function forwardSide(kind: 'enter' | 'exit', leg: Leg): Side {
  return (kind === 'enter') === (leg === 'spot') ? 'buy' : 'sell';
}

/**
 * What a create is for (design decision 14): derived from the truth, never told by the executor. Outside any flow an
 * order can only mend something, hence `repair`.
 */
export function purposeOfCreate(facts: PurposeFacts, leg: Leg, side: Side): Purpose {
  if (facts.recovering) return 'recover';
  if (facts.flowKind === undefined) return 'repair';
  const forward = side === forwardSide(facts.flowKind, leg);
  if (facts.flowKind === 'exit') return forward ? 'close' : 'repair';
  if (!forward) return 'rollback';
  return facts.otherLegExecuted ? 'hedge' : 'open';
}

/**
 * What a call that creates nothing is for: a read of a known order polls, a cancel serves what its order serves,
 * settings and reads before a flow's first create check, later ones watch what the orders have done.
 *
 * @param ofOrder - the purpose of the known order that the call names.
 */
export function purposeOfOther(method: string, ofOrder: Purpose | undefined, createdInFlow: boolean): Purpose {
  if (method === 'cancelOrder') return ofOrder ?? 'poll';
  if (ofOrder !== undefined) return 'poll';
  return createdInFlow ? 'poll' : 'precheck';
}
