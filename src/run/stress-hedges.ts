import { parseFixed, type Btc } from '../core/money.js';
import { addMs, durationMs, epochMs } from '../core/units.js';
import { brokenOf } from '../drill/oracle/oracle-report.js';
import type { StressSpec } from '../faults/stress/stress-spec.js';
import type { VenueWorld } from '../faults/world.js';
import type { VenueId } from '../core/units.js';
import type { PremiumBars } from '../market/bars.js';
import { createBarMarket } from '../market/liquidity/bar-market.js';
import { analyseEpisodes } from '../report/analysis.js';
import type { NamedExecutor } from './executors.js';
import { simulatedRun } from './simulated-run.js';

export interface HedgesOptions {
  readonly bars: PremiumBars;
  readonly stress: StressSpec;
  readonly venues: Readonly<Record<VenueId, VenueWorld>>;
  readonly policy: Readonly<Record<string, unknown>>;
  readonly executor: NamedExecutor;
  readonly seed: string;
  /** Entries, each with its exit, evenly over the data. */
  readonly roundTrips: number;
}

/** What became of an executor's hedges. */
export interface Hedges {
  /** Flows by how they ended, `enter hedged` and the like. */
  readonly ends: Readonly<Record<string, number>>;
  readonly nakedMs: readonly number[];
  readonly rollbacks: number;
  /** Of each episode that was undone, against the value of what was undone. */
  readonly rollbackCostBps: readonly number[];
  /** Invariants that broke. */
  readonly broken: readonly string[];
}

const QUANTITY = parseFixed<Btc>('0.05');
const HELD_MS = 5 * 60_000;
/** A position that could not be closed is tried again, as its owner would. */
const AGAIN_MS = 10 * 60_000;
const TRIES = 6;

/** Lets an executor hedge and close at fixed times, whatever the premium does, and says how that went. */
export async function stressedHedges(options: HedgesOptions): Promise<Hedges> {
  const { bars, venues, stress } = options;
  const from = epochMs(bars.time[0] ?? 0);
  const to = epochMs(bars.time[bars.length - 1] ?? 0);
  const run = await simulatedRun({
    mode: 'drill',
    seed: options.seed,
    executor: options.executor,
    policy: options.policy,
    world: { start: from, venues, stress },
    market: (seeds) => createBarMarket(bars, seeds),
    withFaults: true,
    start: from,
    trade: async ({ clock, flows, host, simulation }) => {
      for (let index = 0; index < options.roundTrips; index += 1) {
        const due = addMs(from, Math.floor(((to - from) * (index + 0.5)) / options.roundTrips));
        if (due > clock.now()) await clock.sleep(durationMs(due - clock.now()));
        const asked = flows.decision();
        if (asked === undefined) continue;
        await flows.enter(QUANTITY, asked);
        for (let tries = 0; tries < TRIES && simulation.perp() !== 0n; tries += 1) {
          await clock.sleep(durationMs(tries === 0 ? HELD_MS : AGAIN_MS));
          // A human looks at a lock and lifts it; the executor keeps it where something is still wrong.
          if (host.executor.halted !== undefined) await host.call(async (executor) => executor.resume?.('stress card'));
          const decision = flows.decision();
          if (decision !== undefined) await flows.exit('stress card', decision);
        }
        if (host.executor.halted !== undefined) await host.call(async (executor) => executor.resume?.('stress card'));
      }
    },
  });
  if (run.stopped !== undefined) throw new Error(`the hedges of the stress card stopped early: ${run.stopped}`);
  const { episodes } = analyseEpisodes({ tape: run.tape.events, journal: run.journal });
  const unwound = episodes.filter(({ unwoundBtc }) => unwoundBtc > 0);
  const ends: Record<string, number> = {};
  for (const { kind, outcome } of run.facts.flows) {
    const name = `${kind} ${outcome ?? 'never ended'}`;
    ends[name] = (ends[name] ?? 0) + 1;
  }
  return {
    ends,
    nakedMs: episodes.map(({ start, end }) => (end ?? to) - start),
    rollbacks: unwound.length,
    rollbackCostBps: unwound.flatMap(({ costBps }) => (typeof costBps === 'number' ? [costBps] : [])),
    broken: brokenOf(run.oracle).map(({ id, broken }) => `${id}: expected ${broken.expected}, found ${broken.found}`),
  };
}
