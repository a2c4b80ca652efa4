import type * as Fs from 'node:fs';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { epochMs } from '../../src/core/units.js';
import { SpilledTape } from '../../src/run/spilled-tape.js';
import type { TapeEntry } from '../../src/sim/tape-event.js';

/** Bytes that the disk still takes; a write that meets its end is short, as on a real one. */
const disk = vi.hoisted(() => ({ free: Infinity }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>();
  return {
    ...fs,
    writeSync: (descriptor: number, bytes: Buffer, offset: number): number => {
      if (disk.free === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
      const taken = fs.writeSync(descriptor, bytes, offset, Math.min(bytes.length - offset, disk.free));
      disk.free -= taken;
      return taken;
    },
  };
});

let folder = '';
let full: unknown[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spilled-'));
  full = [];
  disk.free = Infinity;
});
afterEach(() => rmSync(folder, { recursive: true }));

const opened = (): SpilledTape => new SpilledTape(join(folder, 'tape.jsonl'), (error) => full.push(error));
const T = epochMs(Date.UTC(2026, 0, 1));

const asked = (request: number, method: string): TapeEntry => ({
  t: T,
  type: 'request',
  request,
  point: `p${request}`,
  venue: 'upbit',
  method,
  flow: 0,
  leg: 'spot',
  purpose: 'precheck',
});
const arrived = (request: number): TapeEntry => ({ t: T, type: 'arrived', request });
const answered = (request: number, ok: boolean): TapeEntry => ({ t: T, type: 'answer', request, ok });

/** Events by their request and type. */
const names = (tape: SpilledTape): string[] => tape.events.map((event) => ('request' in event ? `${event.request ?? ''} ${event.type}` : event.type));

test('what was written comes back whole and in order, from the file and from memory', () => {
  const tape = opened();
  for (let request = 1; request <= 2_000; request += 1) tape.write(asked(request, '한글 fetchTicker'));
  expect(readFileSync(tape.file, 'utf8').length).toBeGreaterThan(65_536);
  expect(tape.events.map(({ seq }) => seq)).toEqual(Array.from({ length: 2_000 }, (_, index) => index + 1));
  expect(tape.isAbridged).toBe(false);
  tape.close();
});

test('of 300,001 events answered reads of market data are left out, and nothing else', () => {
  const tape = opened();
  const kept: string[] = [];
  const call = (request: number, method: string, ok: boolean | undefined, stays: boolean): void => {
    const events = [asked(request, method), arrived(request), ...(ok === undefined ? [] : [answered(request, ok)])];
    for (const event of events) tape.write(event);
    if (stays) kept.push(...events.map(({ type }) => `${request} ${type}`));
  };
  call(1, 'createOrder', true, true);
  call(2, 'fetchTicker', true, false);
  // Refused, and never answered: both may prove something.
  call(3, 'fetchOrderBook', false, true);
  call(4, 'fetchTicker', undefined, true);
  call(5, 'fetchBalance', true, true);
  let request = 5;
  while (tape.length < 299_997) call((request += 1), 'fetchTime', true, false);
  call(request + 1, 'cancelOrder', true, true);
  tape.write({ t: T, type: 'deposit', venue: 'upbit', asset: 'KRW', amount: 1n } as TapeEntry);
  expect(tape.length).toBeGreaterThan(300_000);
  expect(tape.isAbridged).toBe(true);
  expect(names(tape)).toEqual([...kept, 'deposit']);
  tape.close();
  // The file has them all.
  expect(readFileSync(tape.file, 'utf8').trimEnd().split('\n')).toHaveLength(tape.length);
}, 30_000);

test.each([0, 1, 150, 250, 70_000])('a disk that takes %d bytes more: told once, and no event is lost or told twice', (free) => {
  const tape = opened();
  for (let request = 1; request <= 10; request += 1) tape.write(asked(request, 'fetchTicker'));
  tape.flush();
  disk.free = free;
  for (let request = 11; request <= 2_000; request += 1) tape.write(asked(request, 'createOrder'));
  tape.flush();
  tape.write(asked(2_001, 'createOrder'));
  expect(full).toMatchObject([{ code: 'ENOSPC' }]);
  expect(tape.events.map(({ seq }) => seq)).toEqual(Array.from({ length: 2_001 }, (_, index) => index + 1));
  tape.close();
  expect(full).toHaveLength(1);
});
