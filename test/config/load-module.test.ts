import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { loadExecutorFactory, loadStrategyFactory } from '../../src/config/load-module.js';
import { RequestTimeout } from '../../src/exchange/ccxt-errors.js';
import { InputError } from '../../src/core/input-error.js';
import type { EpochMs } from '../../src/core/units.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hedge-plugin-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

test('a TypeScript strategy is loaded with its types and relative imports, and its options reach it', async () => {
  await write('limit.ts', 'export const limit: number = -0.01;\n');
  const file = await write(
    'mine.ts',
    `import { limit } from './limit.js';
     interface Options { readonly name: string }
     export default function create(options: Options) {
       return { name: options.name, z: Number.NaN, onBar: (bar: { premium: number }) => bar.premium < limit ? { kind: 'exit', reason: 'strategy', z: 0 } : { kind: 'hold' } };
     }`,
  );
  const strategy = (await loadStrategyFactory(file))({ name: 'mine' }, { stepMs: 60_000, fxKind: 'daily' });
  const bar = { time: 0 as EpochMs, premium: -0.02, upbitKrw: 1, binanceUsdt: 1, usdKrw: 1, afterGap: false, fxStep: false };
  const state = { openPositions: 1, oldestOpenedAt: undefined, entryPremium: undefined, lastExitAt: undefined };
  expect(strategy.name).toBe('mine');
  expect(strategy.onBar(bar, state)).toEqual({ kind: 'exit', reason: 'strategy', z: 0 });
  expect(strategy.onBar({ ...bar, premium: 0 }, state)).toEqual({ kind: 'hold' });
});

test('a JavaScript executor is loaded, and what it asks of its clients stays readable', async () => {
  const file = await write('mine.mjs', `export default Object.assign((ports) => ({ name: 'mine', ports }), { enableRateLimit: true });`);
  const factory = await loadExecutorFactory(file);
  expect(factory.enableRateLimit).toBe(true);
  expect(factory({} as never, {}).name).toBe('mine');
});

test("a TypeScript executor's classes of ccxt: are those that the clients throw", async () => {
  const file = await write(
    'errors.ts',
    `import { RequestTimeout } from '${import.meta.resolve('ccxt')}'; export default () => ({ RequestTimeout });`,
  );
  const made = (await loadExecutorFactory(file))({} as never, {}) as unknown as { readonly RequestTimeout: unknown };
  expect(made.RequestTimeout).toBe(RequestTimeout);
});

test.each([
  { name: 'missing.ts', text: undefined, message: /missing\.ts: executor: there is no such file/ },
  {
    name: 'named.ts',
    text: 'export const createExecutor = () => 1;',
    message: /expected a default export that is a function; it only exports createExecutor/,
  },
  { name: 'value.ts', text: 'export default { name: 1 };', message: /its default export is of type object/ },
  { name: 'empty.ts', text: 'export {};', message: /it exports nothing/ },
  { name: 'throws.ts', text: `throw new RangeError('no key');`, message: /loading the module failed: RangeError: no key/ },
  { name: 'broken.ts', text: 'export default function ( {', message: /loading the module failed: / },
  { name: 'import.ts', text: `import './nowhere.js'; export default () => 1;`, message: /loading the module failed: .*nowhere/ },
])('$name: an InputError that says what is wrong', async ({ name, text, message }) => {
  const file = text === undefined ? join(folder, name) : await write(name, text);
  const error: unknown = await loadExecutorFactory(file).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toMatch(message);
});

test('a folder in place of a file is told as such', async () => {
  await expect(loadStrategyFactory(folder)).rejects.toThrow(/this is not a file/);
});
