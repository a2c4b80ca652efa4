import { assert } from '../core/assert.js';
import { fixed, type Asset, type Btc, type Fixed } from '../core/money.js';
import { uniformAt, type RandomStreams } from '../core/random.js';
import type { EpochMs, Leg, VenueId } from '../core/units.js';
import { marginTiersAt } from '../exchange/margin-tiers.js';
import type { DelayDistribution, InstantAction, ProcessAction } from '../faults/fault-action.js';
import type { FaultSession, ProcessStep, TruthEvent } from '../faults/fault-session.js';
import type { StatePath, StateValue } from '../faults/state-predicate.js';
import type { World } from '../faults/world.js';
import type { HaltLevel } from '../journal/journal-event.js';
import type { MarketView } from '../market/market-view.js';
import { balancesOf, changeAccount } from './account-changes.js';
import { BinanceClient } from './binance-client.js';
import { BinanceVenue } from './binance-venue.js';
import { MARGIN_CARD } from './binance-margin.js';
import type { BinanceOrder } from './binance-order.js';
import type { BookOrder } from './book-order.js';
import { Bookkeeper, MARKS_CARD } from './bookkeeper.js';
import { closingEntries } from './closing-entries.js';
import type { ConnectOptions } from './connect-options.js';
import { assertConserved } from './conservation.js';
import { FlowTruth, type FlowDecision, type FlowKind } from './flow-truth.js';
import { Ledger } from './ledger.js';
import { liquidityCard, VenueLiquidity } from './liquidity.js';
import { RATE_CARD } from './rate-counter.js';
import { soundProcess } from './client-call.js';
import { RequestPipeline } from './request-pipeline.js';
import { readState } from './read-state.js';
import { runVenueHost } from './run-venue-host.js';
import type { SimulatedClient } from './simulated-client.js';
import type { StreamSource, StreamSources } from './stream-sources.js';
import type { Tape } from './tape-event.js';
import { UpbitClient } from './upbit-client.js';
import type { UpbitOrder } from './upbit-order.js';
import { UpbitVenue } from './upbit-venue.js';
import { UuidSource } from './uuid-source.js';
import { venueCalls, type VenueCalls } from './venue-calls.js';
import { venueHistories, type VenueHistories } from './venue-histories.js';
import type { VenueGate, VenueGates } from './venue-gate.js';
import { VenueFeed } from './venue-feed.js';
import type { TruthEntry, VenueHost } from './venue-host.js';
import { RuleBook } from './rule-book.js';
import type { VenueRules } from './venue-rules.js';
import type { VirtualClock } from './virtual-clock.js';
import { DelaySampler } from './delay.js';

export interface SimulationOptions {
  readonly clock: VirtualClock;
  readonly market: MarketView;
  readonly world: World;
  readonly faults: FaultSession;
  readonly seeds: RandomStreams;
  readonly tape: Tape;
  readonly run: {
    readonly version: string;
    readonly seed: string;
    readonly mode: string;
    readonly executor: string;
    readonly scenario?: string | undefined;
    readonly dataHash?: string | undefined;
  };
  /** How fast a book recovers from what we took: half of it after this; 3 s by default. */
  readonly refillHalfLifeMs?: number | undefined;
  /** Sees every step of the process before faults do: where an explorer learns at which points it could die. */
  readonly onStep?: ((step: ProcessStep) => void) | undefined;
  /** Carries out a `crash` fault: kills the clients of the process that dies and starts the next one. */
  readonly onCrash?: ((fault: string, action: Extract<InstantAction, { kind: 'crash' }>) => void) | undefined;
  /** Carries out what a fault does to the process otherwise, or to a stream of `venue`. */
  readonly onProcess?: ((fault: string, action: ProcessAction, venue: VenueId | undefined) => void) | undefined;
}

/**
 * Both simulated venues, the network to them and the truth about them. A run connects clients, begins and ends
 * flows, and at the end calls `finish`, which proves that no unit of money appeared or vanished.
 */
export class Simulation {
  readonly #options: SimulationOptions;
  readonly #keys = new Map<string, ReturnType<RandomStreams['key']>>();
  readonly #sampler = new DelaySampler();
  readonly #truth = new FlowTruth();
  readonly #feeds = { upbit: new VenueFeed<UpbitOrder>(), binance: new VenueFeed<BinanceOrder>() };
  readonly #ledger: Ledger;
  readonly #rules: Readonly<Record<VenueId, RuleBook>>;
  readonly #liquidity: Readonly<Record<VenueId, VenueLiquidity>>;
  readonly #histories: VenueHistories;
  readonly #upbit: UpbitVenue;
  readonly #binance: BinanceVenue;
  readonly #books: Bookkeeper;
  readonly #pipelines: Readonly<Record<VenueId, RequestPipeline>>;
  readonly #calls: VenueCalls;
  readonly #rolledBack = new Set<number>();
  #asOf: EpochMs | undefined;
  #requests = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const { clock, tape, run, faults, market } = options;
    tape.write({ t: clock.now(), type: 'run', ...run });
    const { upbit, binance } = options.world.venues;
    this.#rules = { upbit: new RuleBook('upbit', upbit.rules), binance: new RuleBook('binance', binance.rules) };
    this.#ledger = new Ledger((venue, asset, amount, reason, ref) => {
      this.#write({ type: 'posting', venue, asset, amount, reason, ref });
      if (reason === 'deposit' || reason === 'funding' || reason === 'external') this.#feeds[venue].tell({ kind: 'moved', reason, amount });
    });
    for (const venue of ['upbit', 'binance'] as const) this.#deposit(venue);
    this.#liquidity = { upbit: this.#liquidityOf('upbit'), binance: this.#liquidityOf('binance') };
    const moment = { market, now: () => this.#now(), rulesOf: (venue: VenueId) => this.#rulesOf(venue) };
    this.#histories = venueHistories({ ...moment, liquidity: this.#liquidity, key: (name) => this.#key(name) });
    this.#upbit = new UpbitVenue(this.#venueHost('upbit', this.#feeds.upbit));
    this.#binance = new BinanceVenue(this.#venueHost('binance', this.#feeds.binance));
    this.#books = new Bookkeeper(
      {
        market,
        upbit: this.#liquidity.upbit,
        binance: this.#liquidity.binance,
        truth: this.#truth,
        venue: this.#binance,
        lot: this.#rulesOf('binance').quantityStep,
        asOf: (at, act) => this.#actAsOf(at, act),
        write: (entry) => this.#write(entry),
      },
      clock.now(),
    );
    const venues = { upbit: this.#upbit, binance: this.#binance };
    this.#calls = venueCalls({ ...moment, histories: this.#histories, venues, liquidity: this.#liquidity });
    this.#pipelines = { upbit: this.#pipelineOf('upbit'), binance: this.#pipelineOf('binance') };
    faults.start({
      schedule: (at, act) => void this.#schedule(at, act),
      apply: (fault, action, venue) => this.#apply(fault, action, venue),
      fired: (fault, action, stage, request, detail) => this.#write({ type: 'fault', fault, action, stage, request, detail }),
      now: () => clock.now(),
      read: (path) => this.#read(path),
    });
  }

  /** What is assumed besides the market's own card, one sentence each. */
  get card(): readonly string[] {
    const { caveat } = marginTiersAt(this.#options.world.start);
    return [...liquidityCard(this.#options.refillHalfLifeMs), ...RATE_CARD, ...MARGIN_CARD, ...MARKS_CARD, ...(caveat === undefined ? [] : [caveat])];
  }

  connect(venue: 'upbit', options: ConnectOptions): UpbitClient;
  connect(venue: 'binance', options: ConnectOptions): BinanceClient;
  connect(venue: VenueId, options: ConnectOptions): SimulatedClient;
  connect(venue: VenueId, options: ConnectOptions): SimulatedClient {
    // A client goes on with the rules that it loaded: what changes at the venue later it does not see.
    let edition = this.#rules[venue].edition;
    const process = options.process ?? soundProcess(options.incarnation);
    const base = {
      clock: options.clock ?? this.#options.clock,
      pipeline: this.#pipelines[venue],
      process,
      enableRateLimit: options.enableRateLimit,
      world: this.#options.world.venues[venue],
      rules: () => this.#rules[venue].at(this.#now(), edition),
      onMarketsLoaded: () => {
        edition = this.#rules[venue].edition;
      },
      uuids: this.#idsOf(venue, options.incarnation),
    };
    return venue === 'upbit' ? new UpbitClient(base, this.#calls.upbit) : new BinanceClient(base, this.#calls.binance);
  }

  /** Both venues for those who speak their wire: the same calls, network and truth as behind `connect`. */
  get gates(): VenueGates {
    return { upbit: this.#gateOf('upbit', this.#calls.upbit), binance: this.#gateOf('binance', this.#calls.binance) };
  }

  /** What streams over a wire are made of: the truth about both venues as it comes to be. */
  get streamSources(): StreamSources {
    const common = <Order, Venue>(id: VenueId, venue: Venue, feed: VenueFeed<Order>): StreamSource<Order, Venue> => ({
      venue,
      feed,
      world: this.#options.world.venues[id],
      market: this.#options.market,
      liquidity: this.#liquidity[id],
      history: this.#histories[id],
      uuids: new UuidSource(this.#key(`stream-ids/${id}`)),
      latencyKey: this.#key(`stream/${id}`),
      now: () => this.#now(),
      schedule: (at, act) => this.#schedule(at, act),
      rules: () => this.#rulesOf(id),
    });
    return {
      upbit: common('upbit', this.#upbit, this.#feeds.upbit),
      binance: {
        ...common('binance', this.#binance, this.#feeds.binance),
        marks: this.#histories.marks,
        listenKeys: this.#binance.account.listenKeys,
      },
    };
  }

  beginFlow(kind: FlowKind, quantity: Btc, decision: FlowDecision): number {
    this.#wake();
    const flow = this.#truth.begin(kind, quantity);
    this.#write({ type: 'flow.begin', flow, kind, quantity, ...decision });
    this.#books.changed(this.#now());
    this.#options.faults.observe({ event: 'flow.start', at: this.#now(), flow });
    return flow;
  }

  endFlow(flow: number, outcome: string, error?: string): void {
    this.#wake();
    this.#truth.end(flow, this.#now());
    this.#write({ type: 'flow.end', flow, outcome, error });
    this.#books.changed(this.#now());
  }

  /** The process died or a new one began; the driver kills and connects clients itself. */
  processEvent(event: 'crash' | 'restart' | 'refused' | 'takeover', incarnation: number): void {
    this.#wake();
    this.#write({ type: 'process', event, incarnation });
    if (event === 'crash' || event === 'refused') return;
    this.#truth.restart();
    this.#options.faults.observe({ event: 'process.restart', at: this.#now() });
  }

  /** Somebody outside throws the kill switch or releases it; the driver tells the executor itself. */
  operatorStep(action: 'kill-switch' | 'unlock', level?: HaltLevel): void {
    this.#write({ type: 'operator', action, level });
  }

  /** Something that a reader of the tape should know. */
  note(text: string): void {
    this.#write({ type: 'note', text });
  }

  /** An executor's journal says that an intent is durable; anchors of faults wait for it. */
  observe(event: TruthEvent): void {
    this.#options.faults.observe(event);
  }

  /** Where a step of the process that is no call stands; to be reported with `step` at each of its moments. */
  stepPlace(name: string, incarnation: number): { readonly flow: number; readonly point: string } {
    return this.#truth.stepPlace(name, incarnation);
  }

  /** The process has come to a step; when this returns it may be dead. */
  step(step: Omit<ProcessStep, 'at'>): void {
    const { faults, onStep } = this.#options;
    // A fresh literal of its writer, like what is written: stamped rather than copied.
    const stamped: ProcessStep = Object.assign(step, { at: this.#now() });
    onStep?.(stamped);
    faults.step(stamped);
  }

  /** Spot executed since the run began: bought less sold. */
  spot(): Btc {
    this.#wake();
    return this.#truth.spot;
  }

  /** The perpetual position, negative when short. */
  perp(): Btc {
    this.#wake();
    return this.#truth.perp;
  }

  residual(): Btc {
    this.#wake();
    return this.#truth.residual;
  }

  /** What makes the legs unequal by a lot or more and no client need know of yet. */
  unseen(lot: Btc): Record<Leg, Btc> {
    return this.#truth.unseen(lot, this.#now());
  }

  openOrders(venue?: VenueId): number {
    const upbit = venue === 'binance' ? 0 : this.#upbit.openOrders;
    return upbit + (venue === 'upbit' ? 0 : this.#binance.openOrders);
  }

  balance(venue: VenueId, asset: Asset): Fixed<string> {
    this.#wake();
    return fixed(this.#ledger.total(venue, asset));
  }

  /** Brings funding, liquidation and marks up to the present. */
  settle(): void {
    this.#wake();
  }

  /** Writes the closing balances and position, and proves conservation. Nothing may be sent afterwards. */
  finish(): void {
    this.#wake();
    this.#books.mark('end', this.#now());
    for (const entry of closingEntries(this.#ledger, this.#binance)) this.#write(entry);
    assertConserved(this.#options.tape.events, (venue, asset) => this.#ledger.total(venue, asset));
    assert(this.#binance.account.net === this.#truth.perp, 'the perpetual position is the sum of its trades');
  }

  #now(): EpochMs {
    return this.#asOf ?? this.#options.clock.now();
  }

  #actAsOf(at: EpochMs, act: () => void): void {
    const before = this.#asOf;
    this.#asOf = at;
    try {
      act();
    } finally {
      this.#asOf = before;
    }
  }

  /** While the books act in the past they must not be woken again. */
  #wake(): void {
    if (this.#asOf === undefined) this.#books.wake(this.#options.clock.now());
  }

  #schedule(at: EpochMs, act: () => void): { cancel(): void } {
    return this.#options.clock.schedule(at, () => {
      this.#wake();
      act();
    });
  }

  #write(entry: TruthEntry): void {
    // Every entry is a fresh literal of its writer: stamping it spares a copy of each event.
    this.#options.tape.write(Object.assign(entry, { t: this.#now() }));
  }

  #key(name: string): ReturnType<RandomStreams['key']> {
    let key = this.#keys.get(name);
    if (key === undefined) {
      key = this.#options.seeds.key(name);
      this.#keys.set(name, key);
    }
    return key;
  }

  #rulesOf(venue: VenueId): VenueRules {
    return this.#rules[venue].at(this.#now());
  }

  #deposit(venue: VenueId): void {
    for (const [asset, amount] of balancesOf(venue, this.#options.world.venues[venue].balances)) {
      this.#write({ type: 'deposit', venue, asset, amount });
      this.#ledger.post(venue, asset, amount, 'deposit', 'opening');
    }
  }

  #liquidityOf(venue: VenueId): VenueLiquidity {
    const { market, faults } = this.#options;
    return new VenueLiquidity({
      venue,
      market,
      windows: (at) => faults.windows(venue, at),
      tick: (price) => this.#rulesOf(venue).tick(price),
      quantityStep: this.#rulesOf(venue).quantityStep,
      refillHalfLifeMs: this.#options.refillHalfLifeMs,
    });
  }

  #venueHost<Order extends BookOrder>(venue: VenueId, feed: VenueFeed<Order>): VenueHost<Order> {
    const { faults, world } = this.#options;
    return runVenueHost<Order>({
      venue,
      feed,
      faults,
      world: world.venues[venue],
      ledger: this.#ledger,
      truth: this.#truth,
      books: () => this.#books,
      liquidity: this.#liquidity[venue],
      history: this.#histories[venue],
      uuids: new UuidSource(this.#key(`ids/${venue}`)),
      rules: () => this.#rulesOf(venue),
      now: () => this.#now(),
      schedule: (at, act) => void this.#schedule(at, act),
      draw: (purpose, distribution, point) => this.#draw(venue, purpose, distribution, point),
      write: (entry) => this.#write(entry),
    });
  }

  #gateOf<Calls>(venue: VenueId, calls: Calls): VenueGate<Calls> {
    return {
      calls,
      pipeline: this.#pipelines[venue],
      world: this.#options.world.venues[venue],
      now: () => this.#now(),
      rules: () => this.#rulesOf(venue),
      idsOf: (incarnation) => this.#idsOf(venue, incarnation),
    };
  }

  #idsOf(venue: VenueId, incarnation: number): UuidSource {
    return new UuidSource(this.#key(`client/${venue}/${incarnation}`));
  }

  #pipelineOf(venue: VenueId): RequestPipeline {
    const { faults, world } = this.#options;
    return new RequestPipeline({
      venue,
      world: world.venues[venue],
      faults,
      truth: this.#truth,
      now: () => this.#now(),
      wake: () => this.#wake(),
      schedule: (at, act) => this.#schedule(at, act),
      draw: (purpose, distribution, point) => this.#draw(venue, purpose, distribution, point),
      uniform: (purpose, point) => uniformAt(this.#key(`${purpose}/${venue}`), point),
      write: (entry) => this.#write(entry),
      rules: () => this.#rulesOf(venue),
      openOrders: () => this.openOrders(),
      nextRequest: () => (this.#requests += 1),
      observe: (event) => faults.observe(event),
      step: (step) => this.step(step),
      rollbackBegan: (flow, leg) => {
        if (this.#rolledBack.has(flow)) return;
        this.#rolledBack.add(flow);
        faults.observe({ event: 'rollback.start', at: this.#now(), leg, flow });
      },
    });
  }

  #draw(venue: VenueId, purpose: string, distribution: DelayDistribution, point: string): number {
    const { faults } = this.#options;
    const ms = this.#sampler.draw(distribution, this.#key(`${purpose}/${venue}`), point);
    return faults.stretch === undefined ? ms : faults.stretch(venue, purpose, ms, this.#now());
  }

  /** The truth that a fault's `when.state` looks at. */
  #read(path: StatePath): StateValue {
    const now = this.#now();
    return readState(path, {
      total: (venue, asset) => this.#ledger.total(venue, asset),
      mid: (venue) => this.#liquidity[venue].midPrice(now),
      openOrders: (venue) => this.openOrders(venue),
      account: this.#binance.account,
      residual: this.#truth.residual,
      usdKrw: () => this.#options.market.usdKrw(now),
    });
  }

  /** Carries out an instant fault. */
  #apply(fault: string, action: InstantAction, venue: VenueId | undefined): void {
    this.#wake();
    if (action.kind === 'crash') {
      this.#options.onCrash?.(fault, action);
      return;
    }
    if (action.kind !== 'account') {
      this.#options.onProcess?.(fault, action, venue);
      return;
    }
    const targets: readonly VenueId[] = venue === undefined ? ['upbit', 'binance'] : [venue];
    const { upbit, binance } = this.#pipelines;
    const accounts = { upbit: this.#upbit, binance: this.#binance, gateways: { upbit: upbit.gateway, binance: binance.gateway }, rules: this.#rules };
    for (const target of targets) changeAccount(accounts, target, action);
  }
}
