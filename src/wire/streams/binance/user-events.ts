import type { BinanceOrder } from '../../../sim/binance-order.js';
import type { BinancePosition, PositionSide } from '../../../sim/binance-position.js';
import type { BinanceStreamSource } from '../../../sim/stream-sources.js';
import type { VenueEvent } from '../../../sim/venue-feed.js';
import type { ForcedTrade } from '../../../sim/venue-host.js';
import type { Beats } from '../beat.js';
import type { Belonging } from '../stream-link.js';
import type { BinanceMessage } from './market-messages.js';
import {
  accountConfigUpdate,
  accountUpdate,
  foreignOrderUpdates,
  marginCall,
  marginRatio,
  orderTradeUpdate,
  tradeLite,
  type AccountChange,
} from './user-messages.js';

type Hear = (belonging: Belonging, message: BinanceMessage) => void;

/** A margin call goes out when maintenance takes up so much of a position's margin: an assumption (docs/wire.md). */
const MARGIN_CALL_RATIO = 0.8;
const MARGIN_LOOK_MS = 1_000;
/** Orders of others have numbers from here. */
const FOREIGN_ORDER_ID = 900_000_000_001;
const FOREIGN_TRADE_ID = 9_000_001;

const ORDERS: Belonging = { channels: ['orders'], isPublic: false };
/** A trade of ours is news of its order, and of our trades. */
const OWN_TRADES: Belonging = { channels: ['orders', 'trades'], isPublic: false };
const BALANCE: Belonging = { channels: ['balance'], isPublic: false };

/** What the account's user data stream says, made at each step of the venue of what is true at it. */
export class BinanceUserEvents {
  readonly #source: BinanceStreamSource;
  readonly #beats: Beats;
  readonly #realized = new Map<PositionSide, bigint>();
  readonly #listeners = new Set<Hear>();
  /** Positions that were called already and have not recovered. */
  readonly #called = new Set<PositionSide>();
  #stopLooking: (() => void) | undefined;
  #foreign = 0;

  constructor(source: BinanceStreamSource, beats: Beats) {
    this.#source = source;
    this.#beats = beats;
    source.feed.listen((event) => this.#tell(event));
  }

  /** @returns ends it. */
  listen(hear: Hear): () => void {
    this.#listeners.add(hear);
    this.#stopLooking ??= this.#beats.every(MARGIN_LOOK_MS, () => this.#lookAtMargin());
    return () => {
      this.#listeners.delete(hear);
      if (this.#listeners.size > 0) return;
      this.#stopLooking?.();
      this.#stopLooking = undefined;
    };
  }

  #tell(event: VenueEvent<BinanceOrder>): void {
    switch (event.kind) {
      case 'opened':
        this.#say(ORDERS, orderTradeUpdate(this.#source.now(), event.order, { kind: 'opened' }));
        return;
      case 'traded':
        this.#traded(event.order);
        return;
      case 'ended':
        // The last trade has said it already.
        if (event.order.ended !== 'filled') this.#say(ORDERS, orderTradeUpdate(this.#source.now(), event.order, { kind: 'ended' }));
        return;
      case 'forced':
        this.#forced(event.trade);
        return;
      case 'moved':
        this.#moved(event.reason, event.amount);
        return;
      case 'configured':
        this.#configured(event.setting);
    }
  }

  #traded(order: BinanceOrder): void {
    const trade = order.trades.at(-1);
    if (trade === undefined) return;
    const now = this.#source.now();
    this.#addRealized(order.positionSide, trade.realized);
    this.#say(OWN_TRADES, tradeLite(now, order, trade));
    this.#sayAccount('ORDER', 0n, [this.#account.position(order.positionSide)]);
    this.#say(OWN_TRADES, orderTradeUpdate(now, order, { kind: 'traded', trade }));
  }

  #forced(trade: ForcedTrade): void {
    this.#foreign += 1;
    this.#addRealized(trade.positionSide, trade.realized);
    this.#sayAccount('ORDER', 0n, [this.#account.position(trade.positionSide)]);
    const ids = { orderId: FOREIGN_ORDER_ID + this.#foreign, tradeId: FOREIGN_TRADE_ID + this.#foreign };
    for (const message of foreignOrderUpdates(this.#source.now(), trade, ids)) this.#say(OWN_TRADES, message);
  }

  #moved(reason: 'deposit' | 'funding' | 'external', amount: bigint): void {
    // A cross position is not told of its funding.
    const positions = reason === 'funding' && this.#account.marginMode === 'isolated' ? this.#account.open : [];
    if (reason === 'funding') this.#sayAccount('FUNDING_FEE', amount, positions);
    else this.#sayAccount(amount < 0n ? 'WITHDRAW' : 'DEPOSIT', amount, []);
  }

  #configured(setting: 'leverage' | 'margin-mode' | 'position-mode'): void {
    if (setting === 'leverage') this.#say(BALANCE, accountConfigUpdate(this.#source.now(), this.#account.leverage));
    else if (setting === 'margin-mode') this.#sayAccount('MARGIN_TYPE_CHANGE', 0n, [this.#account.position('BOTH')]);
  }

  #lookAtMargin(): void {
    const { venue, now } = this.#source;
    const mark = venue.mark();
    if (mark === undefined) return;
    const open = this.#account.open;
    const inDanger = open.filter((position) => marginRatio(this.#account, position, mark) >= MARGIN_CALL_RATIO);
    const fresh = inDanger.filter(({ side }) => !this.#called.has(side));
    this.#called.clear();
    for (const { side } of inDanger) this.#called.add(side);
    if (fresh.length > 0) this.#say(BALANCE, marginCall(now(), this.#account, fresh, mark));
  }

  get #account(): BinanceStreamSource['venue']['account'] {
    return this.#source.venue.account;
  }

  #addRealized(side: PositionSide, amount: bigint): void {
    this.#realized.set(side, (this.#realized.get(side) ?? 0n) + amount);
  }

  #sayAccount(reason: AccountChange['reason'], moved: bigint, positions: readonly BinancePosition[]): void {
    const { now, venue } = this.#source;
    const realized = ({ side }: BinancePosition): bigint => this.#realized.get(side) ?? 0n;
    this.#say(BALANCE, accountUpdate(now(), this.#account, { reason, moved, positions, realized, mark: venue.mark() }));
  }

  #say(belonging: Belonging, message: BinanceMessage): void {
    for (const hear of this.#listeners) hear(belonging, message);
  }
}
