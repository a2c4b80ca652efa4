/**
 * Load on `serve`: requests a second, latency, and whether the server's memory stands still.
 *
 *   npx tsx scripts/serve-load.ts              20,000 requests
 *   npx tsx scripts/serve-load.ts 1000000      the nightly figure
 *
 * Latencies of the venues are 0 and their limits are off, so that every request goes the whole way. Exits with 1 when memory
 * after the first 50,000 requests (or the first quarter, if that is less) grows by over 10 %.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
const CONNECTIONS = 20;
const AT_ONCE = { latency: { request: {}, response: {} } };

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
  process.on('disconnect', () => process.exit(0));
}

async function load(total: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'hedgedrill-load-'));
  const child = fork(fileURLToPath(import.meta.url), ['server', folder], { execArgv: ['--import', 'tsx'] });
  const urls = await new Promise<Urls>((resolve) => child.once('message', (message) => resolve(message as Urls)));
  const shoot = async (url: string, amount: number): Promise<autocannon.Result> => autocannon({ url, amount, connections: CONNECTIONS });
  const rssMib = (): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8'))?.[1]) / 1_024;
  const warm = Math.min(WARM, Math.floor(total / 4));
  const targets = [`${urls.upbit}/v1/orderbook?markets=KRW-BTC`, `${urls.binance}/fapi/v1/time`];
  for (const url of targets) await shoot(url, warm / 2);
  const before = rssMib();
  for (const url of targets) {
    const { requests, latency, errors, non2xx } = await shoot(url, (total - warm) / 2);
    process.stdout.write(
      `${new URL(url).pathname}: ${Math.round(requests.average)} requests/s, p50 ${latency.p50} ms, p99 ${latency.p99} ms, ${errors} errors, ${non2xx} refused\n`,
    );
  }
  const after = rssMib();
  process.stdout.write(`memory: ${before.toFixed(0)} MiB after ${warm} requests, ${after.toFixed(0)} MiB after ${total}\n`);
  child.disconnect();
  rmSync(folder, { recursive: true });
  return after <= before * GROWTH_MAX ? 0 : 1;
}

const [what = '20000', folder = ''] = process.argv.slice(2);
if (what === 'server') await server(folder);
else process.exitCode = await load(Number(what));
