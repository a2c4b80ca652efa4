import type { Btc, Fixed } from '../core/money.js';
import type { EpochMs, Leg, Side, VenueId } from '../core/units.js';
import type { WireMethod, WireOnlyMethod, WirePath } from '../exchange/wire-endpoints.js';
import type { DelayDistribution } from '../faults/fault-action.js';
import type { FaultSession, ProcessStep, TruthEvent } from '../faults/fault-session.js';
import type { VenueWorld } from '../faults/world.js';
import type { FlowTruth } from './flow-truth.js';
import type { RateClass, RateUse } from './rate-counter.js';
import type { TruthEntry } from './venue-host.js';
import type { RequestContext, Respond, VenueReply } from './venue-reply.js';
import type { VenueRules } from './venue-rules.js';

/** One life of the client's process: a dead one is never answered, one whose event loop stands still not until it turns again. */
export interface ClientProcess {
  readonly incarnation: number;
  alive: boolean;
  /** How far its wall clock is ahead of true time: what it signs with. */
  wallOffsetMs(): number;
  /** Runs `act` when the process next takes in what has come for it. */
  deliver(act: () => void): void;
}

/** One that nothing ever happens to. */
export const soundProcess = (incarnation: number): ClientProcess => ({
  incarnation,
  alive: true,
  wallOffsetMs: () => 0,
  deliver: (act) => act(),
});

/** What of a call the venue can see, for the tape and for fault matchers. */
export interface CallFacts {
  readonly clientOrderId?: string | undefined;
  readonly orderId?: string | undefined;
  readonly side?: Side | undefined;
  readonly orderType?: 'limit' | 'market' | 'market-by-cost' | undefined;
  readonly quantity?: Btc | undefined;
  readonly cost?: Fixed<string> | undefined;
  readonly price?: Fixed<string> | undefined;
  readonly reduceOnly?: boolean | undefined;
}

/** An endpoint's cost for ccxt's own limiter and how the venue counts it; only market data needs no key. */
export interface Endpoint {
  readonly cost: number;
  readonly scope: RateClass['scope'];
  readonly weight: number;
}

/** A request as a client hands it to the network. */
export interface ClientCall {
  /** The unified name; every way of creating an order is `createOrder`. */
  readonly method: Exclude<WireMethod, 'createMarketBuyOrderWithCost'>;
  readonly endpoint: Endpoint;
  readonly facts: CallFacts;
  /** Of a signed Binance request. */
  readonly recvWindowMs?: number | undefined;
  /** What a signed request bears itself; without it it bears the client's clock of when it leaves. */
  readonly timestamp?: number | undefined;
  /** What the venue finds wrong with key or signature when the request has arrived; undefined: nothing, or nothing is signed. */
  readonly denied?: (() => VenueReply | undefined) | undefined;
  /** What follows `?` in the URL of a read or cancel; stands in messages of answers that are not JSON. */
  readonly query?: string | undefined;
  /** Told of an answer that came in time, before the call settles. */
  readonly answered?: ((reply: VenueReply) => void) | undefined;
  /** Its answer is read with its headers, so that the venue's counters must be told. */
  readonly readsHeaders?: boolean | undefined;
  /** The request by its own name where its URL is not the method's usual one; stands in messages only. */
  readonly request?: WireOnlyMethod | WirePath | undefined;
  /** It only fetches what the client needs to read another answer. */
  readonly prepares?: boolean | undefined;
  /** Carries the request out at the venue. */
  perform(context: RequestContext, respond: Respond): void;
}

/** The same call, answered with this instead of being carried out. */
export const answeredWith = (call: ClientCall, reply: VenueReply): ClientCall => ({ ...call, perform: (_context, respond) => respond(reply) });

/** What the pipeline may use of the run. */
export interface PipelineHost {
  readonly venue: VenueId;
  readonly world: VenueWorld;
  readonly faults: FaultSession;
  readonly truth: FlowTruth;
  now(): EpochMs;
  /** Brings the books up to the present before something happens. */
  wake(): void;
  schedule(at: EpochMs, act: () => void): { cancel(): void };
  draw(purpose: string, distribution: DelayDistribution, point: string): number;
  /** A number in [0, 1) of the named purpose, always the same for the point. */
  uniform(purpose: string, point: string): number;
  write(entry: TruthEntry): void;
  rules(): VenueRules;
  openOrders(): number;
  nextRequest(): number;
  observe(event: TruthEvent): void;
  /** The process stands before or after this call; when it returns the process may be dead. */
  step(step: Omit<ProcessStep, 'at'>): void;
  /** An order that undoes what a flow did leaves the client. */
  rollbackBegan(flow: number, leg: Leg): void;
}

/** What became of a call: the venue's answer with the state of its counters when it was given, or none. */
export type Delivery =
  | { readonly kind: 'answer'; readonly reply: VenueReply; readonly uses: readonly RateUse[] }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'broken'; readonly how: 'reset' | 'dns' };
