import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { serve, type ServeCommandOptions } from '../../src/run/serve-command.js';
import { Signal } from '../../src/run/signal.js';
import { decodeTapeEvent } from '../../src/sim/tape-codec.js';

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'hedgedrill-serve-'));
});
afterEach(() => {
  chmodSync(out, 0o755);
  rmSync(out, { recursive: true });
});

interface Asked {
  readonly said: readonly string[];
  readonly problems: readonly string[];
  readonly code: number;
}

/** Runs the command, does something once it listens, and stops it. */
async function asked(
  options: Partial<ServeCommandOptions>,
  act: (urls: { upbit: string; binance: string }) => Promise<void> = async () => undefined,
): Promise<Asked> {
  const said: string[] = [];
  const problems: string[] = [];
  const stopping = new Signal();
  let broken: unknown;
  const observer = {
    progress: () => undefined,
    notice: () => undefined,
    problem: (line: string) => void problems.push(line),
    say: (text: string) => {
      said.push(text);
      if (said.length > 1) return;
      act(JSON.parse(text) as { upbit: string; binance: string })
        .catch((error: unknown) => (broken = error))
        .finally(() => stopping.raise());
    },
  };
  const common = { params: [], speed: 1, host: '127.0.0.1', allowsOthers: false, port: 0, out, json: true, observer, stopped: stopping.raised };
  const code = await serve({ ...common, ...options });
  expect(broken).toBeUndefined();
  return { said, problems, code };
}

const folderOf = (): string => join(out, readdirSync(out).find((name) => existsSync(join(out, name, 'verdict.json'))) ?? 'none');

test('when it is stopped it writes the tape, the report and a verdict, and lists what it does not emulate', async () => {
  const { said, code, problems } = await asked({ scenario: 'lost-reply-after-fill' }, async ({ upbit, binance }) => {
    await fetch(`${binance}/fapi/v1/time`);
    await fetch(`${upbit}/v1/withdraws`);
  });
  expect([code, problems]).toEqual([0, []]);
  const verdict = JSON.parse(said.at(-1) ?? '') as { verdict: string; unlisted: string[]; requests: object; report: string };
  expect(verdict).toMatchObject({ verdict: 'held', unlisted: ['GET /v1/withdraws'], requests: { 'binance fetchTime': 1 } });
  const folder = folderOf();
  expect(verdict.report).toBe(folder);
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['report.html', 'report.json', 'tape.jsonl', 'verdict.json', 'verdict.txt']));
  const tape = readFileSync(join(folder, 'tape.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => decodeTapeEvent(line));
  expect(tape.map(({ seq }) => seq)).toEqual(tape.map((_, index) => index + 1));
  // Nothing is left beside the folder.
  expect(readdirSync(out)).toHaveLength(1);
});

test('at another speed there are no figures that its market would falsify', async () => {
  await asked({ scenario: 'lost-reply-after-fill', speed: 60 });
  const report = JSON.parse(readFileSync(join(folderOf(), 'report.json'), 'utf8')) as Record<string, unknown>;
  expect(report['notAvailable']).toMatchObject({ fillQuality: expect.any(String) as string, rollbackCost: expect.any(String) as string });
  expect(readdirSync(folderOf()).sort()).toEqual(['report.json', 'tape.jsonl', 'verdict.json', 'verdict.txt']);
});

test('it stops by itself when its time is over', async () => {
  expect((await asked({ scenario: 'lost-reply-after-fill', until: '200ms' }, () => new Promise(() => undefined))).code).toBe(0);
});

describe('what it refuses at the start, before anything is written', () => {
  test.each([
    { name: 'an address of others', options: { host: '0.0.0.0' }, says: 'can be reached from other machines' },
    { name: 'a speed of 0', options: { speed: 0 }, says: 'expected a speed above 0' },
    { name: 'a time that is none', options: { until: 'soon' }, says: 'expected a duration, found "soon"' },
    { name: 'a past that is no duration', options: { history: 'some' }, says: '--history: expected a duration, found "some"' },
    { name: 'a past longer than the data', options: { history: '400d' }, says: '--history: ' },
    { name: 'a past of books that stand still', options: { history: '1h', scenario: 'lost-reply-after-fill' }, says: 'have no past' },
    { name: 'a scenario that does not exist', options: { scenario: 'nowhere' }, says: 'nowhere' },
  ])('$name', async ({ options, says }) => {
    await expect(asked(options)).rejects.toThrow(says);
    expect(readdirSync(out)).toEqual([]);
  });

  test('a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    const { port } = other.address() as AddressInfo;
    await expect(asked({ scenario: 'lost-reply-after-fill', port })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port}: something else listens there`,
    );
    other.close();
    expect(readdirSync(out)).toEqual([]);
  });

  test('a place that is a file', async () => {
    await expect(asked({ scenario: 'lost-reply-after-fill', out: 'package.json' })).rejects.toThrow('a part of the path is a file');
  });
});
