import type { EpochMs } from '../core/units.js';

/** Twice as long as anybody looks back for trades of theirs. */
const KEPT_MS = 172_800_000;

/** Orders of ours on the perpetual, by our id: the venue's ids that we know of each. */
export class PerpOrders {
  readonly #orders = new Map<string, { readonly sentAt: EpochMs; readonly orderIds: Set<string> }>();
  readonly #adopted = new Set<string>();

  sent(clientOrderId: string, sentAt: EpochMs): void {
    if (!this.#orders.has(clientOrderId)) this.#orders.set(clientOrderId, { sentAt, orderIds: new Set() });
  }

  named(clientOrderId: string, orderId: string | undefined): void {
    if (orderId !== undefined) this.#orders.get(clientOrderId)?.orderIds.add(orderId);
  }

  adopted(orderIds: readonly string[]): void {
    for (const orderId of orderIds) this.#adopted.add(orderId);
  }

  hasSent(clientOrderId: string): boolean {
    return this.#orders.has(clientOrderId);
  }

  knows(orderId: string): boolean {
    return this.#adopted.has(orderId) || [...this.#orders.values()].some(({ orderIds }) => orderIds.has(orderId));
  }

  /** A book stays small over years: what nobody looks back to is forgotten. */
  forgetBefore(now: EpochMs): void {
    for (const [clientOrderId, { sentAt }] of this.#orders) if (now - sentAt > KEPT_MS) this.#orders.delete(clientOrderId);
  }
}
