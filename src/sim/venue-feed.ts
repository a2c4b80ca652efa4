import type { PostingReason } from './tape-event.js';
import type { AccountSetting, ForcedTrade } from './venue-host.js';

/** Something that happened at a venue; the venue's own objects already show it when it is told. */
export type VenueEvent<Order> =
  | { readonly kind: 'opened' | 'ended'; readonly order: Order }
  /** The trade is the last one of the order's own. */
  | { readonly kind: 'traded'; readonly order: Order }
  /** A position changed without an order of ours. */
  | { readonly kind: 'forced'; readonly trade: ForcedTrade }
  /** Money moved that no trade of ours moved. */
  | { readonly kind: 'moved'; readonly reason: Extract<PostingReason, 'deposit' | 'funding' | 'external'>; readonly amount: bigint }
  | { readonly kind: 'configured'; readonly setting: AccountSetting };

type Listener<Order> = (event: VenueEvent<Order>) => void;

/** What happens at one venue, in the venue's order of events, for those who must see accounts as they were at each of them. */
export class VenueFeed<Order> {
  readonly #listeners = new Set<Listener<Order>>();

  /** @returns ends it. */
  listen(listener: Listener<Order>): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(event: VenueEvent<Order>): void {
    for (const listener of this.#listeners) listener(event);
  }
}
