import { formatFixed, type Btc, type PriceKrw, type PriceUsdt } from '../core/money.js';
import { durationMs, type VenueId } from '../core/units.js';
import { SYMBOLS } from '../exchange/client-params.js';
import type { ClientTicker } from '../exchange/exchange-client.js';
import { apartBp, collarPrice } from '../hedge/collar.js';
import { isWithinTolerance } from '../hedge/dust.js';
import { krwNeeded, sizeEntry, usdtNeeded, type SizedEntry } from '../hedge/sizing.js';
import type { AccountSetup } from './account-setup.js';
import type { Engine } from './engine.js';
import type { FlowRun } from './flow-run.js';
import type { Margin, PerpHoldings, SpotHoldings } from './holdings.js';
import type { EnterRequest } from './ports.js';
import type { Quote } from './price-desk.js';
import { isTooSoon, mismatchOf } from './truth.js';
import type { Answer } from './venue-gateway.js';
import { feePpmOf, tickOf } from './venue-rules.js';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface Cleared {
  readonly ok: true;
  readonly lots: Btc;
  readonly spot: Btc;
  readonly quotes: Readonly<Record<'spot' | 'perp', Quote>>;
}
export type PreflightResult = Cleared | { readonly ok: false; readonly reason: string };

/** What was read at both venues for a preflight. */
interface Readings {
  readonly quotes: Readonly<Record<'spot' | 'perp', Quote>>;
  /** Price of the last trade, where the ticker names it. */
  readonly last: Readonly<Record<'spot' | 'perp', number | undefined>>;
  readonly spot: SpotHoldings;
  readonly perp: PerpHoldings;
  readonly margin: Margin;
}

/** Refusals that are the market's or the money's, not a fault: journaled, but no alarm. */
const QUIET: ReadonlySet<string> = new Set([
  'halt',
  'quarantine',
  'decision age',
  'price',
  'size',
  'krw',
  'usdt',
  'premium',
  'holdings of a moment ago',
]);

/** Remembers what entries were made on, to notice data that jumps. */
export class Preflight {
  readonly #engine: Engine;
  readonly #setup: AccountSetup;
  #lastFx: { readonly usdKrw: number; readonly at: number } | undefined;

  constructor(engine: Engine, setup: AccountSetup) {
    this.#engine = engine;
    this.#setup = setup;
  }

  /** Everything that can be known before the first byte of an order: it makes refusals of single legs rare. */
  async clear(run: FlowRun, request: EnterRequest): Promise<PreflightResult> {
    const checks: Check[] = [];
    const result = await this.#run(run, request, checks);
    await this.#engine.writer.record({ flow: run.id, type: 'preflight', ok: result.ok, checks });
    if (result.ok) {
      this.#lastFx = { usdKrw: request.usdKrw, at: this.#engine.clock.now() };
      return result;
    }
    const failed = checks.find(({ ok }) => !ok);
    if (failed !== undefined && !QUIET.has(failed.name))
      await this.#engine.writer.alert(run.id, 'PREFLIGHT_REFUSED', 'warning', `${failed.name}: ${failed.detail}`);
    return result;
  }

  async #run(run: FlowRun, request: EnterRequest, checks: Check[]): Promise<PreflightResult> {
    const check = (name: string, problem: string | undefined, good = ''): boolean => {
      checks.push({ name, ok: problem === undefined, detail: problem ?? good });
      return problem === undefined;
    };
    const refused = (): PreflightResult => {
      const last = checks.at(-1);
      return { ok: false, reason: `${last?.name ?? 'preflight'}: ${last?.detail ?? ''}` };
    };
    // What costs no call first; the first failure ends it.
    for (const [name, problemOf] of this.#ownChecks(run, request)) if (!check(name, await problemOf())) return refused();
    const readings = await this.#read();
    if (typeof readings === 'string') {
      check('venues', readings);
      return refused();
    }
    const { quotes } = readings;
    if (!check(isTooSoon(this.#engine) ? 'holdings of a moment ago' : 'holdings', await this.#holdingsProblem(readings))) return refused();
    if (!check('price age', staleProblem(this.#engine, quotes))) return refused();
    if (!check('price', priceProblem(this.#engine, request, quotes))) return refused();
    if (!check('cross-check', crossCheckProblem(this.#engine, readings))) return refused();
    const sized = this.#sizeOf(run, request, quotes);
    if (!check('size', sized.ok ? undefined : sized.reason) || !sized.ok) return refused();
    if (!this.#moneyChecks(run, sized, readings, check)) return refused();
    if (!check('decision age', this.ageProblem(request))) return refused();
    const premiumGood = request.stillGood?.(this.#engine.clock.now()) ?? true;
    if (!check('premium', premiumGood ? undefined : 'the premium no longer pays for the entry')) return refused();
    return { ok: true, lots: sized.lots, spot: sized.spot, quotes };
  }

  /** What is known without asking about this entry, in order; the last two ask only when their answer is old. */
  #ownChecks(run: FlowRun, request: EnterRequest): readonly (readonly [string, () => string | undefined | Promise<string | undefined>])[] {
    const { lease, clockWatch } = this.#engine;
    return [
      ['halt', () => this.#haltProblem()],
      ['lease', () => (lease.held() ? undefined : 'another process holds the lease')],
      ['quarantine', () => this.#quarantineProblem(run)],
      ['decision age', () => this.ageProblem(request)],
      ['fx', () => this.#fxProblem(request)],
      ['set-up', async () => (await this.#setup.problem())?.text],
      [
        'clock',
        async () => {
          const offset = await clockWatch.check();
          return offset.ok ? undefined : offset.problem;
        },
      ],
    ];
  }

  #haltProblem(): string | undefined {
    const { killSwitch, writer } = this.#engine;
    // What cannot be written down is not begun; people have been told.
    if (writer.isDown) return 'the journal cannot be written';
    return killSwitch.level === undefined ? undefined : `${killSwitch.level}: ${killSwitch.reason ?? ''}`;
  }

  /** After any doubt no entry until it is gone: two unknowns that both fill later would stand beside the new hedge. */
  #quarantineProblem(run: FlowRun): string | undefined {
    const { book, facts, policy } = this.#engine;
    if (book.unsettled().length > 0) return 'an order of an earlier flow is still in doubt';
    if (book.quarantined((attempt) => facts.sinceSettled(attempt), policy.lateWatchMs).length > 0)
      return 'an order that was counted as zero is still being watched';
    if (!isWithinTolerance(book.residual, run.rules.lot)) return 'the residual delta of an earlier flow is not repaired yet';
    return undefined;
  }

  /** Why the decision is too old to open anything on. */
  ageProblem(request: EnterRequest): string | undefined {
    const { clock, policy } = this.#engine;
    const age = clock.now() - request.decidedAt;
    return age <= policy.decisionAgeMs ? undefined : `decided ${age} ms ago, at most ${policy.decisionAgeMs} ms are allowed`;
  }

  #fxProblem({ usdKrw, usdKrwAt }: EnterRequest): string | undefined {
    const { clock, policy } = this.#engine;
    const now = clock.now();
    if (!Number.isFinite(usdKrw) || usdKrw <= 0) return 'the USD/KRW rate is not a positive number';
    if (usdKrwAt !== undefined && now - usdKrwAt > policy.fxAgeMs) return `the USD/KRW rate is ${now - usdKrwAt} ms old`;
    const last = this.#lastFx;
    if (last === undefined || now - last.at > 86_400_000) return undefined;
    const jump = apartBp(usdKrw, last.usdKrw);
    return jump <= policy.fxJumpBp ? undefined : `the USD/KRW rate jumped by ${Math.round(jump)} bp within a day`;
  }

  async #read(): Promise<Readings | string> {
    const { prices, holdings, policy, book } = this.#engine;
    // A ban is not waited out for an entry: the decision would be old by then.
    const options = { patienceMs: policy.banPatienceMs };
    const [spotQuote, perpQuote, spotLast, perpLast, spot, perp, margin] = await Promise.all([
      prices.read('upbit', options),
      prices.read('binance', options),
      this.#lastTrade('upbit', options),
      this.#lastTrade('binance', options),
      holdings.spot(options),
      holdings.perp(book.perp !== 0n, options),
      holdings.margin(options),
    ]);
    if (!spot.ok) return spot.problem;
    if (!perp.ok) return perp.problem;
    if (!margin.ok) return margin.problem;
    if (spotQuote.kind !== 'answer' || spotQuote.value === undefined) return 'the Upbit book cannot be read';
    if (perpQuote.kind !== 'answer' || perpQuote.value === undefined) return 'the Binance book cannot be read';
    if (spotLast.kind !== 'answer' || perpLast.kind !== 'answer') return 'the last trades cannot be read';
    return {
      quotes: { spot: spotQuote.value, perp: perpQuote.value },
      last: { spot: spotLast.value.last, perp: perpLast.value.last },
      spot: spot.value,
      perp: perp.value,
      margin: margin.value,
    };
  }

  #lastTrade(venue: VenueId, options: { readonly patienceMs: number }): Promise<Answer<ClientTicker>> {
    return this.#engine.gateways[venue].read('fetchTicker', (client) => client.fetchTicker(SYMBOLS[venue]), options);
  }

  /** Expected must be what is there. Reads lag behind fills, so a difference is read again before it is believed. */
  async #holdingsProblem(readings: Readings): Promise<string | undefined> {
    const { clock, policy, holdings, suspicion, book } = this.#engine;
    const first = mismatchOf(this.#engine, readings.spot.btcTotal, readings.perp.position);
    if (readings.perp.hedged === true) return 'the Binance account is in hedge mode';
    if (first === undefined) return undefined;
    await clock.sleep(durationMs(policy.confirmMs));
    const options = { patienceMs: policy.banPatienceMs };
    const [spot, perp] = await Promise.all([holdings.spot(options), holdings.perp(book.perp !== 0n, options)]);
    const second = spot.ok && perp.ok ? mismatchOf(this.#engine, spot.value.btcTotal, perp.value.position) : first;
    // The monitor decides what follows from it; a refusal is enough here.
    if (second !== undefined) suspicion.raise(second);
    return second;
  }

  #sizeOf(run: FlowRun, request: EnterRequest, quotes: Readings['quotes']): SizedEntry {
    const prices = { spot: quotes.spot.ask as PriceKrw, perp: quotes.perp.bid as PriceUsdt };
    return sizeEntry(request.quantity, this.#engine.book.residual, run.rules, prices);
  }

  #moneyChecks(
    run: FlowRun,
    sized: Extract<SizedEntry, { ok: true }>,
    { quotes, spot, margin }: Readings,
    check: (name: string, problem: string | undefined, good?: string) => boolean,
  ): boolean {
    const { policy } = this.#engine;
    const { upbit, binance } = run.rules.profiles;
    const slack = BigInt(policy.slackPpm);
    const worst = collarPrice('buy', quotes.spot.ask, policy.collarBp, tickOf(upbit)) as PriceKrw;
    const krw = krwNeeded(sized.spot, worst, feePpmOf(upbit, policy), slack);
    if (!check('krw', spot.krwFree >= krw ? undefined : `needs ${formatFixed(krw)} KRW free, has ${formatFixed(spot.krwFree)}`)) return false;
    const usdt = usdtNeeded(sized.lots, quotes.perp.ask as PriceUsdt, policy.leverage, feePpmOf(binance, policy), slack);
    return check('usdt', margin.usdtFree >= usdt ? undefined : `needs ${formatFixed(usdt)} USDT free, has ${formatFixed(margin.usdtFree)}`);
  }
}

/** A dead feed says nothing: a book with a time of its own must be young. */
function staleProblem({ clock, policy }: Engine, quotes: Readings['quotes']): string | undefined {
  for (const [name, { bookTime }] of [
    ['Upbit', quotes.spot],
    ['Binance', quotes.perp],
  ] as const) {
    const age = bookTime === undefined ? 0 : clock.now() - bookTime;
    if (age > policy.priceAgeMs) return `the ${name} book is ${age} ms old`;
  }
  return undefined;
}

function priceProblem({ policy }: Engine, request: EnterRequest, quotes: Readings['quotes']): string | undefined {
  for (const [name, quote, decided] of [
    ['Upbit', quotes.spot, request.upbitPrice],
    ['Binance', quotes.perp, request.binancePrice],
  ] as const) {
    if (!(decided > 0)) return `the decision names no ${name} price`;
    const moved = apartBp(quote.mid, decided);
    if (moved > policy.priceMoveBp) return `the ${name} price has moved by ${Math.round(moved)} bp since the decision`;
  }
  return undefined;
}

/** A book may be alive and wrong: the last trade of each venue has to lie near it. */
function crossCheckProblem({ policy }: Engine, { quotes, last }: Readings): string | undefined {
  for (const [name, quote, trade] of [
    ['Upbit', quotes.spot, last.spot],
    ['Binance', quotes.perp, last.perp],
  ] as const) {
    const apart = trade === undefined ? 0 : apartBp(quote.mid, trade);
    if (apart > policy.crossCheckBp) return `${name}: book and last trade are ${Math.round(apart)} bp apart`;
  }
  return undefined;
}
