import type { Clock } from '../../clock/clock.js';
import { parseFixed, type Fixed } from '../../core/money.js';
import { durationMs, epochMs, type EpochMs, type VenueId } from '../../core/units.js';
import { SYMBOLS } from '../../exchange/client-params.js';
import type { ClientOrder, ExchangeClient } from '../../exchange/exchange-client.js';
import type { MarketView } from '../../market/market-view.js';
import { BinanceReference } from './binance-account.js';
import { ClientCalls, THERE_MS, type CallResult } from './client-calls.js';
import type { ClientStep, CreateStep } from './client-step.js';
import { prepareOrder } from './order-ask.js';
import type { ReferenceBook } from './reference-book.js';
import type { Deviation, OrderAsk, ReferenceOrder, SeenTrade } from './reference-order.js';
import { ReferenceVenue, type Answer, type Arrival } from './reference-venue.js';
import { changeLeverage, changeMarginMode, changePositionMode } from './reference-settings.js';
import {
  binanceTrade,
  compareBinanceBalance,
  compareBinanceOrder,
  comparePositions,
  compareUpbitBalance,
  compareUpbitOrder,
  Comparison,
  upbitTrades,
} from './snapshot.js';
import type { UpbitReference } from './upbit-account.js';

const NOT_THERE: Readonly<Record<VenueId, string>> = { upbit: 'order_not_found', binance: '-2013' };
/** Open orders beyond this are cancelled first: each is looked at after each step. */
const OPEN_MAX = 8;
const LONG_WAIT_MS = 3_000_000;

/** What a session works with. */
export interface SessionParts {
  readonly venue: VenueId;
  readonly client: ExchangeClient;
  readonly clock: Clock;
  readonly market: MarketView;
  readonly account: UpbitReference | BinanceReference;
  readonly book: ReferenceBook;
  /** Somebody else's hand on the account. */
  readonly transfer: (asset: string, total: string) => void;
}

/** One client at one venue: carries steps out and after each holds everything it can see against the reference model. */
export class ClientSession {
  readonly calls: ClientCalls;
  readonly venue: ReferenceVenue;
  readonly refusals = new Map<string, number>();
  readonly #parts: SessionParts;
  #arrivals: Arrival[] = [];
  readonly #trades = new Set<string>();
  readonly #ids: string[] = [];
  #names = 0;
  #settledAt: EpochMs;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.calls = new ClientCalls(parts.venue, parts.clock);
    this.venue = new ReferenceVenue(parts.account, parts.book, parts.venue === 'binance');
    this.#settledAt = parts.clock.now();
  }

  /** Loads markets and brackets, and waits until these calls count no more. */
  async prepare(): Promise<void> {
    const { client, clock, venue } = this.#parts;
    await client.loadMarkets();
    if (venue === 'binance') await client.fetchPositions();
    await clock.sleep(durationMs(61_000));
    this.#settledAt = clock.now();
  }

  /** @returns everything in which the venue differed from the model. */
  async carryOut(step: ClientStep): Promise<readonly Deviation[]> {
    this.#arrivals = [];
    await this.#act(step);
    return this.#compare();
  }

  async #act(step: ClientStep): Promise<void> {
    switch (step.do) {
      case 'create':
        if (this.venue.open.length > OPEN_MAX) await this.#cancelAll();
        return this.#create(step);
      case 'cancel':
        return this.#cancelOne(step);
      case 'cancel-all':
        return this.#cancelAll();
      case 'wait':
        return this.#wait(step.ms);
      case 'flood':
        return this.#flood(step.calls, step.probe);
      case 'read':
        return this.#read(step.what);
      case 'transfer':
        return this.#transfer(step.asset, step.total);
      case 'leverage':
      case 'margin-mode':
      case 'position-mode':
        return this.#set(step);
    }
  }

  async #create(step: CreateStep): Promise<void> {
    const { venue, client, clock, book } = this.#parts;
    const mid = book.mid(clock.now());
    if (mid === undefined) return;
    const created: Promise<void>[] = [];
    for (let copy = 0; copy < step.copies; copy += 1) {
      const clientId = this.#nameFor(step);
      const order = prepareOrder(venue, client, step, mid, clientId);
      if (order.isUnsent) {
        created.push(this.calls.unsent('an order for nothing', order.create));
        continue;
      }
      created.push(this.calls.send('createOrder', order.create).then((result) => this.#created(order.ask, result)));
      if (step.cancelled && clientId !== undefined) created.push(this.#cancel(undefined, clientId));
    }
    await Promise.all(created);
  }

  #nameFor({ id, pick }: CreateStep): string | undefined {
    if (id === 'none') return undefined;
    const used = id === 'used' ? this.#ids[pick % Math.max(1, this.#ids.length)] : undefined;
    if (used !== undefined) return used;
    this.#names += 1;
    const name = `c-${this.#names}`;
    this.#ids.push(name);
    return name;
  }

  #created(ask: OrderAsk, result: CallResult<ClientOrder>): void {
    const answer = answerOf(result, ({ id }) => id ?? '');
    if (answer === undefined) return;
    if (!answer.ok) this.refusals.set(answer.code, (this.refusals.get(answer.code) ?? 0) + 1);
    this.#arrivals.push({ kind: 'create', at: result.at, sequence: result.sequence, ask, answer });
  }

  async #cancelOne(step: Extract<ClientStep, { do: 'cancel' }>): Promise<void> {
    const orders = step.of === 'open' ? this.venue.open : [...this.venue.orders.values()];
    const order = orders[step.pick % Math.max(1, orders.length)];
    if (order === undefined) return this.#cancel('no-such-order-9', undefined);
    const clientId = step.by === 'client-id' && this.#isLastOf(order) ? order.ask.clientId : undefined;
    return clientId === undefined ? this.#cancel(order.id, undefined) : this.#cancel(undefined, clientId);
  }

  /** A reused client id names the newest order that had it. */
  #isLastOf({ id, ask }: ReferenceOrder): boolean {
    return [...this.venue.orders.values()].findLast((order) => order.ask.clientId === ask.clientId)?.id === id;
  }

  async #cancelAll(): Promise<void> {
    const open = this.venue.open;
    await this.#room(open.map(() => 'cancelOrder'));
    await Promise.all(open.map(({ id }) => this.#cancel(id, undefined)));
  }

  async #cancel(id: string | undefined, clientId: string | undefined): Promise<void> {
    const { venue, client } = this.#parts;
    const params = clientId === undefined ? {} : venue === 'upbit' ? { identifier: clientId } : { clientOrderId: clientId };
    // ccxt's Upbit sends whatever id it is given first, so none must be given beside our own.
    const result = await this.calls.send('cancelOrder', () => client.cancelOrder(venue === 'binance' ? (id ?? '') : id, SYMBOLS[venue], params));
    const answer = answerOf(result, () => id ?? '');
    if (answer !== undefined) this.#arrivals.push({ kind: 'cancel', at: result.at, sequence: result.sequence, id, clientId, answer });
  }

  /** Days pass only while nothing rests: an idle account costs nothing, a resting order is looked at each second. */
  async #wait(ms: number): Promise<void> {
    if (ms >= LONG_WAIT_MS && this.venue.open.length > 0) await this.#cancelAll();
    await this.#parts.clock.sleep(durationMs(ms));
  }

  async #flood(count: number, probe: boolean): Promise<void> {
    const { venue, client, clock } = this.#parts;
    const one = (): Promise<unknown> =>
      venue === 'binance'
        ? this.calls.send('fetchPositionMode', () => client.fetchPositionMode())
        : this.calls.send('fetchBalance', () => client.fetchBalance());
    await Promise.all(Array.from({ length: count }, one));
    const until = this.calls.counters.bannedUntil;
    if (!probe || until <= clock.now() + THERE_MS) return;
    await clock.sleep(durationMs(until - 1 - THERE_MS - clock.now()));
    const before = one();
    await clock.sleep(durationMs(1));
    await Promise.all([before, one()]);
  }

  async #read(what: 'book' | 'ticker' | 'nothing-there'): Promise<void> {
    const { venue, client } = this.#parts;
    if (what === 'book') await this.calls.send('fetchOrderBook', () => client.fetchOrderBook(SYMBOLS[venue]));
    else if (what === 'ticker') await this.calls.send('fetchTicker', () => client.fetchTicker(SYMBOLS[venue]));
    else {
      const result = await this.calls.send('fetchOrder', () => client.fetchOrder('9', SYMBOLS[venue]));
      const isRight = result.kind === 'turned away' || (result.kind === 'refused' && result.code === NOT_THERE[venue]);
      if (!isRight) this.calls.deviations.push({ rule: 'look-up', expected: NOT_THERE[venue], found: result.kind });
    }
  }

  async #transfer(asset: 'KRW' | 'BTC' | 'USDT', total: string): Promise<void> {
    const { account, clock, transfer } = this.#parts;
    const amount = parseFixed<Fixed<string>>(total);
    transfer(asset, total);
    const act = (): readonly Deviation[] => {
      if (account instanceof BinanceReference) account.wallet = amount;
      else {
        // What orders hold cannot be taken away.
        const left = asset === 'USDT' ? 0n : amount < account.locked[asset] ? account.locked[asset] : amount;
        if (asset === 'KRW') account.krw = left;
        else account.btc = left;
      }
      return [];
    };
    this.#arrivals.push({ kind: 'act', at: clock.now(), sequence: this.calls.sent, act });
  }

  async #set(step: Extract<ClientStep, { do: 'leverage' | 'margin-mode' | 'position-mode' }>): Promise<void> {
    const { client, account } = this.#parts;
    if (!(account instanceof BinanceReference)) return;
    const send = (): Promise<CallResult<unknown>> => {
      if (step.do === 'leverage') return this.calls.send('setLeverage', () => client.setLeverage(step.leverage, SYMBOLS.binance));
      if (step.do === 'margin-mode') return this.calls.send('setMarginMode', () => client.setMarginMode(step.mode, SYMBOLS.binance));
      return this.calls.send('setPositionMode', () => client.setPositionMode(step.hedged, SYMBOLS.binance));
    };
    const result = await send();
    const answer = answerOf(result, () => '');
    if (answer === undefined) return;
    const open = (): number => this.venue.open.length;
    const act = (): readonly Deviation[] => {
      if (step.do === 'leverage') return changeLeverage(account, step.leverage, answer, result.at);
      if (step.do === 'margin-mode') return changeMarginMode(account, step.mode, answer, open());
      return changePositionMode(account, step.hedged, answer, open());
    };
    this.#arrivals.push({ kind: 'act', at: result.at, sequence: result.sequence, act });
  }

  /** Waits until so many calls find room under the venue's limits, and no ban stands. */
  async #room(methods: readonly string[]): Promise<void> {
    const { clock } = this.#parts;
    for (;;) {
      const wait = this.calls.counters.waitFor(methods, clock.now() + THERE_MS);
      if (wait === 0) return;
      await clock.sleep(durationMs(wait));
    }
  }

  /** Everything at one instant: orders, lists, trades, money, positions. */
  async #compare(): Promise<readonly Deviation[]> {
    const { venue, client, account } = this.#parts;
    const symbol = SYMBOLS[venue];
    const accepted = this.#arrivals.flatMap((arrival) => (arrival.kind === 'create' && arrival.answer.ok ? [arrival.answer.id] : []));
    const ended = [...this.venue.orders.values()].filter((order) => order.ended !== undefined);
    const old = ended[(this.calls.sent * 7) % Math.max(1, ended.length)];
    const names = [...new Set([...this.venue.open.map(({ id }) => id), ...accepted, ...(old === undefined ? [] : [old.id])])];
    const isPerp = account instanceof BinanceReference;
    await this.#room([...names.map(() => 'fetchOrder'), 'fetchBalance', 'fetchOpenOrders', ...(isPerp ? ['fetchMyTrades', 'fetchPositions'] : [])]);
    const since = this.#settledAt;
    const [orders, balance, open, trades, positions] = await Promise.all([
      Promise.all(names.map((id) => this.calls.send('fetchOrder', () => client.fetchOrder(id, symbol)))),
      this.calls.send('fetchBalance', () => client.fetchBalance()),
      this.calls.send('fetchOpenOrders', () => client.fetchOpenOrders(symbol)),
      isPerp ? this.calls.send('fetchMyTrades', () => client.fetchMyTrades(symbol, since)) : undefined,
      isPerp ? this.calls.send('fetchPositions', () => client.fetchPositions([symbol])) : undefined,
    ]);
    const at = epochMs(balance.at);
    const shown = orders.flatMap((result) => (result.kind === 'answered' ? [result.value] : []));
    const rows = trades?.kind === 'answered' ? trades.value.map(binanceTrade) : shown.flatMap(upbitTrades);
    this.#fund(at);
    const settled = this.venue.settle(this.#arrivals, this.#fresh(rows), at);
    this.#settledAt = at;
    const views: Deviation[] = [];
    if (shown.length < names.length) views.push({ rule: 'look-up', expected: `all of ${names.join(', ')} are found`, found: String(shown.length) });
    for (const order of shown) {
      const known = this.venue.orders.get(order.id ?? '');
      if (known === undefined) views.push({ rule: 'look-up', expected: 'an order of ours', found: String(order.id) });
      else views.push(...(isPerp ? compareBinanceOrder(known, order) : compareUpbitOrder(known, order)));
    }
    if (open.kind === 'answered') views.push(...this.#compareOpen(open.value));
    if (balance.kind === 'answered')
      views.push(...(isPerp ? compareBinanceBalance(account, balance.value, at) : compareUpbitBalance(account, balance.value)));
    if (isPerp && positions?.kind === 'answered') views.push(...comparePositions(account, positions.value));
    const limits = this.calls.deviations.splice(0);
    return [...limits, ...settled, ...views];
  }

  #compareOpen(open: readonly ClientOrder[]): readonly Deviation[] {
    const check = new Comparison();
    const [expected, found] = [this.venue.open.map(({ id }) => id), open.map(({ id }) => String(id))];
    check.word('open orders', 'open are', [...expected].sort().join(', '), [...found].sort().join(', '));
    return check.deviations;
  }

  #fresh(rows: readonly SeenTrade[]): readonly SeenTrade[] {
    return rows.filter(({ order, id }) => {
      const name = `${order}/${id}`;
      const isNew = !this.#trades.has(name);
      this.#trades.add(name);
      return isNew;
    });
  }

  /** Funding that was due since the last look. */
  #fund(until: EpochMs): void {
    const { market, account } = this.#parts;
    if (!(account instanceof BinanceReference)) return;
    let from = this.#settledAt;
    for (;;) {
      const due = market.nextFunding(from);
      if (due === undefined || due.at > until) return;
      const act = (): readonly Deviation[] => {
        account.settleFunding(due.rate, due.at);
        return [];
      };
      this.#arrivals.push({ kind: 'act', at: due.at, sequence: 0, act });
      from = due.at;
    }
  }
}

function answerOf<T>(result: CallResult<T>, idOf: (value: T) => string): Answer | undefined {
  if (result.kind === 'turned away') return undefined;
  return result.kind === 'answered' ? { ok: true, id: idOf(result.value) } : { ok: false, code: result.code };
}
