import { InternalError } from './assert.js';

declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** Milliseconds since the Unix epoch, UTC; a whole number. */
export type EpochMs = Unit<'EpochMs'>;
/** A length of time in whole milliseconds, never negative. */
export type DurationMs = Unit<'DurationMs'>;
/** Milliseconds of a clock that never jumps; only differences mean anything. */
export type MonotonicMs = Unit<'MonotonicMs'>;

/** @throws InternalError when `value` is not a whole number. */
export function epochMs(value: number): EpochMs {
  if (!Number.isSafeInteger(value)) throw new InternalError(`an instant is a whole number of milliseconds, was ${value}`);
  return value as EpochMs;
}

/** @throws InternalError when `value` is negative or not a whole number. */
export function durationMs(value: number): DurationMs {
  if (!Number.isSafeInteger(value) || value < 0) throw new InternalError(`a duration is a whole number >= 0, was ${value}`);
  return value as DurationMs;
}

export function addMs(instant: EpochMs, delay: number): EpochMs {
  return epochMs(instant + delay);
}

export const seconds = (value: number): DurationMs => durationMs(Math.round(value * 1_000));

/** The two venues of the hedge. */
export type VenueId = 'upbit' | 'binance';
/** The leg each venue carries: spot is long BTC/KRW on Upbit, perp is short BTC/USDT:USDT on Binance USD-M. */
export type Leg = 'spot' | 'perp';
export type Side = 'buy' | 'sell';

export const venueOfLeg = (leg: Leg): VenueId => (leg === 'spot' ? 'upbit' : 'binance');
export const legOfVenue = (venue: VenueId): Leg => (venue === 'upbit' ? 'spot' : 'perp');
