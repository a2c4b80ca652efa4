import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, type TestContext } from 'vitest';
import { singles } from '../../src/drill/explore/levels/singles.js';
import { swarmPlan } from '../../src/drill/explore/levels/swarm.js';
import type { Plan } from '../../src/drill/explore/planned-fault.js';
import { executorHash } from '../../src/run/executor-hash.js';
import { executorNamed } from '../../src/run/executors.js';
import { flowVariants } from '../../src/run/explore-flows.js';
import { exploreRun } from '../../src/run/explore-run.js';
import { replayToken, shippedScenario, tokenDifferences } from '../../src/run/replay-command.js';
import { codeVersion, decodeToken, encodeToken, scenarioHash, type ReplayToken } from '../../src/run/replay-token.js';

const COUNT = 1_000;
const SWARM = 20;
const MAJOR = 22;

const variants = await flowVariants('scenarios', []);
const flows = new Map(variants.map(({ id, scenario }) => [id, scenario]));

const tokenOf = ({ flow, seed, faults, level, shuffled }: Plan, tapeHash: string): ReplayToken => ({
  git: codeVersion(),
  scenarioHash: scenarioHash(flows.get(flow) as never),
  dataHash: '-',
  executorHash: executorHash('reference'),
  seed: String(seed),
  tapeHash: tapeHash.slice(0, 12),
  payload: { scenario: flow, faults: [...faults], level, shuffled, executor: 'reference' },
});

/** Single faults of every flow under seeds of their own, and a few runs of the swarm in shuffled orders. */
async function thousand(): Promise<readonly Plan[]> {
  const context = { executor: await executorNamed('reference'), flows };
  const names = variants.filter(({ isSwarm }) => !isSwarm).map(({ id }) => id);
  const all: Plan[] = [];
  for (const flow of names) all.push(...singles(await exploreRun(context, { level: 'singles', flow, seed: 1, faults: [] })));
  const every = Math.max(1, Math.floor(all.length / (COUNT - SWARM)));
  const chosen = all.filter((_, index) => index % every === 0).slice(0, COUNT - SWARM);
  const swarms = variants.filter(({ isSwarm }) => isSwarm).map(({ id }) => id);
  const drawn = Array.from({ length: COUNT - chosen.length }, (_, index) => swarmPlan(swarms, index + 1));
  return [...chosen.map((plan, index) => ({ ...plan, seed: index + 1 })), ...drawn];
}

function replayed(node: string, tokens: readonly string[]): readonly string[] {
  const { stdout, stderr, status } = spawnSync(node, ['--import', 'tsx', 'scripts/replay-many.ts'], {
    encoding: 'utf8',
    input: tokens.join('\n'),
    maxBuffer: 64_000_000,
  });
  expect(status, stderr).toBe(0);
  return stdout.trim().split('\n');
}

const prefix = mkdtempSync(join(tmpdir(), 'hedgedrill-replay-'));
afterAll(() => rmSync(prefix, { recursive: true, force: true }));

describe(`${COUNT} replay tokens`, () => {
  let tokens: readonly string[] = [];
  let here: readonly string[] = [];

  test('in two processes: the same tapes, byte for byte', async () => {
    const plans = await thousand();
    expect(plans).toHaveLength(COUNT);
    tokens = plans.map((plan) => encodeToken(tokenOf(plan, '0'.repeat(64))));
    expect(new Set(tokens).size).toBe(COUNT);
    here = replayed(process.execPath, tokens);
    expect(here).toHaveLength(COUNT);
    // That another seed or fault gives another tape, or agreement would prove nothing.
    expect(new Set(here).size).toBeGreaterThan(COUNT * 0.9);
    expect(replayed(process.execPath, tokens)).toEqual(here);
  }, 300_000);

  test(`on Node ${MAJOR}: the same tapes, byte for byte`, (context: TestContext) => {
    const name = `node-${process.platform}-${process.arch}`;
    spawnSync('npm', ['install', '--prefix', prefix, '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${MAJOR}`], { timeout: 120_000 });
    const other = join(prefix, 'node_modules', name, 'bin', 'node');
    if (!existsSync(other)) context.skip(`Node ${MAJOR} could not be installed from the registry`);
    expect(execFileSync(other, ['--version'], { encoding: 'utf8' })).toContain(`v${MAJOR}.`);
    expect(replayed(other, tokens)).toEqual(here);
  }, 300_000);
});

describe('a replay token', () => {
  const token = tokenOf({ level: 'singles', flow: 'exit', seed: 7, faults: [] }, 'ab'.repeat(32));

  test('reads back as it was written', () => {
    expect(decodeToken(encodeToken(token))).toEqual(token);
  });

  test.each([
    { name: 'garbage', text: 'not a token at all', problem: /expected a replay token, hd1: and seven parts, found "not a token at all"/ },
    { name: 'nothing', text: '', problem: /expected a replay token/ },
    { name: 'cut off between parts', text: encodeToken(token).split(':').slice(0, 5).join(':'), problem: /was cut off: 5 of its 8 parts/ },
    { name: 'cut off in its last part', text: encodeToken(token).slice(0, -9), problem: /the last part of the token cannot be read/ },
    {
      name: 'of a later version',
      text: encodeToken(token).replace('hd1', 'hd2'),
      problem: /of form hd2, this version reads hd1\n.*the version that printed it/s,
    },
  ])('$name: is refused in words', ({ text, problem }) => {
    expect(() => decodeToken(text)).toThrow(problem);
    expect(() => decodeToken(text)).toThrow(expect.objectContaining({ name: 'InputError', place: { key: '--token' } }) as Error);
  });

  test.each([
    { part: 'the code', change: { git: '0123456789ab' } },
    { part: 'the scenario', change: { scenarioHash: '0123456789ab' } },
    { part: 'the data', change: { dataHash: '0123456789ab' } },
    { part: 'the executor', change: { executorHash: '0123456789ab' } },
  ])('with another hash of $part: names that part, and no other', async ({ part, change }) => {
    const clean = { ...token, git: codeVersion().replace('+dirty', '') };
    const told = tokenDifferences({ ...clean, ...change }, await shippedScenario('exit'), undefined).filter(
      (text) => !text.startsWith('the code') || part === 'the code',
    );
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`${part} differs from the token's: 0123456789ab then, `);
  });

  test('of a tree with changes: is marked so, and told of when it is replayed', async () => {
    const [first] = tokenDifferences({ ...token, git: '0123456789ab+dirty' }, await shippedScenario('exit'), undefined);
    expect(first).toContain('held changes that no commit has');
  });

  test('whose tape differs: the replay says that it is another run', async () => {
    const said: string[] = [];
    const nothing = (): void => undefined;
    const observer = { say: (text: string) => void said.push(text), progress: nothing, notice: nothing, problem: nothing };
    await replayToken({ out: join(tmpdir(), 'hedgedrill-replay'), token: encodeToken(token), observer });
    expect(said.join('\n')).toMatch(/another run: tape [0-9a-f]{12}, the token's is abababababab/);
  });
});
