import { choiceProblem, parseMoment } from '../config/values.js';
import { InputError } from '../core/input-error.js';
import { STRESS_PRESETS, type StressPreset } from '../faults/stress/stress-spec.js';
import { loadBars } from '../market/load-bars.js';
import { sampleFile } from './package-paths.js';
import { EXIT, type ExitCode, type RunObserver } from './run-output.js';
import { PROBES, ROUND_TRIPS, stressCardOf } from './stress-card-of.js';
import type { StressFigures } from './stress-figures.js';
import { stressScreen } from './stress-text.js';

export interface StressCommandOptions {
  readonly presets: readonly string[];
  readonly data?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly seed?: string | undefined;
  readonly probes?: number | undefined;
  readonly roundTrips?: number | undefined;
  readonly cache?: string | undefined;
  readonly json: boolean;
  readonly observer: RunObserver;
}

/** `hedgedrill stress`: runs presets over data and prints their measured cards side by side. Exit 1 when the executor broke a promise. */
export async function runStressCards(options: StressCommandOptions): Promise<ExitCode> {
  const { observer, json } = options;
  const presets = options.presets.length === 0 ? STRESS_PRESETS : options.presets.map(presetNamed);
  const [probes, roundTrips] = [options.probes ?? PROBES, options.roundTrips ?? ROUND_TRIPS];
  for (const [flag, value] of Object.entries({ probes, 'round-trips': roundTrips }))
    if (!Number.isInteger(value) || value < 1) throw new InputError(`expected a whole number of at least 1, found ${value}`, { key: `--${flag}` });
  const from = moment('from', options.from);
  const to = moment('to', options.to);
  const { bars, notices } = await loadBars({ data: options.data ?? sampleFile(), from, to, cacheDir: options.cache });
  for (const notice of notices) observer.notice(notice);
  const cards: StressFigures[] = [];
  for (const preset of presets) {
    observer.progress('presets', cards.length, presets.length);
    cards.push(await stressCardOf({ preset, bars, seed: options.seed ?? '1', probes, roundTrips }));
  }
  if (json) observer.say(JSON.stringify(cards.map(finite), undefined, 2));
  else {
    const data = `${bars.source.name}${bars.source.synthetic ? '   ** SYNTHETIC DATA **' : ''}`;
    observer.say(`stress over ${data}: ${(cards[0]?.hours ?? 0).toFixed(0)} hours, ${probes} probes, ${roundTrips} round trips\n`);
    observer.say(stressScreen(cards));
  }
  return cards.every(({ hedges }) => hedges.broken.length === 0) ? EXIT.ok : EXIT.promiseBroken;
}

function presetNamed(text: string): StressPreset {
  const problem = choiceProblem(text, STRESS_PRESETS);
  if (problem !== undefined) throw new InputError(problem.text, { key: 'preset' }, problem.hint);
  return text as StressPreset;
}

function moment(flag: string, text: string | undefined): ReturnType<typeof parseMoment> {
  const at = text === undefined ? undefined : parseMoment(text);
  if (text !== undefined && at === undefined)
    throw new InputError(`expected a day or an instant with its zone, found "${text}"`, { key: `--${flag}` });
  return at;
}

/** JSON has no infinity: a latency without an answer is the word. */
const finite = (card: StressFigures): unknown =>
  JSON.parse(JSON.stringify(card, (_, value: unknown) => (value === Number.POSITIVE_INFINITY ? 'no answer' : value)));
