import { z } from 'zod';

import { executorPolicySchema } from '../executor/policy.js';
import { compileDelay } from '../faults/compile-delay.js';
import { decimalText, distribution, durationText } from '../faults/schema-scalars.js';
import { parseDurationMs } from '../faults/scenario-time.js';
import { stressFileSchema } from '../faults/stress/stress-file.js';
import { Z_SCORE_DEFAULTS } from '../strategy/z-score-strategy.js';
import { LATENCY_PRESETS } from './latency-presets.js';
import { BUILT_IN_EXECUTORS, BUILT_IN_STRATEGIES, MOMENT_FORM, nameProblem, parseMoment } from './values.js';

/** Modes of `--mode`; only the first is built (`assertModeIsBuilt`). */
export const MODES = ['backtest', 'paper', 'shadow', 'live'] as const;
export type Mode = (typeof MODES)[number];

/** Money may be written as a decimal in quotes or as a whole number, both exact. */
const moneyText = z
  .union([decimalText, z.int()], { error: 'expected an amount in quotes such as "12.5", or a whole number' })
  .transform(String)
  .refine((text) => !text.startsWith('-'), 'expected an amount of at least 0');
const bp = z.number().min(0).max(10_000);
const path = z.string().min(1, 'expected the path of a file');
const momentText = z.string().refine((text) => parseMoment(text) !== undefined, { error: `expected ${MOMENT_FORM}` });

/** A built-in name or the path of a module of the user's. */
const nameOrPath = (names: readonly string[]): z.ZodString =>
  z.string().superRefine((value, context) => {
    const problem = nameProblem(value, names);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem.text, params: { hint: problem.hint } });
  });

/** A distribution whose numbers also fit each other. */
const delay = distribution.superRefine((text, context) => {
  compileDelay(text, (path, message, hint) => context.addIssue({ code: 'custom', path: [...path], message, params: { hint } }));
});

const strategyKeys = z.strictObject({
  /** `z-score`, or the path of a module that default-exports a StrategyFactory. */
  use: nameOrPath(BUILT_IN_STRATEGIES).optional(),
  /** Handed to a strategy of your own as it is. */
  options: z.record(z.string(), z.unknown()).optional(),
  window: durationText.optional(),
  entry: z.number().positive().optional(),
  exit: z.number().optional(),
  /** 0: no stop. */
  stopBp: bp.optional(),
  cooldown: durationText.optional(),
  holdMax: durationText.optional(),
  positionsMax: z.int().min(1).optional(),
  trigger: z.enum(['level', 're-cross']).optional(),
  premium: z.enum(['usd', 'usdt']).optional(),
  fxInWindow: z.enum(['latest', 'as-published']).optional(),
  samplesMin: z.int().min(2).optional(),
  fxAgeMax: durationText.optional(),
  fxLiveAgeMax: durationText.optional(),
  fxJumpBp: bp.optional(),
});

const strategy = strategyKeys.superRefine((value, context) => {
  const complain = (key: keyof z.infer<typeof strategyKeys>, message: string, hint: string): void =>
    context.addIssue({ code: 'custom', path: [key], message, params: { hint } });
  const isOwn = value.use !== undefined && value.use !== 'z-score';
  if (value.options !== undefined && !isOwn)
    complain('options', 'the z-score strategy takes no options', 'its keys stand beside "use"; "options" are for a module of your own');
  const foreign = isOwn ? Object.keys(value).find((key) => key !== 'use' && key !== 'options') : undefined;
  if (foreign !== undefined) {
    complain(foreign as 'window', 'a key of the z-score strategy, which is not in use', 'what your own module needs goes under "options"');
  }
  if (value.window !== undefined && parseDurationMs(value.window) <= 0) complain('window', 'a window is longer than 0', 'such as 48h');
  const entryZ = value.entry ?? Z_SCORE_DEFAULTS.entry;
  const exitZ = value.exit ?? Z_SCORE_DEFAULTS.exit;
  if (entryZ <= exitZ) {
    complain(
      value.exit === undefined ? 'entry' : 'exit',
      `entry is above exit, found entry ${entryZ} and exit ${exitZ}`,
      'a position opens at z <= -entry and closes at z >= -exit',
    );
  }
});

const entry = z.strictObject({
  /** KRW that one position spends on Upbit, before fees. */
  amountKrw: moneyText.optional(),
  /** How far the expected reversion must exceed the modelled round trip. */
  marginBp: bp.optional(),
});

const latency = z.union([z.enum(LATENCY_PRESETS), z.strictObject({ request: delay, response: delay })]);

const venueShape = {
  latency: latency.optional(),
  /** ccxt's own time-out on each request. */
  timeout: durationText.optional(),
  /** Parts per million of the notional, in place of the dated profile's. */
  takerFeePpm: z.int().min(0).max(100_000).optional(),
  /** How long a read may still show the state before an order's last change. */
  visibilityLag: delay.optional(),
  matchingDelay: delay.optional(),
};

const venues = z.strictObject({
  upbit: z.strictObject({ balances: z.strictObject({ KRW: moneyText.optional(), BTC: moneyText.optional() }).optional(), ...venueShape }).optional(),
  binance: z
    .strictObject({
      balances: z.strictObject({ USDT: moneyText.optional() }).optional(),
      ...venueShape,
      marginMode: z.enum(['isolated', 'cross']).optional(),
      positionMode: z.enum(['oneway', 'hedge']).optional(),
      leverage: z.int().min(1).max(125).optional(),
    })
    .optional(),
});

const limits = z.strictObject({
  exposureKrwMax: moneyText.optional(),
  entriesPerDayMax: z.int().min(0).optional(),
  lossPerDayKrwMax: moneyText.optional(),
});

const dataKeys = z.strictObject({
  file: path.optional(),
  upbit: path.optional(),
  perp: path.optional(),
  funding: path.optional(),
  fx: path.optional(),
  usdtKrw: path.optional(),
  /** Recorded books (JSON lines), used where they cover the time. */
  upbitBook: path.optional(),
  perpBook: path.optional(),
  /** Whether known companion files beside the data are read. */
  companions: z.boolean().optional(),
  from: momentText.optional(),
  to: momentText.optional(),
});

const data = dataKeys.refine(({ from, to }) => from === undefined || to === undefined || (parseMoment(from) ?? 0) < (parseMoment(to) ?? 0), {
  path: ['to'],
  error: 'expected an instant after "from"',
});

const report = z.strictObject({
  /** Run again at half and double depth, for the figures that depend on it. */
  sensitivity: z.boolean().optional(),
});

const sections = {
  mode: z.enum(MODES).optional(),
  seed: z
    .union([z.string().min(1), z.int()])
    .transform(String)
    .optional(),
  /** `reference`, `letter`, `naive`, or the path of a module that default-exports an ExecutorFactory. */
  executor: nameOrPath(BUILT_IN_EXECUTORS).optional(),
  scenario: path.optional(),
  /** What makes both venues worse together: a preset, or one with changes. */
  stress: stressFileSchema.optional(),
  strategy: strategy.optional(),
  entry: entry.optional(),
  venues: venues.optional(),
  limits: limits.optional(),
  data: data.optional(),
  report: report.optional(),
};

/** `hedge.yaml` of a built-in executor: every key of `policy` is known. */
export const hedgeFileSchema = z.strictObject({ ...sections, policy: executorPolicySchema.optional() });
/** The same for an executor of the user's own, whose policy is its own business. */
export const hedgeFileOpenPolicySchema = z.strictObject({ ...sections, policy: z.record(z.string(), z.unknown()).optional() });

/** A parsed `hedge.yaml`, nothing filled in; durations and instants are still text. */
export type HedgeFile = z.infer<typeof hedgeFileOpenPolicySchema>;
export type LatencyChoice = z.infer<typeof latency>;
