import { fixed, mulDiv, type Btc, type Fixed, type PriceUsdt, type Usdt } from '../core/money.js';
import type { EpochMs, Side } from '../core/units.js';
import { marginTiersAt, type MarginTier } from '../exchange/margin-tiers.js';
import { liquidationPrice, usdtOf } from './binance-margin.js';
import type { ForcedClose, Income } from './binance-income.js';
import type { FundingSettlement } from './binance-market-bodies.js';
import type { BinanceOrder } from './binance-order.js';
import { BinancePosition, type PositionSide } from './binance-position.js';
import { ListenKeys } from './listen-keys.js';
import type { Take } from './take.js';
import type { PostingReason } from './tape-event.js';
import type { VenueHost } from './venue-host.js';
import { futuresOf, type VenueRules } from './venue-rules.js';
import { LaggedViews } from './visibility.js';

const MILLION = 1_000_000n;
/** Tables change on the half hour at the earliest. */
const TIERS_STAY_MS = 1_800_000;

/** A position as readers may see it. */
export interface PositionState {
  readonly side: PositionSide;
  readonly quantity: Btc;
  readonly cost: bigint;
  readonly isolated: bigint;
  readonly updatedAt: number;
}

export interface AccountState {
  readonly wallet: bigint;
  readonly reserved: bigint;
  readonly positions: readonly PositionState[];
  readonly updatedAt: number;
}

/** The futures wallet, its positions and settings. Every movement of money goes through the ledger. */
export class BinanceAccount {
  readonly #host: VenueHost;
  readonly #positions = new Map<PositionSide, BinancePosition>();
  readonly #seen: LaggedViews<AccountState>;
  #reserved = 0n;
  #tiers: { readonly value: readonly MarginTier[]; readonly until: number } | undefined;
  /** The last answer of `liquidationPrice`: a held position is checked far more often than it changes. */
  #liquidation:
    | {
        readonly tiers: readonly MarginTier[];
        readonly quantity: bigint;
        readonly cost: bigint;
        readonly margin: bigint;
        readonly price: PriceUsdt | undefined;
      }
    | undefined;
  /** Settlements of funding that the data does not know: a scenario brought them about. */
  readonly forcedFunding: FundingSettlement[] = [];
  /** Every movement of the wallet since the run began. */
  readonly incomes: Income[] = [];
  readonly forcedCloses: ForcedClose[] = [];
  readonly listenKeys: ListenKeys;
  multiAssets = false;
  #forcedCount = 0;
  #changes = 0;
  #positionMode: 'oneway' | 'hedge';
  #marginMode: 'isolated' | 'cross';
  #leverage: number;

  constructor(host: VenueHost) {
    this.#host = host;
    this.#positionMode = host.world.positionMode;
    this.#marginMode = host.world.marginMode;
    this.#leverage = host.world.leverage;
    this.#seen = new LaggedViews<AccountState>(host.world, ['balance', 'positions']);
    this.#seen.start(this.state(), host.now());
    this.listenKeys = new ListenKeys({
      now: () => host.now(),
      schedule: (at, act) => host.schedule(at, act),
      make: () => `${host.uuid()}${host.uuid()}`.replaceAll('-', ''),
    });
  }

  get positionMode(): 'oneway' | 'hedge' {
    return this.#positionMode;
  }

  set positionMode(mode: 'oneway' | 'hedge') {
    this.#positionMode = mode;
    this.#host.configured('position-mode');
  }

  get marginMode(): 'isolated' | 'cross' {
    return this.#marginMode;
  }

  set marginMode(mode: 'isolated' | 'cross') {
    this.#marginMode = mode;
    this.#host.configured('margin-mode');
  }

  get leverage(): number {
    return this.#leverage;
  }

  set leverage(leverage: number) {
    this.#leverage = leverage;
    this.#host.configured('leverage');
  }

  /** The maintenance table in force. */
  get tiers(): readonly MarginTier[] {
    const now = this.#host.now();
    if (this.#tiers === undefined || now >= this.#tiers.until)
      this.#tiers = { value: marginTiersAt(now).value, until: now - (now % TIERS_STAY_MS) + TIERS_STAY_MS };
    return this.#tiers.value;
  }

  position(side: PositionSide): BinancePosition {
    let position = this.#positions.get(side);
    if (position === undefined) {
      position = new BinancePosition(side);
      this.#positions.set(side, position);
    }
    return position;
  }

  /** Positions that are open, in a fixed order. */
  get open(): readonly BinancePosition[] {
    return [...this.#positions.values()].filter((position) => position.quantity !== 0n);
  }

  /** The sum of all positions, signed. */
  get net(): Btc {
    return fixed(this.open.reduce((sum, position) => sum + position.quantity, 0n));
  }

  get wallet(): bigint {
    return this.#host.ledger.total('binance', 'USDT');
  }

  get reserved(): bigint {
    return this.#reserved;
  }

  /** What new orders may use at this mark. */
  available(mark: Fixed<string>): bigint {
    const isolated = this.open.reduce((sum, position) => sum + position.isolated, 0n);
    if (this.marginMode === 'isolated') return this.wallet - isolated - this.#reserved;
    const inUse = this.open.reduce((sum, position) => sum + this.marginFor(usdtOf(mark, position.size)), 0n);
    const unrealized = this.open.reduce((sum, position) => sum + position.unrealized(mark), 0n);
    return this.wallet + unrealized - inUse - this.#reserved;
  }

  /** Initial margin of a notional at the account's leverage. */
  marginFor(notionalUsdt: bigint): bigint {
    return mulDiv(notionalUsdt, 1n, BigInt(this.leverage), 'up');
  }

  /** Moves money in or out of the wallet and remembers it. @param tradeId - of the trade of ours that it comes from. */
  post(amount: bigint, reason: PostingReason, ref: string, tradeId?: string): void {
    this.#host.ledger.post('binance', 'USDT', amount, reason, ref);
    if (amount !== 0n) this.incomes.push({ at: this.#host.now(), reason, amount, tradeId });
  }

  /** Changes what an open order holds. */
  reserve(order: BinanceOrder, amount: bigint): void {
    this.#reserved += amount - order.reserved;
    order.reserved = amount;
  }

  /** Books a trade and its fee; returns what it realised. */
  trade(order: BinanceOrder, take: Take, fee: bigint, tradeId: string): Usdt {
    const position = this.position(order.positionSide);
    const isolated = this.marginMode === 'isolated';
    const realized = position.trade(order.side, take.quantity, take.price, (opened) => (isolated ? this.marginFor(opened) : 0n));
    position.updatedAt = this.#host.now();
    this.post(realized, 'realized-pnl', tradeId, tradeId);
    this.post(-fee, 'fee', tradeId, tradeId);
    return realized;
  }

  /** A positive rate is paid by the long to the short; the position's isolated margin takes part. */
  settleFunding(rate: number, mark: PriceUsdt, markNumber: number): void {
    const ratePpb = BigInt(Math.round(rate * 1e9));
    for (const position of this.open) {
      const paid = mulDiv(usdtOf(mark, position.size), ratePpb, 1_000_000_000n, 'half-up');
      const amount = position.quantity < 0n ? paid : -paid;
      if (position.isolated > 0n) position.isolated += amount;
      this.#host.write({ type: 'funding', rate, markPrice: markNumber, position: position.quantity, amount: fixed(amount) });
      this.post(amount, 'funding', `funding-${this.#host.now()}`);
    }
    this.touch('funding');
  }

  /** Where this position is liquidated under the table in force; undefined when it cannot be. */
  liquidationPrice(position: Pick<BinancePosition, 'quantity' | 'cost' | 'isolated'>): PriceUsdt | undefined {
    const { quantity, cost } = position;
    const { tiers } = this;
    if (quantity === 0n) return undefined;
    const margin = this.marginMode === 'isolated' ? position.isolated : this.wallet;
    const known = this.#liquidation;
    if (known?.tiers === tiers && known.quantity === quantity && known.cost === cost && known.margin === margin) return known.price;
    const price = liquidationPrice(tiers, quantity, cost, margin);
    this.#liquidation = { tiers, quantity, cost, margin, price };
    return price;
  }

  /**
   * Closes `quantity` of a position at `price` without an order of ours. A liquidation takes its own fee, a trade of
   * somebody else on our account the taker fee, ADL none; never more than the position's own margin is lost in a
   * liquidation: what is missing is the insurance fund's.
   */
  force(kind: 'liquidation' | 'adl' | 'external', position: BinancePosition, quantity: bigint, price: PriceUsdt): void {
    const host = this.#host;
    const side: Side = position.quantity < 0n ? 'buy' : 'sell';
    const margin = this.marginMode === 'isolated' ? position.isolated : this.wallet;
    const realized = position.trade(side, quantity, price, () => 0n);
    const afterLoss = margin + realized > 0n ? margin + realized : 0n;
    const wanted = mulDiv(usdtOf(price, quantity), feePpm(kind, host.rules()), MILLION, 'up');
    const fee = wanted < afterLoss ? wanted : afterLoss;
    const loss = kind === 'liquidation' && realized < -margin ? -margin : realized;
    this.#forcedCount += 1;
    const ref = `forced-${this.#forcedCount}`;
    host.write({ type: 'forced', kind, quantity: fixed(side === 'buy' ? quantity : -quantity), price, fee: fixed(fee) });
    this.post(loss, 'realized-pnl', ref);
    this.post(-fee, kind === 'liquidation' ? 'liquidation' : 'fee', ref);
    if (kind !== 'external')
      this.forcedCloses.push({ at: host.now(), kind, side, positionSide: position.side, quantity, price, quote: usdtOf(price, quantity) });
    position.updatedAt = host.now();
    host.forced('perp', { kind, side, quantity: fixed(quantity), price, fee, realized: loss, positionSide: position.side });
    this.touch(ref);
  }

  state(): AccountState {
    return {
      wallet: this.wallet,
      reserved: this.#reserved,
      positions: this.open.map(({ side, quantity, cost, isolated, updatedAt }) => ({ side, quantity, cost, isolated, updatedAt })),
      updatedAt: this.#host.now(),
    };
  }

  /** What a reader of balance or positions sees at `at`. */
  visible(kind: 'balance' | 'positions', at: EpochMs = this.#host.now()): AccountState {
    return this.#seen.read(kind, at) ?? this.state();
  }

  /** Makes the present state visible after the venue's lag. */
  touch(point: string): void {
    this.#changes += 1;
    const place = `${point}|a${this.#changes}`;
    this.#seen.push(this.state(), this.#host.now(), 'visibility/account', (purpose, lag) => this.#host.draw(purpose, lag, place));
  }
}

function feePpm(kind: 'liquidation' | 'adl' | 'external', rules: VenueRules): bigint {
  if (kind === 'adl') return 0n;
  return kind === 'liquidation' ? futuresOf(rules).liquidationFeePpm : rules.takerFeePpm;
}
