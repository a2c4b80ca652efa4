import { fixedFromNumber, notional, parseFixed, toNumber, type Btc, type Krw, type PriceKrw, type PriceUsdt } from '../core/money.js';
import { epochMs, type EpochMs } from '../core/units.js';
import { profileAt } from '../exchange/venue-profiles.js';
import { premiumAgainst } from '../hedge/premium.js';
import type { PremiumBars } from '../market/bars.js';
import { modelledTakeCostBp } from '../market/liquidity/book-model.js';
import type { DecisionMarket } from './decision-market.js';
import type { FlowDecision } from '../sim/flow-truth.js';
import type { Simulation } from '../sim/simulation.js';
import { entryIsWorth, roundTripCost } from '../strategy/entry-cost.js';
import { limitAgainst, utcDayOf, type EntryLimits } from '../strategy/entry-limits.js';
import { sizeByKrw, SIZING_RULES } from '../strategy/sizing.js';
import type { EnterSignal } from '../strategy/strategy.js';
import type { ExecutorHost } from './executor-host.js';
import type { FlowRunner } from './flow-runner.js';
import type { TradeSeat } from './trade-driver.js';

export interface TradingSeatOptions {
  readonly bars: PremiumBars;
  readonly market: DecisionMarket;
  readonly simulation: Simulation;
  readonly host: ExecutorHost;
  readonly flows: FlowRunner;
  /** KRW that one position spends on Upbit, before fees. */
  readonly amount: Krw;
  /** Fraction of the notional by which the expected reversion must exceed the round trip. */
  readonly margin: number;
  readonly limits: EntryLimits;
  /** Which dollar the strategy's premium is measured in. */
  readonly premium: 'usd' | 'usdt';
  readonly depthFactor: number;
}

/** Turns the strategy's signals into flows: sizing, the cost check (again at send), limits; and counts what was refused and why. */
export class TradingSeat implements TradeSeat {
  readonly #options: TradingSeatOptions;
  #day = Number.NaN;
  #entriesToday = 0;
  #equityAtDawn = 0;

  constructor(options: TradingSeatOptions) {
    this.#options = options;
  }

  positions(): readonly { readonly positionId: string; readonly openedAt: EpochMs }[] {
    const { host } = this.#options;
    return host.isAlive ? host.executor.positions() : [];
  }

  halted(): string | undefined {
    const { host } = this.#options;
    if (!host.isAlive) return 'the process is down';
    const level = host.executor.halted;
    return level === undefined ? undefined : `entries are locked (${level})`;
  }

  size(row: number, signal: EnterSignal): { readonly kind: 'sized'; readonly quantity: Btc } | { readonly kind: 'refused'; readonly reason: string } {
    const { bars, amount } = this.#options;
    const upbitPrice = fixedFromNumber<PriceKrw>(bars.upbitKrw[row] ?? Number.NaN);
    const binancePrice = fixedFromNumber<PriceUsdt>(this.#perpPrice(row));
    const sizing = sizeByKrw({ ...SIZING_RULES, amount, upbitPrice, binancePrice });
    if (sizing.kind === 'refused') return { kind: 'refused', reason: `too small: ${sizing.reason}` };
    const at = epochMs(bars.time[row] ?? 0);
    const cost = this.#cost(sizing.quantity, at);
    if (!entryIsWorth(signal, cost, this.#options.margin))
      return { kind: 'refused', reason: 'the expected reversion does not pay for the round trip' };
    this.#newDay(at);
    const limit = limitAgainst(this.#options.limits, {
      amount: notional(upbitPrice, sizing.quantity),
      exposure: notional(upbitPrice, this.#options.simulation.spot()),
      entriesToday: this.#entriesToday,
      resultToday: this.#resultToday(),
    });
    return limit === undefined ? { kind: 'sized', quantity: sizing.quantity } : { kind: 'refused', reason: `limit: ${limit.split(',')[0] ?? limit}` };
  }

  async enter(row: number, signal: EnterSignal, quantity: Btc): Promise<{ readonly opened: boolean; readonly reason: string }> {
    const { flows } = this.#options;
    const decision = this.#decisionAt(row);
    if (decision === undefined) return { opened: false, reason: 'the market is closed (a gap in the data)' };
    let isTooLate = false;
    const premiumAtDecision = this.#premiumAt(decision.decidedAt);
    const stillGood = (at: EpochMs): boolean => {
      const moved = this.#premiumAt(at) - premiumAtDecision;
      const left = { ...signal, expectedReversion: signal.expectedReversion - moved };
      isTooLate = !entryIsWorth(left, this.#cost(quantity, at), this.#options.margin);
      return !isTooLate;
    };
    const end = await flows.enter(quantity, decision, stillGood);
    if (end.outcome === 'hedged' || end.outcome === 'partially-rolled-back') {
      this.#entriesToday += 1;
      return { opened: true, reason: end.outcome };
    }
    return { opened: false, reason: isTooLate ? 'the premium was gone at send' : `${end.outcome}: ${end.reason}` };
  }

  async exit(row: number, reason: string): Promise<void> {
    const { flows } = this.#options;
    const decision = this.#decisionAt(row);
    if (decision !== undefined) await flows.exit(reason, decision);
  }

  /** The decision is made on the bar's closes; the market's own present says how old they are by now. */
  #decisionAt(row: number): FlowDecision | undefined {
    const { bars, flows } = this.#options;
    const present = flows.decision();
    if (present === undefined) return undefined;
    const upbitMid = bars.upbitKrw[row] ?? present.upbitMid;
    const binanceMid = this.#perpPrice(row);
    const usdKrw = bars.usdKrw[row] ?? present.usdKrw;
    return {
      decidedAt: epochMs(bars.time[row] ?? present.decidedAt),
      upbitMid,
      binanceMid,
      usdKrw,
      premium: premiumAgainst(upbitMid, binanceMid, usdKrw),
    };
  }

  #perpPrice(row: number): number {
    const { bars } = this.#options;
    return (bars.binanceUsdt[row] ?? Number.NaN) * (1 + bars.source.perpBasis);
  }

  #premiumAt(at: EpochMs): number {
    const { market, premium } = this.#options;
    const dollar = premium === 'usd' ? market.usdKrw(at) : market.usdtKrw(at);
    return premiumAgainst(market.mid('upbit', at) ?? Number.NaN, market.mid('binance', at) ?? Number.NaN, dollar ?? Number.NaN);
  }

  #cost(quantity: Btc, at: EpochMs): number {
    const btc = toNumber(quantity);
    const { depthFactor } = this.#options;
    return roundTripCost({
      quantity,
      upbitTakeBp: modelledTakeCostBp('upbit', btc, depthFactor),
      binanceTakeBp: modelledTakeCostBp('binance', btc, depthFactor),
      upbitFeePpm: profileAt('upbit', at).takerFeePpm,
      binanceFeePpm: profileAt('binance', at).takerFeePpm,
    });
  }

  #newDay(at: EpochMs): void {
    const day = utcDayOf(at);
    if (day === this.#day) return;
    this.#day = day;
    this.#entriesToday = 0;
    this.#equityAtDawn = this.#flatEquityKrw();
  }

  /** Cash of both venues in KRW; while something is held it says nothing, so the day's result counts when flat. */
  #flatEquityKrw(): number {
    const { simulation, market, bars } = this.#options;
    const usdKrw = market.usdKrw(epochMs(bars.time[0] ?? 0)) ?? 0;
    return toNumber(simulation.balance('upbit', 'KRW')) + toNumber(simulation.balance('binance', 'USDT')) * usdKrw;
  }

  #resultToday(): Krw {
    if (this.positions().length > 0) return parseFixed<Krw>('0');
    return fixedFromNumber<Krw>(Math.round(this.#flatEquityKrw() - this.#equityAtDawn));
  }
}
