import { z } from 'zod';
import type { Clock } from '../clock/clock.js';
import { durationMs, type EpochMs } from '../core/units.js';
import { guardedCall, unreadable } from '../exchange/live/guarded-call.js';
import { Redactor } from '../exchange/live/secrets.js';
import { getJson } from './http-get.js';
import type { Row } from './page-store.js';
import { plainRefusal, PoliteCaller } from './polite-caller.js';

/** Reference rates of the European Central Bank, one each TARGET business day, from https://frankfurter.dev/v1 (no key). */
export const FRANKFURTER_URL = 'https://api.frankfurter.dev';
const SOURCE = 'frankfurter';
const TIMEOUT_MS = durationMs(20_000);
const DAY_MS = 86_400_000;

const ratesSchema = z.object({
  base: z.literal('USD'),
  rates: z.record(z.iso.date(), z.object({ KRW: z.number().min(300).max(10_000) })),
});

/** Reads daily USD/KRW. */
export class FrankfurterRates {
  readonly #url: string;
  readonly #clock: Clock;
  readonly #caller: PoliteCaller;

  constructor(url: string, clock: Clock, notice: (line: string) => void) {
    this.#url = url.replace(/\/+$/, '');
    this.#clock = clock;
    this.#caller = new PoliteCaller(plainRefusal, clock, { spacingMs: 1_000, attemptsMax: 8 }, notice);
  }

  /**
   * The rates of the days from..to, both included; today's is left out, since it may still change.
   *
   * @throws SourceFailedError when the source does not answer or will not.
   */
  async read(from: EpochMs, to: EpochMs): Promise<readonly Row[]> {
    const url = `${this.#url}/v1/${dayText(from)}..${dayText(to)}?base=USD&symbols=KRW`;
    const guard = { id: SOURCE, clock: this.#clock, timeoutMs: TIMEOUT_MS, redactor: new Redactor() };
    const body = await this.#caller.read(`USD/KRW of ${dayText(from)}..${dayText(to)}`, async () => {
      const parsed = ratesSchema.safeParse(await guardedCall(guard, `GET ${url}`, () => getJson(SOURCE, url)));
      if (!parsed.success) throw unreadable(SOURCE, `GET ${url}`, 'it is no table of KRW per USD by day');
      return parsed.data;
    });
    const today = Math.floor(this.#clock.now() / DAY_MS) * DAY_MS;
    return Object.entries(body.rates)
      .map(([day, { KRW }]): Row => [Date.parse(`${day}T00:00:00Z`), KRW])
      .filter(([day]) => day >= Math.floor(from / DAY_MS) * DAY_MS && day <= to && day < today)
      .sort(([a], [b]) => a - b);
  }
}

const dayText = (at: number): string => new Date(at).toISOString().slice(0, 10);
