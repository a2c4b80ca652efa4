import { NetworkError } from '../../exchange/ccxt-errors.js';
import { floorTo, ONE, type Btc } from '../../core/money.js';
import type { Leg, Side, VenueId } from '../../core/units.js';
import { judgeError } from '../../exchange/certainty.js';
import { byClientOrderId, SYMBOLS } from '../../exchange/client-params.js';
import type { ClientOrder, ExchangeClient } from '../../exchange/exchange-client.js';
import type { IntentPurpose } from '../../journal/journal-event.js';

/** The step of BTCUSDT (venues 2.1), the grid that both legs share. */
export const LOT = (ONE / 1_000n) as Btc;

/** An order as the small executor asks for it. */
export interface SmallOrder {
  readonly flow: string;
  readonly leg: Leg;
  readonly side: Side;
  readonly quantity: Btc;
  readonly purpose: IntentPurpose;
  /** Of a spot buy, which goes out as a limit-IOC; everything else goes to the market. */
  readonly limitKrw?: number | undefined;
}

/** What a create sends once, under an id of its own or the library's. */
export type Send = (clientOrderId: string | undefined) => Promise<ClientOrder>;

/**
 * Every choice of the small executor that a published defect is known to get wrong. A defect is this record with one
 * choice made as the published code made it, so that what it costs can be laid at that choice's door.
 */
export interface Decisions {
  /** Sends a create, under a fresh id for every attempt. */
  readonly create: (order: SmallOrder, send: Send, fresh: () => string) => Promise<ClientOrder>;
  /** What an error of a create proves; `raise` lets it out of the flow. */
  readonly judgeCreate: (venue: VenueId, error: unknown) => 'refused' | 'unknown' | 'raise';
  /** Shows an order of which only our own id is known; throws `OrderNotFound` when the venue denies it. */
  readonly lookUp: (client: ExchangeClient, venue: VenueId, clientOrderId: string) => Promise<ClientOrder>;
  /** How old an order must be before a denial counts, and how many denials make it absent. */
  readonly lifetimeMs: Readonly<Record<VenueId, number>>;
  readonly denials: number;
  /** Whether ids that were declared absent are still looked at. */
  readonly watchesTheDead: boolean;
  readonly readsAfterCancel: boolean;
  /** How long a repair goes on before a human is called. */
  readonly giveUpMs: number;
  readonly repairRounds: number;
  /** What the second leg of a sequence is sized by. */
  readonly hedges: 'filled' | 'requested';
  /** What a rollback is sized by. */
  readonly rollsBack: 'residual' | 'requested';
  readonly unwinds: boolean;
  readonly intentFirst: boolean;
  readonly recovers: boolean;
  readonly honoursBans: boolean;
  readonly freshIdAfterRefusal: boolean;
  readonly closesReduceOnly: boolean;
  readonly checksPositionMode: boolean;
  readonly monitors: boolean;
  /** Whether what a replacement filled is its own, or counted on top of what its predecessor filled. */
  readonly countsReplacement: 'own' | 'cumulative';
  /** Whether an order that a create returned without an id is in doubt, or placed and to be followed by the id it has not. */
  readonly acceptsWithoutId: boolean;
  /** Whether an order whose status nobody knows is waited for no longer than any other. */
  readonly givesUpOnUnmapped: boolean;
  /** What deadlines are measured by. */
  readonly deadlineClock: 'monotonic' | 'wall';
  /** Whether only the holder of the lease works, and stops when its journal takes nothing from it any more. */
  readonly honoursLease: boolean;
  /** Whether the order alone says what it has filled, or the fills of the stream are added up, and guessed where they are late. */
  readonly countsFills: 'by the order' | 'by the stream';
  /** How many whole lots an amount holds, as an amount. */
  readonly wholeLots: (amount: Btc) => Btc;
}

export const SOUND: Decisions = {
  create: (_order, send, fresh) => send(fresh()),
  judgeCreate: (venue, error) => (judgeError(venue, 'createOrder', error).certainty === 'refused' ? 'refused' : 'unknown'),
  lookUp: (client, venue, clientOrderId) => client.fetchOrder(undefined, SYMBOLS[venue], byClientOrderId(venue, clientOrderId)),
  lifetimeMs: { upbit: 15_000, binance: 7_000 },
  denials: 2,
  watchesTheDead: true,
  readsAfterCancel: true,
  giveUpMs: 150_000,
  repairRounds: 10,
  hedges: 'filled',
  rollsBack: 'residual',
  unwinds: true,
  intentFirst: true,
  recovers: true,
  honoursBans: true,
  freshIdAfterRefusal: true,
  closesReduceOnly: true,
  checksPositionMode: true,
  monitors: true,
  countsReplacement: 'own',
  acceptsWithoutId: false,
  givesUpOnUnmapped: true,
  deadlineClock: 'monotonic',
  honoursLease: true,
  countsFills: 'by the order',
  wholeLots: (amount) => floorTo(amount, LOT),
};

/** Sends again under `idOf` while `again` says so: what most published retries come down to. */
export function retrying(
  again: (error: unknown, order: SmallOrder) => boolean,
  attempts: number,
  idOf: (fresh: () => string) => string | undefined = (fresh) => fresh(),
): Decisions['create'] {
  return async (order, send, fresh) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send(idOf(fresh));
      } catch (error) {
        if (attempt === attempts || !again(error, order)) throw error;
      }
    }
  };
}

export const isNetworkError = (error: unknown): boolean => error instanceof NetworkError;
