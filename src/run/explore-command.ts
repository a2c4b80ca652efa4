import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SystemClock } from '../clock/system-clock.js';
import { InputError } from '../core/input-error.js';
import type { Bucket } from '../drill/explore/bucket.js';
import { explore, type Exploration, type ExploreOptions, type Runner, type Slice } from '../drill/explore/explore.js';
import { foundName, foundScenario } from '../drill/explore/found-scenario.js';
import type { TimeBound } from '../drill/explore/levels/boundaries.js';
import { LEVELS, type Level, type Plan } from '../drill/explore/planned-fault.js';
import { shrink } from '../drill/explore/shrink.js';
import { DEFAULT_POLICY } from '../executor/policy.js';
import { explorationJson, explorationText } from './exploration-text.js';
import { codeHash } from './code-hash.js';
import { executorHash } from './executor-hash.js';
import { flowOptions, flowVariants, plainFlow, type FlowVariant } from './explore-flows.js';
import { writeFoundTimeline } from './found-timeline.js';
import { openRunners } from './explore-runner.js';
import { scenariosDir } from './package-paths.js';
import { runToken } from './replay-line.js';
import { codeVersion, scenarioHash } from './replay-token.js';
import { ResumingRunner } from './resuming-runner.js';
import { EXIT, type ExitCode, type RunObserver } from './run-output.js';

export interface ExploreCommandOptions {
  readonly flows: readonly string[];
  readonly levels: readonly string[];
  readonly executor: string;
  readonly seed: number;
  /** Runs of the swarm, and its first seed. */
  readonly swarm: number;
  readonly swarmFrom: number;
  /** `3/20`: every twentieth pair, from the fourth on; `commit/20`: which one follows from the commit's hash. */
  readonly slice?: string | undefined;
  /** Nothing new is begun after this; the same command goes on from there. */
  readonly minutes?: number | undefined;
  /** Fails on what the levels ought to have covered and did not. */
  readonly gate?: boolean | undefined;
  readonly threads?: number | undefined;
  /** Plants an oracle that always breaks in each level; the command fails when one is not reported. */
  readonly canary?: boolean | undefined;
  /** Folder for the smallest scenario of each bucket. */
  readonly found: string;
  readonly out: string;
  readonly json: boolean;
  readonly observer: RunObserver;
}

/** What became of one bucket's example. */
export interface FoundFile {
  readonly bucket: Bucket;
  readonly file: string;
  readonly faults: number;
  readonly shrunkFrom: number;
  readonly tries: number;
  readonly token: string;
  /** Where truth and belief part in it. */
  readonly timeline: string;
}

const PROGRESS_EVERY = 16;

/** `hedgedrill explore`: every fault point of every flow, in levels; failures in buckets, the smallest of each as a scenario file. */
export async function runExplore(options: ExploreCommandOptions): Promise<ExitCode> {
  const { observer } = options;
  const levels = options.levels.length === 0 ? (['singles', 'crash'] as const) : options.levels.map((word) => levelNamed(word, '--levels'));
  const variants = await flowVariants(scenariosDir(), options.flows);
  const folder = join(options.out, `explore-${identity(options, variants)}`);
  await mkdir(folder, { recursive: true });
  const pool = await openRunners(options.executor, variants, options.threads);
  const runner = new ResumingRunner(pool.runner, join(folder, 'runs.jsonl'), deadline(options.minutes));
  if (runner.resumed > 0) observer.notice(`${runner.resumed} finished runs are taken from ${folder}/runs.jsonl`);
  const tellWhere = (): void => observer.notice(`${runner.finished} finished runs are kept in ${folder}; the same command goes on from there`);
  for (const signal of SIGNALS) process.prependOnceListener(signal, tellWhere);
  try {
    const planned = exploreOptions(options, levels, variants);
    if (planned.slice !== undefined)
      observer.notice(`pairs: slice ${planned.slice.take}/${planned.slice.of}; repeat it with --slice ${planned.slice.take}/${planned.slice.of}`);
    const result = await explore(planned, runner, (level, done, total, failing) => {
      if (done % PROGRESS_EVERY === 0 || done === total) observer.progress(failing === 0 ? level : `${level}, ${failing} fail`, done, total, 'runs');
    });
    return await tellResult(result, runner, levels, variants, { ...options, folder });
  } finally {
    for (const signal of SIGNALS) process.off(signal, tellWhere);
    runner.close();
    await pool.close();
  }
}

/** Shrinks what failed, writes the report and says what it comes to. */
async function tellResult(
  result: Exploration,
  runner: ResumingRunner,
  levels: readonly Level[],
  variants: readonly FlowVariant[],
  options: ExploreCommandOptions & { readonly folder: string },
): Promise<ExitCode> {
  const { observer, folder } = options;
  const found = await shrinkBuckets(result, runner, variants, options);
  const gaps = options.gate === true && runner.skipped === 0 ? result.coverage.gaps(levels) : [];
  const json = { ...explorationJson(result, found, levels), notBegun: runner.skipped, gaps };
  await writeFile(join(folder, 'explore.json'), `${JSON.stringify(json, undefined, 2)}\n`);
  const text = explorationText(result, found, levels);
  await writeFile(join(folder, 'explore.txt'), text);
  observer.say(options.json ? JSON.stringify(json, undefined, 2) : `${text}report: ${folder}/explore.json`);
  if (runner.skipped > 0) observer.notice(`the time was over with ${runner.skipped} runs to go; the same command goes on from there`);
  for (const gap of gaps) observer.problem(`not covered: ${gap}`);
  const swallowed = [...result.canaries].filter(([, reported]) => !reported).map(([level]) => level);
  for (const level of swallowed)
    observer.problem(`the canary of level ${level} was not reported: its oracle does not work, and nothing that the level says counts`);
  const isSound = result.failing === 0 && result.unsound.length === 0 && gaps.length === 0 && swallowed.length === 0;
  return isSound ? EXIT.ok : EXIT.promiseBroken;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Real time, for what people wait for; nothing that a run decides hangs on it. */
const CLOCK = new SystemClock();

/** Real time, read between runs. */
export function deadline(minutes: number | undefined): () => boolean {
  if (minutes === undefined) return () => false;
  const end = CLOCK.monotonic() + minutes * 60_000;
  return () => CLOCK.monotonic() >= end;
}

/**
 * The level of a name.
 *
 * @param key - where it was asked for.
 * @throws InputError when there is none.
 */
export function levelNamed(word: string, key: string): Level {
  const level = LEVELS.find((known) => known === word);
  if (level === undefined) throw new InputError(`there is no level "${word}"`, { key }, `levels: ${LEVELS.join(', ')}`);
  return level;
}

function exploreOptions(options: ExploreCommandOptions, levels: readonly Level[], variants: readonly FlowVariant[]): ExploreOptions {
  return {
    ...flowOptions(variants),
    levels,
    seed: options.seed,
    bounds: timeBounds(),
    swarm: { from: options.swarmFrom, count: options.swarm },
    canary: options.canary,
    slice: options.slice === undefined ? undefined : sliceOf(options.slice),
  };
}

function sliceOf(text: string): Slice {
  const [, take, of] = /^(commit|\d+)\/(\d+)$/.exec(text) ?? [];
  if (take === 'commit' && Number(of) > 0) return { take: commitNumber() % Number(of), of: Number(of) };
  if (take === undefined || of === undefined || Number(of) === 0)
    throw new InputError(
      `expected a slice such as 3/20, found "${text}"`,
      { key: '--slice' },
      'the first is a number or the word commit, the second is in how many parts',
    );
  return { take: Number(take), of: Number(of) };
}

/** From the commit's hash, so that successive commits look at different parts; outside a checkout from the version. */
function commitNumber(): number {
  return createHash('sha256').update(codeVersion().replace('+dirty', '')).digest().readUInt32BE(0);
}

/** Deadlines of the reference executor and of the venues' assumed lifetimes. */
export function timeBounds(): readonly TimeBound[] {
  const { requestTimeoutMs, legDeadlineMs, recvWindowMs, binanceLifetimeMarginMs, upbitLifetimeMs, notFoundSpacingMs } = DEFAULT_POLICY;
  return [
    { name: 'request-timeout', ms: requestTimeoutMs },
    { name: 'not-found-spacing', ms: notFoundSpacingMs },
    { name: 'binance-lifetime', ms: recvWindowMs + binanceLifetimeMarginMs },
    { name: 'leg-deadline', ms: legDeadlineMs },
    { name: 'upbit-lifetime', ms: upbitLifetimeMs },
  ];
}

/** The same question asked again finds its finished runs; other code, flows or seeds make another folder. */
function identity(options: ExploreCommandOptions, variants: readonly FlowVariant[]): string {
  const parts = [codeHash(), executorHash(options.executor), options.seed, ...variants.map(({ scenario }) => scenarioHash(scenario))];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

async function shrinkBuckets(
  { buckets }: Exploration,
  runner: Runner,
  variants: readonly FlowVariant[],
  options: ExploreCommandOptions & { readonly folder: string },
): Promise<readonly FoundFile[]> {
  const found: FoundFile[] = [];
  if (buckets.length > 0) await mkdir(options.found, { recursive: true });
  for (const [index, bucket] of buckets.entries()) {
    options.observer.progress('shrinking', index, buckets.length);
    const { run, tries, shrunkFrom } = await shrink(bucket.example, (plan: Plan) => runner.run(plan));
    const variant = variants.find(({ id }) => id === run.plan.flow);
    if (variant === undefined) continue;
    const file = join(options.found, `${foundName(run)}.yaml`);
    await writeFile(file, foundScenario(run, plainFlow(variant.scenario), { commit: codeVersion(), shrunkFrom }));
    const token = tokenOf(run.plan, run.tapeHash, variant, options.executor);
    const timeline = await writeFoundTimeline(join(options.folder, foundName(run)), run, variant.scenario, options.executor, token);
    found.push({
      bucket,
      file,
      faults: run.plan.faults.length,
      shrunkFrom,
      tries,
      token,
      timeline,
    });
  }
  return found;
}

/** The word that repeats one run of the explorer. */
export function tokenOf(plan: Plan, tapeHash: string, { scenario }: FlowVariant, executor: string): string {
  return runToken({ scenario, seed: String(plan.seed), executor, executorHash: executorHash(executor), tapeHash, plan });
}
