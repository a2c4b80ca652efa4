import { readFile } from 'node:fs/promises';
import { setTimeout as sleepReal } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { epochMs } from '../../src/core/units.js';
import { installAmbientGuard, RealIoError } from '../../src/sim/ambient-guard.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';

const start = epochMs(1_700_000_000_000);

beforeAll(installAmbientGuard);

test('ambient time inside a run: follows the virtual clock', async () => {
  const clock = new VirtualClock(start);
  await clock.run(async () => {
    expect(Date.now()).toBe(start);
    expect(new Date().toISOString()).toBe(new Date(start).toISOString());
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    expect(Date.now()).toBe(start + 60_000);
    await sleepReal(1_000);
    expect(performance.now()).toBe(61_000);
    expect(process.hrtime.bigint()).toBe(61_000_000_000n);
    const signal = AbortSignal.timeout(2_000);
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    expect(Date.now()).toBe(start + 63_000);
    let ticks = 0;
    await new Promise<void>((resolve) => {
      const interval = setInterval(() => {
        ticks += 1;
        if (ticks === 3) {
          clearInterval(interval);
          resolve();
        }
      }, 10);
    });
    expect(Date.now()).toBe(start + 63_030);
  });
});

test('ambient time outside a run: is real', async () => {
  expect(Math.abs(Date.now() - start)).toBeGreaterThan(1_000_000);
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(new Date(2024, 0, 1)).toBeInstanceOf(Date);
  expect(typeof Math.random()).toBe('number');
});

test.each([
  { io: 'fetch', call: () => fetch('http://127.0.0.1:1/') },
  { io: 'fs.promises', call: async () => readFile('package.json') },
  { io: 'crypto.subtle', call: () => crypto.subtle.digest('SHA-256', new Uint8Array(1)) },
  { io: 'Math.random', call: async () => Math.random() },
  { io: 'crypto.randomUUID', call: async () => crypto.randomUUID() },
])('real $io inside a run: is refused', async ({ call }) => {
  const clock = new VirtualClock(start);
  await clock.run(async () => {
    const error: unknown = await (async () => call())().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RealIoError);
  });
});
