import { createBarMarket } from '../market/liquidity/bar-market.js';
import { withRecordedBooks, type RecordedBooks } from '../market/liquidity/with-recorded-books.js';
import type { PremiumBars } from '../market/bars.js';
import { loadStrategyFactory } from '../config/load-module.js';
import { venueWorlds, type ResolvedConfig } from '../config/resolve-config.js';
import { epochMs } from '../core/units.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import { compileStress } from '../faults/stress/stress-file.js';
import type { World } from '../faults/world.js';
import type { Strategy, StrategyFactory } from '../strategy/strategy.js';
import { createZScoreStrategy } from '../strategy/z-score-strategy.js';
import type { OpenExchange } from './exchange-choice.js';
import type { NamedExecutor } from './executors.js';
import { premiumSeries } from './premium-series.js';
import { requireMethods } from './require-methods.js';
import { simulatedRun, type SimulatedRun } from './simulated-run.js';
import { barsAsDecided, decisionMarket } from './decision-market.js';
import { driveTrades, type TradeTally } from './trade-driver.js';
import { TradingSeat } from './trading-seat.js';

export interface TradingRunOptions {
  readonly mode: 'backtest' | 'drill';
  readonly config: ResolvedConfig;
  readonly bars: PremiumBars;
  /** Recordings that stand in for modelled books where they cover the time; none when absent. */
  readonly books?: RecordedBooks | undefined;
  readonly executor: NamedExecutor;
  readonly strategy: () => Strategy;
  readonly scenario?: ResolvedScenario | undefined;
  readonly seed: string;
  readonly withFaults: boolean;
  /** 1, or 0.5 and 2 for the figures that depend on the book model. */
  readonly depthFactor: number;
  /** Makes the executor's clients; the object-level ones when absent. */
  readonly exchange?: OpenExchange | undefined;
  /** Plants an oracle that always breaks. */
  readonly canary?: boolean | undefined;
  readonly onProgress?: ((barsDone: number, barsTotal: number) => void) | undefined;
}

export interface TradingRun extends SimulatedRun {
  readonly tally: TradeTally | undefined;
  /** Why nothing was traded, in one sentence; undefined when something was. */
  readonly whyNothing: string | undefined;
}

/** The strategy over the bars, its flows through the executor, both venues in the market that the bars make. */
export async function tradingRun(options: TradingRunOptions): Promise<TradingRun> {
  const { config, bars, scenario, depthFactor, onProgress } = options;
  const strategy = options.strategy();
  let tally: TradeTally | undefined;
  const run = await simulatedRun({
    mode: options.mode,
    seed: options.seed,
    executor: options.executor,
    policy: { ...config.policy, ...scenario?.executor.policy },
    world: worldOf(config, scenario, bars),
    market: (seeds) => {
      const modelled = createBarMarket(bars, seeds, { depthFactor });
      return options.books === undefined ? modelled : withRecordedBooks(modelled, options.books);
    },
    scenario,
    withFaults: options.withFaults,
    exchange: options.exchange,
    canary: options.canary,
    start: epochMs(bars.time[0] ?? 0),
    dataHash: bars.source.hash,
    trade: async ({ clock, simulation, host, flows, tape, market, session }) => {
      // The market goes on as it does; only what is decided on is struck.
      const isStruck = scenario?.faults.some(({ inject }) => inject.action.kind === 'fx') === true;
      const seen = isStruck ? barsAsDecided(bars, session) : bars;
      const seat = new TradingSeat({
        bars: seen,
        market: decisionMarket(market, session),
        simulation,
        host,
        flows,
        amount: config.entry.amount,
        margin: config.entry.margin,
        limits: config.limits,
        premium: strategy.premium ?? 'usd',
        depthFactor,
      });
      tally = await driveTrades(clock, seen, strategy, seat, (row) => onProgress?.(row, bars.length));
      tape.write({ t: clock.now(), type: 'premium.series', ...premiumSeries(bars, options.strategy()) });
    },
  });
  return { ...run, tally, whyNothing: tally === undefined || tally.entries > 0 ? undefined : whyNothing(tally, strategy) };
}

/** A scenario's venues over the config's, the config's stress over a scenario's; the data make the market and the clock. */
function worldOf(config: ResolvedConfig, scenario: ResolvedScenario | undefined, bars: PremiumBars): World {
  const stress = config.stress === undefined ? scenario?.world.stress : compileStress(config.stress);
  return { start: epochMs(bars.time[0] ?? 0), venues: scenario?.world.venues ?? venueWorlds(config), stress };
}

function whyNothing(tally: TradeTally, strategy: Strategy): string {
  if (tally.entrySignals === 0) return strategy.explain?.() ?? `the strategy ${strategy.name} gave no entry signal in ${tally.bars} bars`;
  const reasons = [...tally.refusals].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([reason, times]) => `${reason} (${times})`);
  return `${tally.entrySignals} entry signals and no entry: ${reasons.slice(0, 3).join('; ')}`;
}

/** A maker of fresh strategies, since one keeps its window. @throws InputError when the user's module gives none. */
export async function strategyMaker(config: ResolvedConfig, bars: PremiumBars): Promise<() => Strategy> {
  const context = { stepMs: bars.stepMs, fxKind: bars.source.fxKind };
  const { strategy } = config;
  if (strategy.use === 'z-score') return () => createZScoreStrategy(strategy.options, context);
  const factory: StrategyFactory = await loadStrategyFactory(strategy.file);
  return () => {
    const made = factory(strategy.options, context);
    requireMethods('strategy', made, ['onBar']);
    return made;
  };
}
