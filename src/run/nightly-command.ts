import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SystemClock } from '../clock/system-clock.js';
import { bucketKey } from '../drill/explore/bucket.js';
import { isBroken, type ExploredRun } from '../drill/explore/explored-run.js';
import type { Runner } from '../drill/explore/explore.js';
import { swarmPlan } from '../drill/explore/levels/swarm.js';
import { executorHash } from './executor-hash.js';
import { deadline, runExplore, tokenOf } from './explore-command.js';
import { flowVariants, type FlowVariant } from './explore-flows.js';
import { openRunners } from './explore-runner.js';
import { scenariosDir, serveLoadScript } from './package-paths.js';
import { codeVersion, scenarioHash } from './replay-token.js';
import { EXIT, type ExitCode, type RunObserver } from './run-output.js';
import { SwarmTally, type SwarmEntry } from './swarm-tally.js';

/** Seeds between two looks at the clock and two writes of the tally: a kill loses no more than these. */
const CHUNK_SEEDS = 128;

const CLOCK = new SystemClock();
const isoNow = (): string => new Date(CLOCK.now()).toISOString();

export interface NightlyOptions {
  /** For each part; all of it when absent. */
  readonly minutes?: number | undefined;
  readonly parts: readonly ('pairs' | 'swarm' | 'serve')[];
  /** Flows that the swarm's tally is to reach in all. */
  readonly flows: number;
  readonly threads?: number | undefined;
  /** Folder of the tallies that are kept in the repository. */
  readonly history: string;
  readonly out: string;
  readonly found: string;
  readonly observer: RunObserver;
}

/** Requests of the run that shows whether the memory of `serve` stands still. */
const SERVE_REQUESTS = 1_000_000;

/**
 * `hedgedrill nightly`: all ordered pairs of every flow, then the swarm up to its goal, which go on where they were stopped, and
 * the load on `serve`.
 */
export async function runNightly(options: NightlyOptions): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  if (options.parts.includes('pairs')) codes.push(await nightlyPairs(options));
  if (options.parts.includes('swarm')) codes.push(await nightlySwarm(options));
  if (options.parts.includes('serve')) codes.push(await nightlyServe(options.observer));
  return codes.find((code) => code !== EXIT.ok) ?? EXIT.ok;
}

function nightlyPairs({ minutes, threads, out, found, observer }: NightlyOptions): Promise<ExitCode> {
  return runExplore({
    // All of them: the pairs of the five flows that matter most are under a hundred thousand.
    flows: [],
    levels: ['singles', 'pairs'],
    executor: 'reference',
    seed: 1,
    swarm: 0,
    swarmFrom: 1,
    threads,
    minutes,
    gate: true,
    found,
    out,
    json: false,
    observer,
  });
}

/** The load generator is a development dependency: it stands in the repository only. */
async function nightlyServe(observer: RunObserver): Promise<ExitCode> {
  const script = serveLoadScript();
  if (!existsSync(script)) {
    observer.notice('serve: the load generator is in the repository, not in the package; nothing was measured');
    return EXIT.ok;
  }
  const child = spawn(process.execPath, ['--import', 'tsx', script, String(SERVE_REQUESTS)], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) observer.problem(`serve: its memory grew, or the load on it ended with ${code ?? 'a signal'}`);
  return code === 0 ? EXIT.ok : EXIT.promiseBroken;
}

async function nightlySwarm(options: NightlyOptions): Promise<ExitCode> {
  const { observer } = options;
  const tally = new SwarmTally(join(options.history, 'swarm.json'));
  const variants = (await flowVariants(scenariosDir(), [])).filter(({ isSwarm }) => isSwarm);
  const pool = await openRunners('reference', variants, options.threads);
  try {
    const swarm = new NightSwarm(tally, variants, pool.threads);
    await swarm.run(pool.runner, options.flows, deadline(options.minutes), observer);
    observer.say(
      `swarm: ${swarm.ran} flows this time, ${tally.flows} of ${options.flows} in all, ${tally.violations} violations; tally: ${join(options.history, 'swarm.json')}`,
    );
    return swarm.violations === 0 ? EXIT.ok : EXIT.promiseBroken;
  } finally {
    await pool.close();
  }
}

/** One start of the swarm: an entry of the tally that grows chunk by chunk. */
class NightSwarm {
  ran = 0;
  violations = 0;
  readonly #tally: SwarmTally;
  readonly #variants: readonly FlowVariant[];
  readonly #threads: number;
  readonly #behaviours = new Set<string>();
  #entry: SwarmEntry | undefined;

  constructor(tally: SwarmTally, variants: readonly FlowVariant[], threads: number) {
    this.#tally = tally;
    this.#variants = variants;
    this.#threads = threads;
  }

  async run(runner: Runner, goal: number, isOver: () => boolean, observer: RunObserver): Promise<void> {
    const ids = this.#variants.map(({ id }) => id);
    const before = this.#tally.flows;
    while (before + this.ran < goal && !isOver()) {
      const from = this.#tally.nextSeed;
      const began = CLOCK.monotonic();
      const runs: ExploredRun[] = [];
      await runner.runAll(
        Array.from({ length: CHUNK_SEEDS }, (_, index) => swarmPlan(ids, from + index)),
        (run) => {
          runs.push(run);
          observer.progress('swarm', before + this.ran + runs.length, goal, 'flows');
        },
      );
      this.#add(runs, from, (CLOCK.monotonic() - began) / 1_000);
    }
  }

  #add(runs: readonly ExploredRun[], from: number, seconds: number): void {
    const entry = (this.#entry ??= this.#begun(from));
    // Workers finish in any order.
    const broken = runs.filter(isBroken).sort((a, b) => a.plan.seed - b.plan.seed);
    const flows = runs.reduce((sum, { outcomes }) => sum + outcomes.length, 0);
    for (const { plan, behaviour } of runs) this.#behaviours.add(`${plan.flow} ${behaviour}`);
    this.ran += flows;
    this.violations += broken.length;
    this.#entry = {
      ...entry,
      seeds: { from: entry.seeds.from, to: from + runs.length - 1 },
      runs: entry.runs + runs.length,
      flows: entry.flows + flows,
      virtualHours: Math.round((entry.virtualHours + runs.reduce((sum, { virtualMs }) => sum + virtualMs, 0) / 3_600_000) * 100) / 100,
      distinctBehaviours: this.#behaviours.size,
      violations: entry.violations + broken.length,
      broken: [...entry.broken, ...broken.map((run) => this.#brokenEntry(run))],
      endedAt: isoNow(),
      seconds: Math.round(entry.seconds + seconds),
    };
    this.#tally.put(this.#entry);
  }

  #brokenEntry(run: ExploredRun): SwarmEntry['broken'][number] {
    const variant = this.#variants.find(({ id }) => id === run.plan.flow);
    if (variant === undefined) throw new Error(`no flow variant ${run.plan.flow}`);
    return { bucket: bucketKey(run), seed: run.plan.seed, token: tokenOf(run.plan, run.tapeHash, variant, 'reference') };
  }

  #begun(from: number): SwarmEntry {
    const now = isoNow();
    const hashes = this.#variants.map(({ scenario }) => scenarioHash(scenario));
    return {
      commit: codeVersion(),
      executor: 'reference',
      executorHash: executorHash('reference'),
      flowsHash: createHash('sha256').update(hashes.join()).digest('hex').slice(0, 12),
      seeds: { from, to: from - 1 },
      runs: 0,
      flows: 0,
      virtualHours: 0,
      distinctBehaviours: 0,
      violations: 0,
      broken: [],
      startedAt: now,
      endedAt: now,
      seconds: 0,
      threads: this.#threads,
    };
  }
}
