import type { VenueCall } from './fault-session.js';

interface Remembered<Owner> {
  readonly owner: Owner;
  readonly until: number;
}

/** Orders that a venue denies for a while, under either of the names a read may use. */
export class NotFoundMemory<Owner> {
  readonly #orders = new Map<string, Remembered<Owner>>();

  remember(call: VenueCall, owner: Owner, until: number): void {
    for (const name of namesOf(call)) this.#orders.set(name, { owner, until });
  }

  recall(call: VenueCall): Remembered<Owner> | undefined {
    if (call.method !== 'fetchOrder') return undefined;
    for (const name of namesOf(call)) {
      const remembered = this.#orders.get(name);
      if (remembered !== undefined && call.at < remembered.until) return remembered;
    }
    return undefined;
  }
}

function namesOf(call: VenueCall): string[] {
  const names: string[] = [];
  if (call.clientOrderId !== undefined) names.push(`${call.venue}/client/${call.clientOrderId}`);
  if (call.orderId !== undefined) names.push(`${call.venue}/order/${call.orderId}`);
  return names;
}
