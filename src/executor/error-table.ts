import type { Judgement, OrderOperation } from '../exchange/certainty.js';

/** What the executor does about an answer that is not the wanted one. */
export type Response =
  /** Find out by the client order id; send nothing for this leg before. */
  | 'look-up'
  /** It was not taken: wait (as long as the venue asked, else 1, 2, 4 s) and ask again, under a new id. */
  | 'wait-and-ask-again'
  /** As above, after the clock's offset was measured anew. */
  | 'resync-and-ask-again'
  /** It was not taken and never will be: the leg counts as what it has executed, the residual decides the rest. */
  | 'give-up-leg'
  /** There is nothing to close any more: read the position before anything else. */
  | 'verify-position'
  /** As `give-up-leg`, and nothing is opened again until a human resumes. */
  | 'halt-opening';

interface ErrorRow {
  /** The row of the specification's table (7.2) that this one corrects, or the class it lacks. */
  readonly specified: string;
  readonly matches: (judgement: Judgement, operation: OrderOperation) => boolean;
  readonly response: Response;
  readonly reason: string;
}

const create = (test: (judgement: Judgement) => boolean) => (judgement: Judgement, operation: OrderOperation) =>
  operation === 'createOrder' && test(judgement);

/**
 * Specification 7.2 with the corrections of its section 9, most specific first (a `catch` of NetworkError before
 * RateLimitExceeded would make that row dead). What was proven comes from the certainty table; this says what follows.
 * Whatever happens to a leg, the residual delta goes through repair: no row stops with one leg on.
 */
export const ERROR_TABLE: readonly ErrorRow[] = [
  {
    specified: 'any error to a create that proves nothing (NetworkError: retry)',
    matches: create(({ certainty }) => certainty === 'unknown'),
    response: 'look-up',
    reason: 'A request time-out, a 5xx, -1006, -1007 or a garbled answer may hide a live order: sending again can fill twice.',
  },
  {
    specified: 'InvalidOrder: write to the log (-2022 on a close)',
    matches: create(({ advice }) => advice === 'already-flat'),
    response: 'verify-position',
    reason: 'A reduce-only close is refused when the position is gone: an earlier close worked, or it was liquidated.',
  },
  {
    specified: 'AuthenticationError (not in the table)',
    matches: (judgement) => judgement.advice === 'halt',
    response: 'halt-opening',
    reason: 'Keys, permissions and modes do not heal by themselves; the other leg is still repaired.',
  },
  {
    specified: 'RateLimitExceeded: wait, then retry',
    matches: ({ advice }) => advice === 'back-off',
    response: 'wait-and-ask-again',
    reason: '429, 418 and overload prove that nothing was taken; Retry-After is honoured, and a ban is waited out by every call.',
  },
  {
    specified: 'InvalidNonce, a NetworkError: retry',
    matches: ({ advice }) => advice === 'resync-clock',
    response: 'resync-and-ask-again',
    reason: 'A retry with the same wrong clock fails again while the other venue goes on filling.',
  },
  {
    specified: 'InsufficientFunds: cancel the entry',
    matches: create(({ advice }) => advice === 'insufficient-funds'),
    response: 'give-up-leg',
    reason: 'Right while nothing is on; with the other leg on it is a residual, which is repaired.',
  },
  {
    specified: 'InvalidOrder: write to the log',
    matches: create(({ advice }) => advice === 'invalid-order'),
    response: 'give-up-leg',
    reason: 'The same order would be refused again; with the other leg on it is a residual.',
  },
  {
    specified: 'PermissionDenied -4400: only reducing orders (not in the table)',
    matches: create(({ advice }) => advice === 'reduce-only-regime'),
    response: 'give-up-leg',
    reason: 'Opening is off at the venue and closing goes through: the repair unwinds.',
  },
  {
    specified: 'NetworkError: retry (3 times); ExchangeNotAvailable: emergency stop (reads and cancels)',
    matches: (_judgement, operation) => operation !== 'createOrder',
    response: 'wait-and-ask-again',
    reason: 'Reading again does no harm. A venue that stays away past the budget locks the executor; stopping earlier would stop with one leg on.',
  },
  {
    specified: 'any other refusal of a create (FOK not fillable and the like)',
    matches: () => true,
    response: 'wait-and-ask-again',
    reason: 'Proven not taken, and nothing says that the next one will not be.',
  },
];

/** The first row that fits. */
export function responseTo(judgement: Judgement, operation: OrderOperation): Response {
  const row = ERROR_TABLE.find(({ matches }) => matches(judgement, operation));
  return row?.response ?? 'look-up';
}

/** Whether a refused create may be tried again at all. */
export function isTransient(judgement: Judgement): boolean {
  const response = responseTo(judgement, 'createOrder');
  return response === 'wait-and-ask-again' || response === 'resync-and-ask-again';
}
