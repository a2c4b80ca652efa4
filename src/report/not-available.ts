/** A figure that this run or its data cannot support, with the reason that the report prints. */
export interface NotAvailable {
  readonly na: string;
}

/** A figure, or why there is none; a missing figure is never shown as 0. */
export type Maybe<T> = T | NotAvailable;

export const notAvailable = (reason: string): NotAvailable => ({ na: reason });

export function isNotAvailable(value: unknown): value is NotAvailable {
  return typeof value === 'object' && value !== null && 'na' in value;
}

/** Applies `change` to a figure and hands a reason on. */
export function mapMaybe<T, U>(value: Maybe<T>, change: (figure: T) => U): Maybe<U> {
  return isNotAvailable(value) ? value : change(value);
}
