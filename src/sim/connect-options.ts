import type { Clock } from '../clock/clock.js';
import type { ClientProcess } from './client-call.js';

export interface ConnectOptions {
  readonly enableRateLimit: boolean;
  readonly incarnation: number;
  /** The process that the client lives in and its clock; one that nothing ever happens to unless given. */
  readonly process?: ClientProcess | undefined;
  readonly clock?: Clock | undefined;
}

/** A client of a process whose clock and life are its own. */
export type ProcessConnection = ConnectOptions & { readonly process: ClientProcess; readonly clock: Clock };
