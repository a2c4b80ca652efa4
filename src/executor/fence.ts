import type { Lease } from './ports.js';

/**
 * A lease that was once seen lost stays lost for this life: another process may have traded meanwhile, so that what
 * this one believes is the past, and its watch over open positions has ended. Only a new start may trade again.
 */
export function fenced(lease: Lease): Lease {
  let isLost = false;
  return {
    held: () => {
      isLost ||= !lease.held();
      return !isLost;
    },
  };
}
