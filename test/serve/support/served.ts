import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { binance as Binance, upbit as Upbit } from 'ccxt';
import { SystemClock } from '../../../src/clock/system-clock.js';
import type { VenueId } from '../../../src/core/units.js';
import { loadCcxtClasses } from '../../../src/exchange/ccxt-clients.js';
import { loadScenario } from '../../../src/faults/load-scenario.js';
import type { World } from '../../../src/faults/world.js';
import { servedRun, type ServedRun, type ServedRunOptions } from '../../../src/run/served-run.js';
import type { TapeEvent } from '../../../src/sim/tape-event.js';
import { EMULATED_KEYS } from '../../../src/wire/wire-keys.js';
import { worldWith } from '../../sim/support/world.js';

const KEYS = EMULATED_KEYS;
export const SYMBOL: Readonly<Record<VenueId, string>> = { upbit: 'BTC/KRW', binance: 'BTC/USDT:USDT' };

export interface Served {
  readonly run: ServedRun;
  readonly url: (venue: VenueId) => string;
  /** What has been true so far. */
  readonly events: () => readonly TapeEvent[];
  /** What must not happen: errors of ours. */
  readonly problems: readonly unknown[];
}

/** Both venues on free loopback ports while `act` runs; `faults` are those of a scenario file, as YAML. */
export async function served<T>(
  act: (served: Served) => Promise<T>,
  options: { readonly faults?: string; readonly world?: Omit<World, 'start'> } & Partial<
    Pick<ServedRunOptions, 'bars' | 'historyMs' | 'speed' | 'limits'>
  > = {},
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'hedgedrill-serve-'));
  const problems: unknown[] = [];
  const run = servedRun({
    scenario: options.faults === undefined ? undefined : await scenarioOf(folder, options.faults),
    world: options.world ?? worldWith(),
    bars: options.bars,
    historyMs: options.historyMs,
    speed: options.speed ?? 1,
    seed: '7',
    keys: KEYS,
    wall: new SystemClock(),
    tapeFile: join(folder, 'tape.jsonl'),
    limits: options.limits,
    onFailure: (error) => problems.push(error),
    onProblem: (error) => problems.push(error),
  });
  const { upbit, binance } = run.servers;
  try {
    await Promise.all([upbit.listen('127.0.0.1', 0), binance.listen('127.0.0.1', 0)]);
    return await act({ run, url: (venue) => run.servers[venue].url, events: () => run.tape.events, problems });
  } finally {
    run.endStreams();
    await Promise.all([upbit.close(), binance.close()]);
    run.pacer.stop();
    run.tape.close();
    rmSync(folder, { recursive: true });
  }
}

async function scenarioOf(folder: string, faults: string): Promise<Awaited<ReturnType<typeof loadScenario>>> {
  const file = join(folder, 'faults.yaml');
  const head = [
    'apiVersion: scenario/v1',
    'kind: Scenario',
    'id: served',
    'title: faults of a test',
    'include: [lib/venues.yaml#calm]',
    'flow: [{ do: enter, qty: "0.02" }]',
  ];
  writeFileSync(file, `${head.join('\n')}\nfaults:\n${faults}\nexpect: { outcome: [hedged, aborted], within: 60s }\n`);
  return loadScenario(file, { scenariosDir: 'scenarios' });
}

export interface Clients {
  readonly upbit: Upbit;
  readonly binance: Binance;
}

export interface ClientOptions {
  readonly keys?: { readonly apiKey: string; readonly secret: string };
  readonly timeoutMs?: number;
  /** undici's own time-out between two parts of a body. */
  readonly bodyTimeoutMs?: number;
}

/** Unmodified ccxt clients with their own URLs, redirected below them as the snippet does that `serve` prints. */
export async function clientsOf({ url }: Served, { keys = KEYS, timeoutMs = 5_000, bodyTimeoutMs = 300_000 }: ClientOptions = {}): Promise<Clients> {
  const classes = await loadCcxtClasses();
  const common = { ...keys, enableRateLimit: false, timeout: timeoutMs };
  const upbit = new classes.upbit(common);
  const binance = new classes.binanceusdm({ ...common, options: { fetchCurrencies: false, fetchMargins: false } });
  await Promise.all([redirect(upbit, url('upbit'), bodyTimeoutMs), redirect(binance, url('binance'), bodyTimeoutMs)]);
  return { upbit, binance };
}

/** What of undici a redirect needs. */
interface Hooks {
  loadFetchImplementation(): Promise<unknown>;
  undiciModule: { Agent: new (options: { bodyTimeout: number }) => { dispatch(options: object, handler: unknown): boolean } };
  fetchDispatcher: unknown;
}

export async function redirect(client: object, origin: string, bodyTimeout = 300_000): Promise<void> {
  const hooks = client as Hooks;
  await hooks.loadFetchImplementation();
  const { Agent } = hooks.undiciModule;
  hooks.fetchDispatcher = new (class extends Agent {
    override dispatch(options: object, handler: unknown): boolean {
      return super.dispatch({ ...options, origin }, handler);
    }
  })({ bodyTimeout });
}

export const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));
