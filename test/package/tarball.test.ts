import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `npm test` tells its scripts about this project would make another npm work on this project, too. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(
    ([key]) => !/^(npm_(package|lifecycle)_.*|npm_config_local_prefix|INIT_CWD|NODE_PATH|VITEST.*|NODE_ENV)$/i.test(key),
  ),
);

function command(cwd: string, program: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((done, reject) => {
    const child = spawn(program, args, { cwd, env: { ...env, XDG_CACHE_HOME: join(cwd, '..', 'cache') } });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

/** Whether packages can be installed here; asked once, before any test is named. */
const registryAnswers = spawnSync('npm', ['ping'], { env, timeout: 20_000, stdio: 'ignore' }).status === 0;

/** What a clone has; the checkout's own `dist` is left alone, since other processes may be running it. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.git', 'node_modules', 'dist', 'reports', 'coverage']);

function clone(to: string): void {
  mkdirSync(to);
  for (const name of readdirSync('.')) {
    if (!LEFT_OUT.has(name)) cpSync(name, join(to, name), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(to, 'node_modules'), 'dir');
}

describe.skipIf(!registryAnswers)(
  `the packed project (${registryAnswers ? 'installed from the registry' : 'the npm registry did not answer within 20 s'})`,
  () => {
    let dir = '';
    let app = '';
    let packed: readonly string[] = [];
    /** The installed command itself: npx adds warnings of its own about the user's npm settings. */
    const hedgedrill = (args: readonly string[]): Promise<Outcome> => command(app, join('node_modules', '.bin', 'hedgedrill'), args);

    beforeAll(async () => {
      dir = mkdtempSync(join(tmpdir(), 'hedgedrill-package-'));
      const source = join(dir, 'clone');
      app = join(dir, 'app');
      clone(source);
      const pack = await command(source, 'npm', ['pack', '--json', '--pack-destination', dir]);
      expect(pack.code, pack.stderr).toBe(0);
      const tarball = readdirSync(dir).find((name) => name.endsWith('.tgz')) ?? 'none';
      packed = filesOf(await command(dir, 'tar', ['-tzf', tarball]));
      mkdirSync(app);
      writeFileSync(join(app, 'package.json'), '{ "private": true }\n');
      const install = await command(app, 'npm', ['install', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline', join(dir, tarball)]);
      expect(install.code, install.stderr).toBe(0);
    }, 300_000);
    afterAll(() => rmSync(dir, { recursive: true, force: true }));

    test('what is in it: the program, the scenarios and the sample, and nothing of the workshop', () => {
      const folders = new Set(packed.map((file) => file.split('/')[0]));
      expect([...folders].sort()).toEqual([
        'CHANGELOG.md',
        'README.md',
        'data',
        'dist',
        'docs',
        'examples',
        'hedge.yaml',
        'package.json',
        'scenarios',
      ]);
      const scenarios = readdirSync('scenarios').filter((name) => name.endsWith('.yaml'));
      expect(packed.filter((file) => /^scenarios\/[^/]+\.yaml$/.test(file)).sort()).toEqual(scenarios.map((name) => `scenarios/${name}`).sort());
      // Some versions of npm pack the README of every folder, too.
      const data = packed.filter((file) => file.startsWith('data/') && file !== 'data/README.md');
      expect(data.sort()).toEqual(
        readdirSync('data/sample')
          .map((name) => `data/sample/${name}`)
          .sort(),
      );
    });

    test('files that the README links to: are in it, where the checkout has them', () => {
      const links = [...readFileSync('README.md', 'utf8').matchAll(/\]\(([^):#]+)\)/g)].map(([, path]) => String(path));
      expect(links).toContain('docs/architecture.md');
      expect(links.filter((path) => existsSync(path) && !packed.includes(path))).toEqual([]);
    });

    test('the empty folder: gets neither danfojs nor development tools', () => {
      const modules = readdirSync(join(app, 'node_modules'));
      expect(modules).toContain('ccxt');
      expect(modules.filter((name) => /danfo|vitest|eslint|typescript|@tensorflow/.test(name))).toEqual([]);
    });

    test('npx hedgedrill --help: exits with 0 and lists the commands', async () => {
      const { code, stdout } = await command(app, 'npx', ['--no-install', 'hedgedrill', '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/hedgedrill backtest/);
      expect(stdout).toMatch(/hedgedrill drill/);
    });

    test('a shipped scenario by its name: is found, drilled and passed', async () => {
      const { code, stdout, stderr } = await hedgedrill(['drill', 'duel-lost-reply', '--json']);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(JSON.stringify(JSON.parse(stdout))).toContain('duel-lost-reply');
    });

    test('a backtest without data: finds the embedded sample, and its report names what made the tables', async () => {
      const { code, stdout, stderr } = await hedgedrill([
        'backtest',
        '--from',
        '2025-03-05',
        '--to',
        '2025-03-08',
        '--no-sensitivity',
        '--quiet',
        '--out',
        'runs',
      ]);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(stdout).toMatch(/premium-1m\.csv.*SYNTHETIC/);
      const [run] = readdirSync(join(app, 'runs'));
      const report = readFileSync(join(app, 'runs', String(run), 'report.md'), 'utf8');
      expect(report).toMatch(/Tables by plain rows\./);
      expect(existsSync(join(app, 'runs', String(run), 'report.html'))).toBe(true);
    });
  },
);

/** Paths in the package, without the folder that npm puts around them. */
function filesOf({ stdout }: Outcome): readonly string[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith('/'))
    .map((line) => line.replace(/^package\//, ''));
}
