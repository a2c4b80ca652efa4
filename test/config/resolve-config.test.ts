import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { configHash, printConfig } from '../../src/config/print-config.js';
import { assertModeIsBuilt, resolveConfig, resolveConfigText, venueWorlds } from '../../src/config/resolve-config.js';
import type { ConfigOverrides } from '../../src/config/resolve-config.js';
import { InputError } from '../../src/core/input-error.js';
import { DEFAULT_POLICY, parsePolicy } from '../../src/executor/policy.js';
import { Z_SCORE_DEFAULTS } from '../../src/strategy/z-score-strategy.js';

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hedge-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('resolving a config', () => {
  test('defaults, file and flags: the later wins, key by key', () => {
    const text = 'seed: 5\nexecutor: naive\nstrategy: {entry: 2, window: 72h}\nentry: {amountKrw: "3000000"}';
    expect(resolveConfigText('', 'h.yaml')).toMatchObject({
      mode: 'backtest',
      seed: '1',
      executor: 'reference',
      strategy: { options: Z_SCORE_DEFAULTS },
    });
    const fromFile = resolveConfigText(text, 'h.yaml');
    expect(fromFile).toMatchObject({ seed: '5', executor: 'naive', entry: { amount: 3_000_000n * 100_000_000n, margin: 0.0005 } });
    expect(fromFile.strategy).toMatchObject({ options: { ...Z_SCORE_DEFAULTS, entry: 2, windowMs: 72 * 3_600_000 } });
    expect(resolveConfigText(text, 'h.yaml', { seed: 9, executor: './mine.ts' })).toMatchObject({
      seed: '9',
      executor: './mine.ts',
      strategy: fromFile.strategy,
    });
  });

  test('the shipped hedge.yaml says the defaults and nothing else but its limits', async () => {
    const shipped = await resolveConfig('hedge.yaml');
    const { limits, ...rest } = resolveConfigText('', 'h.yaml');
    expect(shipped).toMatchObject(rest);
    expect(limits).toEqual({ exposureMax: undefined, entriesPerDayMax: undefined, lossPerDayMax: undefined });
    expect(shipped.limits.entriesPerDayMax).toBe(20);
  });

  test('the policy comes out as an executor factory takes it, defaults filled in', () => {
    expect(parsePolicy(resolveConfigText('', 'h.yaml').policy)).toEqual(DEFAULT_POLICY);
    const { policy } = resolveConfigText('policy: {lot: "0.002", legs: spot-first}', 'h.yaml');
    expect(parsePolicy(policy)).toEqual({ ...DEFAULT_POLICY, lot: 200_000n, legs: 'spot-first' });
  });

  test("an executor of the user's own gets its policy as written, a built-in one only known keys", () => {
    const text = 'policy: {patience: 3}';
    expect(resolveConfigText(text, 'h.yaml', { executor: './mine.ts' }).policy).toEqual({ patience: 3 });
    expect(messageOf(() => resolveConfigText(text, 'h.yaml'))).toMatch(/^h\.yaml:1:10: policy\.patience: unknown key/);
  });

  test('data named by a flag leaves the companions in the file behind, which belong to other data', () => {
    const text = 'data: {file: a.csv, upbit: u.csv, upbitBook: ub.jsonl, perpBook: pb.jsonl, from: 2025-09-01}';
    expect(resolveConfigText(text, 'h.yaml').data).toMatchObject({ file: 'a.csv', upbit: 'u.csv', upbitBook: 'ub.jsonl', perpBook: 'pb.jsonl' });
    const flagged = resolveConfigText(text, 'h.yaml', { data: 'b.csv', perp: 'p.csv', perpBook: 'other.jsonl' }).data;
    expect(flagged).toMatchObject({ file: 'b.csv', upbit: undefined, perp: 'p.csv', from: Date.UTC(2025, 8, 1) });
    expect(flagged).toMatchObject({ upbitBook: undefined, perpBook: 'other.jsonl' });
    // A recording named by a flag takes the place of the file's only.
    expect(resolveConfigText(text, 'h.yaml', { upbitBook: 'x.jsonl' }).data).toMatchObject({ upbitBook: 'x.jsonl', perpBook: 'pb.jsonl' });
  });

  test('a venue section reaches the simulated venue', () => {
    const text =
      'venues:\n  upbit: {balances: {KRW: 7000000}, takerFeePpm: 250}\n  binance: {latency: {request: 10ms, response: {lognormal: {p50: 20ms, p99: 90ms, cap: 1s}}}, leverage: 2}';
    const worlds = venueWorlds(resolveConfigText(text, 'h.yaml'));
    expect(worlds.upbit).toMatchObject({ balances: { KRW: '7000000', BTC: '0' }, rules: { takerFeePpm: '250' }, idReuse: 'never' });
    expect(worlds.binance).toMatchObject({ leverage: 2, idReuse: 'after-close', rules: {} });
    expect(worlds.binance.latency).toEqual({
      request: { '*': { kind: 'fixed', ms: 10 } },
      response: { '*': { kind: 'lognormal', p50Ms: 20, p99Ms: 90, capMs: 1_000 } },
    });
  });

  test.each([
    { name: 'a misspelt section', text: 'stratgy: {}', message: 'h.yaml:1:1: stratgy: unknown key\n  did you mean "strategy"?' },
    { name: 'a misspelt key', text: 'strategy:\n  windw: 48h', message: 'h.yaml:2:3: strategy.windw: unknown key\n  did you mean "window"?' },
    { name: 'a misspelt policy key', text: 'policy:\n  leg: parallel', message: 'h.yaml:2:3: policy.leg: unknown key\n  did you mean "legs"?' },
    { name: 'a duration without a unit', text: 'strategy: {window: 48}', message: 'h.yaml:1:20: strategy.window: expected text, found 48' },
    {
      name: 'an entry inside the exit',
      text: 'strategy:\n  entry: 1\n  exit: 1.5',
      message: /^h\.yaml:3:9: strategy\.exit: entry is above exit, found entry 1 and exit 1.5\n {2}a position opens/,
    },
    {
      name: 'a misspelt executor',
      text: 'executor: refrence',
      message: /^h\.yaml:1:11: executor: expected reference, letter, naive or the path of .*\n {2}did you mean "reference"\?$/,
    },
    { name: 'a negative amount', text: 'entry: {amountKrw: -5}', message: 'h.yaml:1:20: entry.amountKrw: expected an amount of at least 0' },
    {
      name: 'a fractional amount without quotes',
      text: 'entry: {amountKrw: 0.5}',
      message: 'h.yaml:1:20: entry.amountKrw: expected an amount in quotes such as "12.5", or a whole number, found 0.5',
    },
    {
      name: 'an unknown mode',
      text: 'mode: papr',
      message: 'h.yaml:1:7: mode: expected one of backtest, paper, shadow, live, found "papr"\n  did you mean "paper"?',
    },
    {
      name: 'a day that does not exist',
      text: 'data: {from: 2025-02-31}',
      message: /^h\.yaml:1:14: data\.from: expected a day \(2025-09-01\) or an instant/,
    },
    { name: 'an instant without a zone', text: 'data: {to: 2025-02-01T09:00}', message: /^h\.yaml:1:12: data\.to: expected a day/ },
    {
      name: 'an end before the beginning',
      text: 'data:\n  from: 2025-02-02\n  to: 2025-02-01',
      message: 'h.yaml:3:7: data.to: expected an instant after "from"',
    },
    {
      name: 'a distribution whose numbers disagree',
      text: 'venues: {upbit: {visibilityLag: {uniform: [5ms, 1ms]}}}',
      message: /venues\.upbit\.visibilityLag\.uniform: the shorter delay comes first/,
    },
    {
      name: 'options of the built-in strategy',
      text: 'strategy: {options: {a: 1}}',
      message: /strategy\.options: the z-score strategy takes no options/,
    },
    {
      name: "a z-score key beside a strategy of one's own",
      text: 'strategy: {use: ./s.ts, window: 48h}',
      message: /strategy\.window: a key of the z-score strategy, which is not in use/,
    },
    {
      name: 'a misspelt recording',
      text: 'data: {perpBooks: a.jsonl}',
      message: 'h.yaml:1:8: data.perpBooks: unknown key\n  did you mean "perpBook"?',
    },
    { name: 'a recording without a path', text: 'data: {upbitBook: ""}', message: /^h\.yaml:1:19: data\.upbitBook: expected text/ },
    { name: 'an unknown balance', text: 'venues: {upbit: {balances: {USDT: 5}}}', message: /venues\.upbit\.balances\.USDT: unknown key/ },
  ])('file with $name: told with place, key and what was expected', ({ text, message }) => {
    const found = messageOf(() => resolveConfigText(text, 'h.yaml'));
    if (typeof message === 'string') expect(found).toBe(message);
    else expect(found).toMatch(message);
  });

  test.each<{ flags: ConfigOverrides; message: RegExp }>([
    { flags: { mode: 'liv' }, message: /^--mode: expected one of .* found "liv"\n {2}did you mean "live"\?$/ },
    { flags: { executor: 'nave' }, message: /^--executor: expected reference.*\n {2}did you mean "naive"\?$/ },
    { flags: { strategy: 'zscore' }, message: /^--strategy: .*\n {2}did you mean "z-score"\?$/ },
    { flags: { from: 'yesterday' }, message: /^--from: expected a day/ },
    { flags: { from: '2025-09-02', to: '2025-09-01' }, message: /^--to: the first instant does not lie before the last/ },
  ])('flags $flags: told with the flag', ({ flags, message }) => {
    expect(messageOf(() => resolveConfigText('', 'h.yaml', flags))).toMatch(message);
  });

  test('a config file that is not there is told with its name', async () => {
    await expect(resolveConfig(join(folder, 'no.yaml'))).rejects.toThrow(/no\.yaml: there is no such file/);
  });

  test('reserved modes resolve and are refused by name; backtest is not', () => {
    for (const mode of ['paper', 'shadow', 'live'] as const) {
      expect(resolveConfigText(`mode: ${mode}`, 'h.yaml').mode).toBe(mode);
      expect(messageOf(() => assertModeIsBuilt(mode))).toMatch(new RegExp(`this build has backtest and drill only; "${mode}" is reserved`));
    }
    expect(() => assertModeIsBuilt('backtest')).not.toThrow();
  });
});

describe('printing a resolved config', () => {
  const rich: ConfigOverrides = {
    executor: './mine.ts',
    strategy: './s.ts',
    data: 'x/a.csv',
    fx: 'fx.csv',
    upbitBook: 'books/u.jsonl',
    perpBook: 'books/p.jsonl.gz',
    from: '2025-09-01',
    seed: 7,
    sensitivity: false,
  };

  test.each([
    { name: 'defaults', text: '', flags: {} },
    { name: 'many flags', text: '', flags: rich },
    {
      name: 'a stop of none and limits',
      text: 'strategy: {stopBp: 0, cooldown: 90s, exit: -0.5, fxJumpBp: 12.5}\nlimits: {exposureKrwMax: "1.5", entriesPerDayMax: 0}',
      flags: {},
    },
    {
      name: 'a latency of its own',
      text: 'venues: {binance: {latency: {request: 1ms, response: {uniform: [1ms, 2ms]}}, takerFeePpm: 1}}',
      flags: {},
    },
  ])('$name: the text resolves to the same config and prints the same text', ({ text, flags }) => {
    const config = resolveConfigText(text, 'h.yaml', flags);
    const printed = printConfig(config);
    const again = resolveConfigText(printed, 'config.resolved.yaml');
    expect(again).toEqual(config);
    expect(printConfig(again)).toBe(printed);
  });

  test('the order in which a file names its keys changes neither text nor hash; a value does', () => {
    const one = resolveConfigText('policy: {pollMs: 250, legs: spot-first}\nseed: 3\nstrategy: {exit: 0.5, entry: 3}', 'h.yaml');
    const other = resolveConfigText('strategy: {entry: 3, exit: 0.5}\nseed: "3"\npolicy: {legs: spot-first, pollMs: 250}', 'other.yaml');
    expect(printConfig(other)).toBe(printConfig(one));
    expect(configHash(other)).toBe(configHash(one));
    expect(configHash(resolveConfigText('seed: 3', 'h.yaml'))).not.toBe(configHash(one));
  });

  test('an absolute path is not printed, so two machines agree', async () => {
    const file = join(folder, 'premium.csv');
    await writeFile(file, '');
    const printed = printConfig(resolveConfigText('', 'h.yaml', { data: file, executor: join(folder, 'mine.ts') }));
    expect(printed).not.toContain(folder);
    expect(printed).toContain('file: premium.csv');
    expect(configHash(resolveConfigText('', 'h.yaml', { data: file }))).toBe(
      configHash(resolveConfigText('', 'h.yaml', { data: '/elsewhere/premium.csv' })),
    );
  });

  test('the shipped file round-trips', async () => {
    const text = await readFile('hedge.yaml', 'utf8');
    const config = resolveConfigText(text, 'hedge.yaml');
    expect(resolveConfigText(printConfig(config), 'x.yaml')).toEqual(config);
  });
});
