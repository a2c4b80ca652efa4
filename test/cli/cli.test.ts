import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'hedgedrill-cli-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Runs the command line as a process of its own, as a user would. */
function hedgedrill(args: readonly string[], onStart?: (kill: (signal: NodeJS.Signals) => void) => void): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
      env: { ...process.env, XDG_CACHE_HOME: join(dir, 'cache'), COLUMNS: '100' },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    onStart?.((signal) => child.kill(signal));
  });
}

/** A week of the sample, without the two extra runs at other depths. */
const week = ['backtest', '--from', '2025-03-05', '--to', '2025-03-13', '--no-sensitivity', '--quiet'];

test.each([
  { what: 'a mistyped command', args: ['backtset'], says: /Did you mean backtest/ },
  { what: 'an unknown option', args: ['backtest', '--sed', '7'], says: /Unknown argument: sed\n +did you mean --seed/ },
  { what: 'an option without its value', args: ['backtest', '--seed'], says: /seed[^]*see `hedgedrill backtest --help`/ },
  { what: 'an option given twice', args: ['backtest', '--seed', '1', '--seed', '2'], says: /--seed is given 2 times/ },
  {
    what: 'an unknown option of a sub-command',
    args: ['data', 'check', 'x.csv', '--jsn'],
    says: /did you mean --json\? see `hedgedrill data check --help`/,
  },
  {
    what: 'an option of another command',
    args: ['scenario', 'schema', '--seed', '7'],
    says: /Unknown argument: seed\n +see `hedgedrill scenario schema --help`/,
  },
  { what: 'data that is no file', args: ['data', 'check', '/dev/stdin'], says: /is not a regular file/ },
  { what: 'no command', args: [], says: /name a command/ },
  { what: 'a missing data file', args: ['backtest', '--data', 'nowhere.csv'], says: /nowhere\.csv/ },
  { what: 'a missing scenario', args: ['drill', 'nowhere.yaml'], says: /nowhere\.yaml/ },
  { what: 'a mistyped executor', args: ['drill', 'duel-lost-reply', '--executor', 'refrence'], says: /did you mean "reference"/ },
  { what: 'a mode that is not built', args: ['run', '--mode', 'live'], says: /"live" is reserved and not built yet/ },
  { what: 'a drill scenario in a backtest', args: ['backtest', '--scenario', 'duel-lost-reply'], says: /cannot run over history/ },
])('$what: exits with 2 and says what to do, without a stack', async ({ args, says }) => {
  const { code, stderr } = await hedgedrill([...args, ...(args[0] === 'backtest' ? ['--out', join(dir, 'none')] : [])]);
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(code).toBe(2);
  expect(existsSync(join(dir, 'none'))).toBe(false);
});

test.skipIf(!existsSync('/dev/full'))('output onto a full disk: exits with 2 and one line, without a stack', async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'scenario', 'schema'], { stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect(stderr).toBe('error: the disk is full\n');
  expect(code).toBe(2);
});

test('a broken CSV: is named by file, line and column, and leaves no output', async () => {
  const file = join(dir, 'broken.csv');
  const lines = readFileSync('data/sample/premium-1m.csv', 'utf8').split('\n').slice(0, 50);
  const row = lines[30]?.split(',') ?? [];
  row[1] = '12e';
  lines[30] = row.join(',');
  writeFileSync(file, lines.join('\n'));
  const { code, stderr } = await hedgedrill(['backtest', '--data', file, '--out', join(dir, 'broken')]);
  expect(stderr).toMatch(/broken\.csv:31:.*upbit_krw/s);
  expect(code).toBe(2);
  expect(existsSync(join(dir, 'broken'))).toBe(false);
});

test.each([
  { args: ['--help'] },
  { args: ['backtest', '--help'] },
  { args: ['drill', '--help'] },
  { args: ['data', 'check', '--help'] },
  { args: ['scenario', '--help'] },
])('help of $args: goes to stdout and exits with 0', async ({ args }) => {
  const { code, stdout } = await hedgedrill(args);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Options:/);
});

test('the same backtest in two processes: writes the same bytes and prints the same hashes', async () => {
  const scenario = ['--scenario', 'crash-day-mix'];
  const first = await hedgedrill([...week, ...scenario, '--out', join(dir, 'one')]);
  const second = await hedgedrill([...week, ...scenario, '--out', join(dir, 'two')]);
  expect(first.stderr).toBe('');
  const [id] = readdirSync(join(dir, 'one'));
  expect(readdirSync(join(dir, 'two'))).toEqual([id]);
  for (const file of readdirSync(join(dir, 'one', String(id)))) {
    expect(readFileSync(join(dir, 'one', String(id), file), 'utf8') === readFileSync(join(dir, 'two', String(id), file), 'utf8'), file).toBe(true);
  }
  const hashes = /Hashes +tape ([0-9a-f]{16}) {2}journal ([0-9a-f]{16})/;
  expect(hashes.exec(first.stdout)?.[0]).toBeDefined();
  expect(hashes.exec(first.stdout)?.[0]).toBe(hashes.exec(second.stdout)?.[0]);
});

test('another seed: is another run in another folder', async () => {
  const out = join(dir, 'seeds');
  const [one, two] = [await hedgedrill([...week, '--seed', '1', '--out', out]), await hedgedrill([...week, '--seed', '2', '--out', out])];
  expect([one.code, two.code]).toEqual([0, 0]);
  expect(readdirSync(out)).toHaveLength(2);
});

test('--json: prints one JSON document and nothing else', async () => {
  const { stdout } = await hedgedrill([...week, '--json', '--out', join(dir, 'json')]);
  expect(JSON.parse(stdout)).toMatchObject({ executor: 'reference', mode: 'backtest' });
});

test('the naive executor in a lost-reply drill: exits with 1 and is shown beside its passing control', async () => {
  const { code, stdout } = await hedgedrill(['drill', 'duel-lost-reply', '--executor', 'naive', '--out', join(dir, 'drill')]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/FAIL duel-lost-reply +pass +-0\.2 /);
});

test('Ctrl-C in the middle of a backtest: exits with 130 and leaves nothing half-written', async () => {
  const out = join(dir, 'interrupted');
  const cache = join(dir, 'interrupted-cache');
  // The columns of the sample are cached before the trading begins, however slow the machine is.
  const hasBegun = (): boolean => existsSync(cache) && readdirSync(cache).some((name) => name.endsWith('.columns'));
  const { code, stderr } = await hedgedrill(['backtest', '--out', out, '--cache', cache], (kill) => {
    const look = setInterval(() => {
      if (!hasBegun()) return;
      clearInterval(look);
      kill('SIGINT');
    }, 20);
  });
  expect(code).toBe(130);
  expect(stderr).toMatch(/SIGINT: stopped/);
  expect(existsSync(out) ? readdirSync(out) : []).toEqual([]);
});

test('Ctrl-C in the middle of a drill: exits with 130, whole timelines stay, nothing half-written does', async () => {
  const out = join(dir, 'drill-interrupted');
  const args = ['drill', '--executor', 'naive', '--out', out, '--junit', join(out, 'drill.xml')];
  let seen = '';
  const { code } = await new Promise<{ code: number | null }>((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args]);
    child.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes('FAIL')) child.kill('SIGINT');
    });
    child.on('close', (exit) => resolve({ code: exit }));
  });
  expect(code).toBe(130);
  const [drill] = readdirSync(out);
  expect(readdirSync(out)).toEqual([drill]);
  const timelines = readdirSync(join(out, String(drill)));
  expect(timelines.length).toBeGreaterThan(0);
  for (const scenario of timelines) expect(readdirSync(join(out, String(drill), scenario)).sort()).toEqual(['timeline.html', 'timeline.txt']);
});
