import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Stop } from '../clock/stop.js';
import { SystemClock } from '../clock/system-clock.js';
import { resolveConfigText, venueWorlds } from '../config/resolve-config.js';
import { InputError } from '../core/input-error.js';
import { durationMs, type DurationMs } from '../core/units.js';
import { loadScenario } from '../faults/load-scenario.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import { parseDurationMs } from '../faults/scenario-time.js';
import type { World } from '../faults/world.js';
import type { PremiumBars } from '../market/bars.js';
import { loadBars } from '../market/load-bars.js';
import { refuseUnwritable } from '../report/atomic-folder.js';
import { EMULATED_KEYS } from '../wire/wire-keys.js';
import { sampleFile, scenarioPath, scenariosDir } from './package-paths.js';
import { EXIT, RefusedError, type ExitCode, type RunObserver } from './run-output.js';
import { parameter } from './scenario-files.js';
import { snippets } from './serve-snippets.js';
import { servedRun, type ServedRun } from './served-run.js';
import { servedJson, servedText } from './served-text.js';
import { servedVerdict, type ServedVerdict } from './served-verdict.js';
import { Signal } from './signal.js';
import { writeServed } from './write-served.js';

export interface ServeCommandOptions {
  readonly scenario?: string | undefined;
  /** `name=value` each. */
  readonly params: readonly string[];
  readonly data?: string | undefined;
  /** How much of the data lies before the start; nothing when absent. */
  readonly history?: string | undefined;
  readonly speed: number;
  readonly host: string;
  /** Somebody said in so many words that others may reach this server. */
  readonly allowsOthers: boolean;
  /** Upbit's; Binance takes the next one, or any when it is 0. */
  readonly port: number;
  readonly seed?: string | undefined;
  readonly out: string;
  /** How long to serve; until somebody stops it when absent. */
  readonly until?: string | undefined;
  readonly json: boolean;
  readonly observer: RunObserver;
  /** Settles when somebody asks the server to stop. */
  readonly stopped: Promise<void>;
}

/** What is served, read and checked. */
interface Plan {
  readonly scenario: ResolvedScenario | undefined;
  readonly world: Omit<World, 'start'>;
  readonly bars: PremiumBars | undefined;
  readonly historyMs: DurationMs | undefined;
  readonly speed: number;
  readonly seed: string;
  readonly untilMs: DurationMs | undefined;
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;
const SPEED_MAX = 100_000;
const DURATION = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;

/**
 * `hedgedrill serve`: both venues on loopback ports, in real time, until somebody stops it or `until` is over; then the
 * tape, the report and the oracle's verdict are written.
 *
 * @throws InputError for a scenario, data file, duration, port or place that is none; RefusedError for an address that others
 * can reach when nobody said that they may.
 */
export async function serve(options: ServeCommandOptions): Promise<ExitCode> {
  const plan = await planOf(options);
  const { observer, out, stopped } = options;
  await refuseUnwritable(out);
  mkdirSync(out, { recursive: true });
  const wall = new SystemClock();
  const name = `serve-${new Date(wall.now()).toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const failure = new Signal();
  const failures: unknown[] = [];
  const run = servedRun({
    ...plan,
    keys: EMULATED_KEYS,
    wall,
    tapeFile: join(out, `${name}.tape.jsonl`),
    onFailure: (error) => {
      failures.push(error);
      failure.raise();
    },
    onProblem: (error) => observer.problem(`a request was answered 500, which is a bug of hedgedrill: ${textOf(error)}`),
  });
  await open(run, options);
  tell(run, options);
  const alarm = new Stop();
  await Promise.race([stopped, failure.raised, ...(plan.untilMs === undefined ? [] : [wall.sleep(plan.untilMs, alarm)])]);
  alarm.abort();
  await letGo(run);
  const verdict = servedVerdict(run, plan.scenario);
  await conclude(verdict, options, () => writeServed(join(out, name), { ...plan, run, verdict }));
  if (failures.length > 0) throw failures[0];
  return verdict.outcome === 'held' ? EXIT.ok : EXIT.promiseBroken;
}

async function planOf({ scenario: name, params, data, history, speed, host, seed, until, allowsOthers }: ServeCommandOptions): Promise<Plan> {
  if (!LOOPBACK.test(host) && !allowsOthers)
    throw new RefusedError(`${host} can be reached from other machines; add --i-know-this-is-not-loopback if that is meant`);
  if (!(speed > 0 && speed <= SPEED_MAX)) throw new InputError(`expected a speed above 0 and up to ${SPEED_MAX}, found ${speed}`, { key: '--speed' });
  const [historyMs, untilMs] = [optionalDuration('--history', history), optionalDuration('--until', until)];
  const given = Object.fromEntries(params.map(parameter));
  const scenario = name === undefined ? undefined : await loadScenario(scenarioPath(name), { scenariosDir: scenariosDir(), params: given });
  const hasBooks = scenario !== undefined && !scenario.trades && data === undefined;
  if (hasBooks && historyMs !== undefined)
    throw new InputError(`the books of ${scenario.id} stand still and have no past`, { key: '--history' }, 'name a history with --data, too');
  const chosen = seed ?? String(scenario?.seeds[0] ?? 1);
  return {
    scenario,
    world: scenario?.world ?? { venues: venueWorlds(resolveConfigText('', 'hedge.yaml', { seed: chosen })) },
    bars: hasBooks ? undefined : (await loadBars({ data: data ?? sampleFile() })).bars,
    historyMs,
    speed,
    seed: chosen,
    untilMs,
  };
}

function optionalDuration(key: string, text: string | undefined): DurationMs | undefined {
  if (text === undefined) return undefined;
  if (!DURATION.test(text)) throw new InputError(`expected a duration, found "${text}"`, { key }, 'write 90s, 10m or 1h30m');
  return durationMs(parseDurationMs(text));
}

/** Listens on both ports, or on none and leaves nothing behind. */
async function open(run: ServedRun, { host, port }: ServeCommandOptions): Promise<void> {
  const { upbit, binance } = run.servers;
  try {
    await upbit.listen(host, port);
    await binance.listen(host, port === 0 ? 0 : port + 1);
  } catch (error) {
    await Promise.all([upbit.close(), binance.close()]);
    run.pacer.stop();
    run.tape.close();
    run.tape.remove();
    throw error;
  }
}

function tell(run: ServedRun, { json, history, speed, observer }: ServeCommandOptions): void {
  const { servers, remarks, market } = run;
  const urls = { upbit: servers.upbit.url, binance: servers.binance.url };
  const [from, until] = [market.from, market.to].map((at) => new Date(at).toISOString());
  if (json) observer.say(JSON.stringify({ ...urls, ...EMULATED_KEYS, marketFrom: from, marketUntil: until, remarks }));
  else observer.say(snippets(urls, EMULATED_KEYS));
  for (const remark of remarks) observer.notice(remark);
  if (speed !== 1) observer.notice(`the market goes by ${speed} times as fast as it was; everything else is in real time`);
  if (history !== undefined) observer.notice(`candles, trades and funding of the past begin at ${from}`);
  observer.notice(`the market lasts until ${until}; Ctrl-C stops the server and writes the verdict, a second one stops at once`);
}

async function letGo({ servers, pacer, endStreams }: ServedRun): Promise<void> {
  endStreams();
  await Promise.all([servers.upbit.close(), servers.binance.close()]);
  pacer.stop();
}

/** The verdict is told even where it cannot be written. */
async function conclude(verdict: ServedVerdict, { json, observer }: ServeCommandOptions, write: () => Promise<string>): Promise<void> {
  if (!json) observer.say(servedText(verdict));
  let report: string | undefined;
  try {
    report = await write();
  } finally {
    if (json) observer.say(JSON.stringify({ ...servedJson(verdict), report }));
    else if (report !== undefined) observer.say(`report: ${report}`);
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
