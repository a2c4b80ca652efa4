import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pause } from './support/served.js';

let out = '';
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'hedgedrill-serve-'));
});
afterEach(() => rmSync(out, { recursive: true }));

interface Process {
  readonly urls: { readonly upbit: string; readonly binance: string };
  readonly kill: (signal: NodeJS.Signals) => void;
  /** What it ended with, and what it said. */
  readonly ended: Promise<{ readonly code: number | null; readonly said: readonly string[]; readonly problems: string }>;
}

/** The command as a user starts it. @param limitKiB - no file may grow beyond it, which is what a full disk is like. */
async function started(limitKiB?: number): Promise<Process> {
  const command = ['--import', 'tsx', 'src/cli/main.ts', 'serve', '--scenario', 'lost-reply-after-fill', '--port', '0', '--json', '--out', out];
  const limited = `ulimit -f ${limitKiB ?? 'unlimited'}; exec "$0" "$@"`;
  const child = spawn('bash', ['-c', limited, process.execPath, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [said, problems] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (problems += chunk.toString()));
  const closed = once(child, 'close') as Promise<[number | null]>;
  while (!said.includes('\n') && child.exitCode === null) await pause(20);
  return {
    urls: JSON.parse(said.slice(0, said.indexOf('\n'))) as Process['urls'],
    kill: (signal) => void child.kill(signal),
    ended: closed.then(([code]) => ({ code, said: said.trimEnd().split('\n'), problems })),
  };
}

const folders = (): string[] => readdirSync(out).filter((name) => statSync(join(out, name)).isDirectory());
const tapes = (): string[] => readdirSync(out).filter((name) => name.endsWith('.tape.jsonl'));

describe('a served process', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'ends by %s with everything written and 0',
    async (signal) => {
      const { urls, kill, ended } = await started();
      await fetch(`${urls.binance}/fapi/v1/time`);
      kill(signal);
      const { code, said } = await ended;
      expect([code, JSON.parse(said.at(-1) ?? '')]).toMatchObject([0, { verdict: 'held', requests: { 'binance fetchTime': 1 } }]);
      expect(readdirSync(join(out, folders()[0] ?? ''))).toEqual(expect.arrayContaining(['report.html', 'tape.jsonl', 'verdict.json']));
      expect(tapes()).toEqual([]);
    },
    60_000,
  );

  test.each([
    { first: 'SIGTERM', second: 'SIGINT', code: 130 },
    { first: 'SIGINT', second: 'SIGTERM', code: 143 },
  ] as const)(
    'ends at once by a second signal: $first, then $second is $code, with the tape left',
    async ({ first, second, code }) => {
      const { urls, kill, ended } = await started();
      // Under way: the server waits half a second for what it has taken and not answered.
      const order = fetch(`${urls.upbit}/v1/orders`, { method: 'POST', body: '{', headers: { 'content-length': '5000' } }).catch(() => undefined);
      await fetch(`${urls.binance}/fapi/v1/time`);
      await pause(1_200);
      kill(first);
      await pause(60);
      kill(second);
      expect((await ended).code).toBe(code);
      await order;
      // Nothing half-written, and what was flushed a second before is there.
      expect(folders()).toEqual([]);
      const lines = readFileSync(join(out, tapes()[0] ?? ''), 'utf8')
        .trimEnd()
        .split('\n');
      expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toContain('answer');
    },
    60_000,
  );

  test.skipIf(!existsSync('/bin/bash'))(
    'on a disk that fills ends by itself, tells the verdict of all of it and why, and leaves no half of a report',
    async () => {
      const { urls, ended } = await started(64);
      let isOver = false;
      const over = ended.then((end) => ((isOver = true), end));
      for (let round = 0; round < 200 && !isOver; round += 1)
        await Promise.all(Array.from({ length: 20 }, () => fetch(`${urls.binance}/fapi/v1/time`).catch(() => pause(20))));
      const { code, said, problems } = await over;
      const told = JSON.parse(said.at(-1) ?? '') as { verdict: string; requests: Record<string, number> };
      expect(told.verdict).toBe('held');
      expect(told.requests['binance fetchTime']).toBeGreaterThan(100);
      expect([code, problems]).toEqual([2, expect.stringMatching(/\nerror: .*larger than it may be/)]);
      expect(folders()).toEqual([]);
      expect(tapes()).toHaveLength(1);
    },
    120_000,
  );
});
