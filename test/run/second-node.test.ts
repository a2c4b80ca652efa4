import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';

/** The registry carries Node itself, one package for each platform. */
const MAJOR = 22;
const PACKAGE = `node-${process.platform}-${process.arch}`;

let prefix = '';
let other = '';
beforeAll(() => {
  prefix = mkdtempSync(join(tmpdir(), 'hedgedrill-node-'));
  spawnSync('npm', ['install', '--prefix', prefix, '--no-audit', '--no-fund', '--ignore-scripts', `${PACKAGE}@${MAJOR}`], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  const binary = join(prefix, 'node_modules', PACKAGE, 'bin', 'node');
  if (existsSync(binary)) other = binary;
}, 150_000);
afterAll(() => rmSync(prefix, { recursive: true, force: true }));

function tapeHashes(node: string): readonly string[] {
  const args = [
    '--import',
    'tsx',
    'src/cli/main.ts',
    'drill',
    'duel-lost-reply',
    'ban-during-rollback',
    'crash-between-legs',
    '--seed',
    '5',
    '--json',
  ];
  const { stdout } = spawnSync(node, args, { encoding: 'utf8' });
  return (JSON.parse(stdout) as { tapeHash: string }[]).map(({ tapeHash }) => tapeHash);
}

test(`the same drills on Node ${MAJOR}: write the same tapes, byte for byte`, (context: TestContext) => {
  if (other === '') context.skip(`Node ${MAJOR} could not be installed from the registry`);
  const here = tapeHashes(process.execPath);
  expect(here).toHaveLength(3);
  expect(tapeHashes(other)).toEqual(here);
}, 120_000);
