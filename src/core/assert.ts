/** A broken promise of our own code, never a user's mistake: the CLI exits with 70 for it. */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}

/**
 * @param message - what was expected and found; given as a function where it is asked often and costs something to word.
 * @throws InternalError when `condition` is false.
 */
export function assert(condition: unknown, message: string | (() => string)): asserts condition {
  if (condition !== true && !condition) throw new InternalError(typeof message === 'string' ? message : message());
}

/** Makes a `switch` over a union fail to compile when a variant is not handled. */
export function assertNever(value: never): never {
  throw new InternalError(`unexpected variant: ${JSON.stringify(value)}`);
}
