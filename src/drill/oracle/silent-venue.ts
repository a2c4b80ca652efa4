import type { EpochMs, VenueId } from '../../core/units.js';
import type { TapeOf } from './invariant.js';

/** A question that has ended. */
interface Asked {
  readonly sentAt: EpochMs;
  readonly endedAt: EpochMs;
  readonly isAnswered: boolean;
}

/** What each venue was asked about its holdings and whether it said: a change that it keeps to itself nobody can see. */
export class SilentVenue {
  readonly #open = new Map<number, { readonly venue: VenueId; readonly sentAt: EpochMs }>();
  readonly #asked: Readonly<Record<VenueId, Asked[]>> = { upbit: [], binance: [] };

  request({ request, venue, method, t }: TapeOf<'request'>): void {
    if (HOLDINGS[venue].has(method)) this.#open.set(request, { venue, sentAt: t });
  }

  answer({ request, ok, t }: TapeOf<'answer'>): void {
    const asked = this.#open.get(request);
    if (asked === undefined) return;
    this.#open.delete(request);
    this.#asked[asked.venue].push({ sentAt: asked.sentAt, endedAt: t, isAnswered: ok });
  }

  /**
   * Until when a venue kept its holdings to itself from `since` on: it was asked, and answered nothing before that.
   * undefined: both said what they hold when they were asked first.
   */
  until(since: EpochMs): EpochMs | undefined {
    const ends = Object.values(this.#asked).map((all) => {
      const asked = all.filter(({ sentAt }) => sentAt >= since);
      const answeredAt = asked.find(({ isAnswered }) => isAnswered)?.sentAt ?? Number.POSITIVE_INFINITY;
      return Math.max(0, ...asked.filter(({ isAnswered, sentAt }) => !isAnswered && sentAt < answeredAt).map(({ endedAt }) => endedAt));
    });
    const end = Math.max(...ends);
    return end === 0 ? undefined : (end as EpochMs);
  }
}

/** Calls that read holdings, whichever executor asks. */
const HOLDINGS: Readonly<Record<VenueId, ReadonlySet<string>>> = {
  upbit: new Set(['fetchBalance']),
  binance: new Set(['fetchPositions', 'fetchPosition', 'fetchPositionsRisk']),
};
