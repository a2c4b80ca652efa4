/**
 * Load on `serve`: requests a second, latency, and whether the server's memory stands still.
 *
 *   npx tsx scripts/serve-load.ts              20,000 requests
 *   npx tsx scripts/serve-load.ts 1000000      the nightly figure
 *
 * Latencies of the venues are 0 and their limits are off, so that every request goes the whole way. Exits with 1 when after
 * the first 50,000 requests (or the first quarter, if that is less) what is really held grows by over 2 MiB, or, in a long
 * run, the process by over 10 %.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { SystemClock } from '../src/clock/system-clock.js';
import { servedRun } from '../src/run/served-run.js';
import type { RequestPipeline } from '../src/sim/request-pipeline.js';
import { EMULATED_KEYS } from '../src/wire/wire-keys.js';
import { worldWith } from '../test/sim/support/world.js';

const WARM = 50_000;
const GROWTH_MAX = 1.1;
/** A tenth of what so many requests would take up if the tape stayed in memory. */
const HELD_GROWTH_MIB_MAX = 2;
const CONNECTIONS = 20;
const MIB = 1_048_576;
const AT_ONCE = { latency: { request: {}, response: {} } };

interface Memory {
  readonly rssMib: number;
  readonly heldMib: number;
}

interface Urls {
  readonly upbit: string;
  readonly binance: string;
}

/** The server's process: no limits, no latency, until its parent lets go of it. */
async function server(folder: string): Promise<void> {
  const fail = (error: unknown): never => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(70);
  };
  const run = servedRun({
    scenario: undefined,
    world: worldWith({ upbit: AT_ONCE, binance: AT_ONCE }),
    bars: undefined,
    speed: 1,
    seed: '1',
    keys: EMULATED_KEYS,
    wall: new SystemClock(),
    tapeFile: join(folder, 'tape.jsonl'),
    onFailure: fail,
    onProblem: fail,
  });
  for (const { pipeline } of Object.values(run.simulation.gates)) (pipeline as RequestPipeline).gateway.judge = () => ({ kind: 'pass' });
  const { upbit, binance } = run.servers;
  await Promise.all([upbit.listen('127.0.0.1', 0), binance.listen('127.0.0.1', 0)]);
  process.send?.({ upbit: upbit.url, binance: binance.url });
  process.on('message', () => {
    globalThis.gc?.();
    process.send?.({ heldMib: process.memoryUsage().heapUsed / MIB, rssMib: process.memoryUsage().rss / MIB });
  });
  process.on('disconnect', () => process.exit(0));
}

async function load(total: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'hedgedrill-load-'));
  const child = fork(fileURLToPath(import.meta.url), ['server', folder], { execArgv: ['--import', 'tsx', '--expose-gc'] });
  const told = <T>(): Promise<T> => new Promise((resolve) => child.once('message', (message) => resolve(message as T)));
  const urls = await told<Urls>();
  const shoot = async (url: string, amount: number): Promise<autocannon.Result> => autocannon({ url, amount, connections: CONNECTIONS });
  const memory = (): Promise<Memory> => {
    const answer = told<Memory>();
    child.send('memory?');
    return answer;
  };
  const warm = Math.min(WARM, Math.floor(total / 4));
  const targets = [`${urls.upbit}/v1/orderbook?markets=KRW-BTC`, `${urls.binance}/fapi/v1/time`];
  for (const url of targets) await shoot(url, warm / 2);
  const before = await memory();
  for (const url of targets) {
    const { requests, latency, errors, non2xx } = await shoot(url, (total - warm) / 2);
    process.stdout.write(
      `${new URL(url).pathname}: ${Math.round(requests.average)} requests/s, p50 ${latency.p50} ms, p99 ${latency.p99} ms, ${errors} errors, ${non2xx} refused\n`,
    );
  }
  const after = await memory();
  for (const [requests, { rssMib, heldMib }] of [
    [warm, before],
    [total, after],
  ] as const)
    process.stdout.write(`after ${requests} requests: ${rssMib.toFixed(0)} MiB, of which ${heldMib.toFixed(1)} MiB are held\n`);
  child.disconnect();
  rmSync(folder, { recursive: true });
  const isHeld = after.heldMib > before.heldMib + HELD_GROWTH_MIB_MAX;
  const isGrown = total > 2 * WARM && after.rssMib > before.rssMib * GROWTH_MAX;
  return isHeld || isGrown ? 1 : 0;
}

const [what = '20000', folder = ''] = process.argv.slice(2);
if (what === 'server') await server(folder);
else process.exitCode = await load(Number(what));
