import type * as Ccxt from 'ccxt';
import type { Clock } from '../clock/clock.js';
import { durationMs, type VenueId } from '../core/units.js';
import { loadCcxtClasses } from '../exchange/ccxt-clients.js';
import { guardedCall, unreadable, type CallGuard } from '../exchange/live/guarded-call.js';
import { Redactor } from '../exchange/live/secrets.js';
import { keepStatus } from '../exchange/live/status-errors.js';
import { PoliteCaller, refusalOf, type Manners } from './polite-caller.js';

type Client = Ccxt.Exchange;

/** For a call and its whole answer. */
const TIMEOUT_MS = durationMs(20_000);

/**
 * Upbit answers 10 candle requests a second, Binance 2400 of weight a minute with 5 for a page of klines (venues.md 1.5,
 * 2.4): a part of it, so that a bot on the same address has room.
 */
const MANNERS: Readonly<Record<VenueId, Manners>> = {
  upbit: { spacingMs: 125, attemptsMax: 8 },
  binance: { spacingMs: 250, attemptsMax: 8 },
};

/** A venue's public interface through ccxt, guarded and polite. */
export class PublicSource {
  readonly #venue: VenueId;
  readonly #client: Client;
  readonly #guard: CallGuard;
  readonly #caller: PoliteCaller;
  #loaded = false;

  private constructor(venue: VenueId, client: Client, clock: Clock, notice: (line: string) => void) {
    this.#venue = venue;
    this.#client = client;
    this.#guard = { id: client.id, clock, timeoutMs: TIMEOUT_MS, redactor: new Redactor() };
    this.#caller = new PoliteCaller(refusalOf(venue), clock, MANNERS[venue], notice);
  }

  /** @param url - another server than the venue's own, without a path. */
  static async of(venue: VenueId, url: string | undefined, clock: Clock, notice: (line: string) => void): Promise<PublicSource> {
    const { upbit, binanceusdm } = await loadCcxtClasses();
    const options = { enableRateLimit: false, options: { fetchCurrencies: false, fetchMargins: false } };
    const client: Client = venue === 'upbit' ? new upbit(options) : new binanceusdm(options);
    if (url !== undefined) redirect(venue, client, url);
    keepStatus(venue, client);
    return new PublicSource(venue, client, clock, notice);
  }

  /** Whether the venue lists a market. */
  async lists(symbol: string): Promise<boolean> {
    if (!this.#loaded) await this.read('the list of markets', async (client) => client.loadMarkets(true));
    this.#loaded = true;
    return symbol in (this.#client.markets ?? {});
  }

  /**
   * One public call, again until it is answered with something that `check` takes.
   *
   * @param check - why an answer cannot be used; undefined: it can.
   * @throws SourceFailedError when the venue does not answer or will not.
   */
  async read<T>(what: string, send: (client: Client) => Promise<T>, check: (answer: T) => string | undefined = () => undefined): Promise<T> {
    const request = `GET ${what.replaceAll(' ', '_')}`;
    return this.#caller.read(`${NAMES[this.#venue]} ${what}`, async () => {
      const answer = await guardedCall(this.#guard, request, () => send(this.#client));
      const problem = check(answer);
      if (problem !== undefined) throw unreadable(this.#client.id, request, problem);
      return answer;
    });
  }
}

const NAMES: Readonly<Record<VenueId, string>> = { upbit: 'Upbit', binance: 'Binance' };

function redirect(venue: VenueId, client: Client, url: string): void {
  const { api } = client.urls as { readonly api: Readonly<Record<string, unknown>> };
  const base = url.replace(/\/+$/, '');
  const own =
    venue === 'upbit' ? { public: base } : { fapiPublic: `${base}/fapi/v1`, fapiPublicV2: `${base}/fapi/v2`, fapiPublicV3: `${base}/fapi/v3` };
  client.urls = { ...client.urls, api: { ...api, ...own } };
}
