import type { UpbitOrder } from '../../../sim/upbit-order.js';
import type { UpbitStreamSource } from '../../../sim/stream-sources.js';
import type { VenueEvent } from '../../../sim/venue-feed.js';
import type { Belonging } from '../stream-link.js';
import { myAssetMessage, myOrderMessage, type UpbitAsset, type UpbitMessage, type UpbitOrderStep } from './upbit-messages.js';

type Hear = (type: 'myOrder' | 'myAsset', belonging: Belonging, message: UpbitMessage) => void;

const CURRENCIES = ['KRW', 'BTC'] as const;
const ORDERS: Belonging = { channels: ['orders'], isPublic: false };
/** A trade of ours is news of its order, and of our trades. */
const OWN_TRADES: Belonging = { channels: ['orders', 'trades'], isPublic: false };
const BALANCE: Belonging = { channels: ['balance'], isPublic: false };

/** What `myOrder` and `myAsset` say, made at each step of the venue of what is true at it. */
export class UpbitUserEvents {
  readonly #source: UpbitStreamSource;
  readonly #listeners = new Set<Hear>();
  #told: ReadonlyMap<string, string>;

  constructor(source: UpbitStreamSource) {
    this.#source = source;
    this.#told = figures(this.#assets());
    source.feed.listen((event) => this.#tell(event));
  }

  listen(hear: Hear): () => void {
    this.#listeners.add(hear);
    return () => void this.#listeners.delete(hear);
  }

  #tell(event: VenueEvent<UpbitOrder>): void {
    if (event.kind === 'opened' || event.kind === 'ended') this.#sayOrder(ORDERS, event.order, { kind: event.kind });
    const trade = event.kind === 'traded' ? event.order.trades.at(-1) : undefined;
    if (event.kind === 'traded' && trade !== undefined) this.#sayOrder(OWN_TRADES, event.order, { kind: 'traded', trade });
    this.#sayAssets();
  }

  #sayOrder(belonging: Belonging, order: UpbitOrder, step: UpbitOrderStep): void {
    if (this.#listeners.size === 0) return;
    const message = myOrderMessage(this.#source.now(), order, step);
    for (const hear of this.#listeners) hear('myOrder', belonging, message);
  }

  /** Only what has changed. */
  #sayAssets(): void {
    const assets = this.#assets();
    const now = figures(assets);
    const changed = assets.filter(({ currency }) => now.get(currency) !== this.#told.get(currency));
    this.#told = now;
    if (changed.length === 0 || this.#listeners.size === 0) return;
    const message = myAssetMessage(this.#source.now(), this.#source.uuids.next(), changed);
    for (const hear of this.#listeners) hear('myAsset', BALANCE, message);
  }

  #assets(): readonly UpbitAsset[] {
    const { account } = this.#source.venue;
    return CURRENCIES.map((currency) => ({ currency, free: account.free(currency), locked: account.locked(currency) }));
  }
}

const figures = (assets: readonly UpbitAsset[]): ReadonlyMap<string, string> =>
  new Map(assets.map(({ currency, free, locked }) => [currency, `${free}/${locked}`]));
