import { readFile } from 'node:fs/promises';

import { InputError } from '../core/input-error.js';
import { parseFixed } from '../core/money.js';
import type { Krw } from '../core/money.js';
import type { EpochMs, VenueId } from '../core/units.js';
import { parseYamlInput } from '../core/yaml-input.js';
import { parseDurationMs } from '../faults/scenario-time.js';
import type { StressFile } from '../faults/stress/stress-file.js';
import { STRESS_PRESETS, type StressPreset } from '../faults/stress/stress-spec.js';
import type { VenueWorld } from '../faults/world.js';
import { executorPolicySchema } from '../executor/policy.js';
import type { EntryLimits } from '../strategy/entry-limits.js';
import { Z_SCORE_DEFAULTS } from '../strategy/z-score-strategy.js';
import type { ZScoreOptions } from '../strategy/z-score-strategy.js';
import { hedgeFileOpenPolicySchema, hedgeFileSchema, MODES } from './hedge-schema.js';
import type { HedgeFile, Mode } from './hedge-schema.js';
import { policyAsInput } from './policy-input.js';
import { BUILT_IN_EXECUTORS, BUILT_IN_STRATEGIES, choiceProblem, isBuiltInExecutor, MOMENT_FORM, nameProblem, parseMoment } from './values.js';
import type { ValueProblem } from './values.js';
import { venueWorldOf } from './venue-world.js';
import type { VenueSettings } from './venue-world.js';

/** Values of command-line flags; undefined keys say nothing. Paths are the working directory's, as in the file. */
export interface ConfigOverrides {
  readonly mode?: string | undefined;
  readonly seed?: string | number | undefined;
  readonly executor?: string | undefined;
  readonly strategy?: string | undefined;
  readonly scenario?: string | undefined;
  readonly stress?: string | undefined;
  readonly data?: string | undefined;
  readonly upbit?: string | undefined;
  readonly perp?: string | undefined;
  readonly funding?: string | undefined;
  readonly fx?: string | undefined;
  readonly usdtKrw?: string | undefined;
  readonly upbitBook?: string | undefined;
  readonly perpBook?: string | undefined;
  readonly useCompanions?: boolean | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly sensitivity?: boolean | undefined;
}

export type StrategyChoice =
  | { readonly use: 'z-score'; readonly options: ZScoreOptions }
  /** A module of the user's; `options` are handed to its factory. */
  | { readonly use: 'file'; readonly file: string; readonly options: Readonly<Record<string, unknown>> };

export interface DataChoice {
  /** undefined: the embedded sample. */
  readonly file: string | undefined;
  readonly upbit: string | undefined;
  readonly perp: string | undefined;
  readonly funding: string | undefined;
  readonly fx: string | undefined;
  readonly usdtKrw: string | undefined;
  /** Recordings of the venues' books. */
  readonly upbitBook: string | undefined;
  readonly perpBook: string | undefined;
  readonly useCompanions: boolean;
  readonly from: EpochMs | undefined;
  readonly to: EpochMs | undefined;
}

/** Everything that decides a run but its data's content and the version. */
export interface ResolvedConfig {
  readonly mode: Mode;
  readonly seed: string;
  /** A built-in name or the path of a module (`isBuiltInExecutor` of values.ts). */
  readonly executor: string;
  readonly scenario: string | undefined;
  /** Goes before a scenario's own; undefined: the scenario's, if it has one. */
  readonly stress: StressFile | undefined;
  readonly strategy: StrategyChoice;
  readonly entry: { readonly amount: Krw; /** Fraction of the notional. */ readonly margin: number };
  /** In the form of the file, defaults filled in: what an `ExecutorFactory` is handed. */
  readonly policy: Readonly<Record<string, unknown>>;
  readonly venues: Readonly<Record<VenueId, VenueSettings>>;
  readonly limits: EntryLimits;
  readonly data: DataChoice;
  readonly report: { readonly sensitivity: boolean };
}

/** Owner's usual size: 10 million KRW a position, and balances for a few of them on either side. */
const DEFAULTS = {
  amountKrw: '10000000',
  marginBp: 5,
  balances: { upbit: { KRW: '50000000', BTC: '0' }, binance: { USDT: '35000' } },
  // ccxt's own default.
  timeoutMs: 10_000,
} as const;

/** The simulated venues of a run without scenario; a scenario's `world` is laid over them by its runner. */
export function venueWorlds(config: ResolvedConfig): Record<VenueId, VenueWorld> {
  return { upbit: venueWorldOf('upbit', config.venues.upbit), binance: venueWorldOf('binance', config.venues.binance) };
}

/** @throws InputError for a mode that this build does not have. */
export function assertModeIsBuilt(mode: Mode): void {
  if (mode === 'backtest') return;
  throw new InputError(`this build has backtest and drill only; "${mode}" is reserved and not built yet`, { key: '--mode' }, 'use --mode backtest');
}

/**
 * Defaults, then the file, then the flags; the later wins.
 *
 * @param file - path of a `hedge.yaml`; undefined: defaults and flags only.
 * @throws InputError with file, line, column and key, or the flag, of every mistake.
 */
export async function resolveConfig(file: string | undefined, overrides: ConfigOverrides = {}): Promise<ResolvedConfig> {
  return resolveConfigText(file === undefined ? '' : await readConfig(file), file ?? 'hedge.yaml', overrides);
}

/** As `resolveConfig`, from a text; `file` stands in messages. */
export function resolveConfigText(text: string, file: string, overrides: ConfigOverrides = {}): ResolvedConfig {
  checkFlags(overrides);
  const loose = parseYamlInput<HedgeFile>(text, file, hedgeFileOpenPolicySchema);
  const executor = overrides.executor ?? loose.executor ?? 'reference';
  // The policy of an executor of the user's own is its own business.
  const given: HedgeFile = isBuiltInExecutor(executor) ? parseYamlInput<HedgeFile>(text, file, hedgeFileSchema) : loose;
  const policy = loose.policy ?? {};
  return {
    mode: overrides.mode === undefined ? (given.mode ?? 'backtest') : (overrides.mode as Mode),
    seed: String(overrides.seed ?? given.seed ?? '1'),
    executor,
    scenario: overrides.scenario ?? given.scenario,
    stress: overrides.stress === undefined ? given.stress : (overrides.stress as StressPreset),
    strategy: strategyOf(given.strategy ?? {}, overrides.strategy),
    entry: entryOf(given.entry ?? {}),
    policy: isBuiltInExecutor(executor) ? policyAsInput(executorPolicySchema.parse(policy)) : policy,
    venues: { upbit: venueOf('upbit', given), binance: venueOf('binance', given) },
    limits: limitsOf(given.limits ?? {}),
    data: dataOf(given.data ?? {}, overrides),
    report: { sensitivity: overrides.sensitivity ?? given.report?.sensitivity ?? true },
  };
}

async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new InputError(
      code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code ?? 'unknown error'})`,
      { file },
      'give --config the path of a hedge.yaml',
    );
  }
}

function checkFlags(flags: ConfigOverrides): void {
  const check = (flag: string, problem: ValueProblem | undefined): void => {
    if (problem !== undefined) throw new InputError(problem.text, { key: `--${flag}` }, problem.hint);
  };
  if (flags.mode !== undefined) check('mode', choiceProblem(flags.mode, MODES));
  if (flags.executor !== undefined) check('executor', nameProblem(flags.executor, BUILT_IN_EXECUTORS));
  if (flags.strategy !== undefined) check('strategy', nameProblem(flags.strategy, BUILT_IN_STRATEGIES));
  if (flags.stress !== undefined) check('stress', choiceProblem(flags.stress, STRESS_PRESETS));
  for (const flag of ['from', 'to'] as const) {
    const text = flags[flag];
    if (text !== undefined && parseMoment(text) === undefined) check(flag, { text: `expected ${MOMENT_FORM}, found "${text}"`, hint: undefined });
  }
}

function entryOf(given: NonNullable<HedgeFile['entry']>): ResolvedConfig['entry'] {
  return { amount: parseFixed<Krw>(given.amountKrw ?? DEFAULTS.amountKrw), margin: (given.marginBp ?? DEFAULTS.marginBp) / 10_000 };
}

function strategyOf(given: NonNullable<HedgeFile['strategy']>, flag: string | undefined): StrategyChoice {
  const use = flag ?? given.use ?? 'z-score';
  if (use !== 'z-score') return { use: 'file', file: use, options: given.options ?? {} };
  const byDefault = Z_SCORE_DEFAULTS;
  return {
    use: 'z-score',
    options: {
      windowMs: msOf(given.window, byDefault.windowMs),
      entry: given.entry ?? byDefault.entry,
      exit: given.exit ?? byDefault.exit,
      stop: given.stopBp === 0 ? undefined : (fractionOf(given.stopBp) ?? byDefault.stop),
      cooldownMs: msOf(given.cooldown, byDefault.cooldownMs),
      holdMsMax: msOf(given.holdMax, byDefault.holdMsMax),
      positionsMax: given.positionsMax ?? byDefault.positionsMax,
      trigger: given.trigger ?? byDefault.trigger,
      premium: given.premium ?? byDefault.premium,
      fxInWindow: given.fxInWindow ?? byDefault.fxInWindow,
      samplesMin: given.samplesMin ?? byDefault.samplesMin,
      fxAgeMsMax: msOf(given.fxAgeMax, byDefault.fxAgeMsMax),
      fxLiveAgeMsMax: msOf(given.fxLiveAgeMax, byDefault.fxLiveAgeMsMax),
      fxJumpMax: fractionOf(given.fxJumpBp) ?? byDefault.fxJumpMax,
    },
  };
}

const fractionOf = (bp: number | undefined): number | undefined => (bp === undefined ? undefined : bp / 10_000);
const msOf = (text: string | undefined, byDefault: number): number => (text === undefined ? byDefault : parseDurationMs(text));

function venueOf(venue: VenueId, given: HedgeFile): VenueSettings {
  const section = given.venues?.[venue] ?? {};
  const margin = (venue === 'binance' ? given.venues?.binance : undefined) ?? {};
  return {
    balances: { ...DEFAULTS.balances[venue], ...withoutUndefined(section.balances ?? {}) },
    latency: section.latency ?? 'calm',
    timeoutMs: msOf(section.timeout, DEFAULTS.timeoutMs),
    takerFeePpm: section.takerFeePpm,
    visibilityLag: section.visibilityLag ?? { uniform: ['0ms', '400ms'] },
    matchingDelay: section.matchingDelay ?? { uniform: ['5ms', '30ms'] },
    marginMode: margin.marginMode ?? 'cross',
    positionMode: margin.positionMode ?? 'oneway',
    leverage: margin.leverage ?? 1,
  };
}

const withoutUndefined = (balances: object): Record<string, string> =>
  Object.fromEntries(Object.entries(balances).filter((pair): pair is [string, string] => pair[1] !== undefined));

function limitsOf(given: NonNullable<HedgeFile['limits']>): EntryLimits {
  const krw = (text: string | undefined): Krw | undefined => (text === undefined ? undefined : parseFixed<Krw>(text));
  return { exposureMax: krw(given.exposureKrwMax), entriesPerDayMax: given.entriesPerDayMax, lossPerDayMax: krw(given.lossPerDayKrwMax) };
}

function dataOf(given: NonNullable<HedgeFile['data']>, flags: ConfigOverrides): DataChoice {
  // Companions in the file belong to the file's own data, not to another one named by a flag.
  const own = flags.data === undefined ? given : {};
  const from = momentOf(flags.from ?? given.from);
  const to = momentOf(flags.to ?? given.to);
  if (from !== undefined && to !== undefined && from >= to) {
    throw new InputError('the first instant does not lie before the last', { key: flags.to === undefined ? '--from' : '--to' });
  }
  return {
    file: flags.data ?? given.file,
    upbit: flags.upbit ?? own.upbit,
    perp: flags.perp ?? own.perp,
    funding: flags.funding ?? own.funding,
    fx: flags.fx ?? own.fx,
    usdtKrw: flags.usdtKrw ?? own.usdtKrw,
    upbitBook: flags.upbitBook ?? own.upbitBook,
    perpBook: flags.perpBook ?? own.perpBook,
    useCompanions: flags.useCompanions === false ? false : (given.companions ?? true),
    from,
    to,
  };
}

const momentOf = (text: string | undefined): EpochMs | undefined => (text === undefined ? undefined : parseMoment(text));
