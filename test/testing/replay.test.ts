import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { replayToken } from '../../src/run/replay-command.js';
import { codeVersion } from '../../src/run/replay-token.js';
import { createNaiveExecutor } from '../../src/specimens/naive.js';
import { drill, explore, replay, type Verdict } from '../../src/testing/index.js';

const FACTORY_FILE = new URL('./support/naive-again.ts', import.meta.url);

/** What two verdicts of one run have in common. */
const judged = ({ scenario, seed, passed, broken, outcomes, tapeHash, token }: Verdict): object => ({
  scenario,
  seed,
  passed,
  broken,
  outcomes,
  tapeHash,
  token,
});

/** Somebody at work on this code has changes that no commit holds, and every replay says so. */
const OF_THIS_TREE: readonly unknown[] = codeVersion().endsWith('+dirty') ? [expect.stringContaining('held changes')] : [];

/** The command line's own replay. */
async function commandLine(token: string, executor?: string): Promise<{ readonly code: number; readonly said: string; readonly problems: string[] }> {
  const problems: string[] = [];
  let said = '';
  const observer = {
    progress: (): void => undefined,
    notice: (): void => undefined,
    problem: (line: string) => void problems.push(line),
    say: (text: string) => void (said += `${text}\n`),
  };
  return { code: await replayToken({ out: join(tmpdir(), 'hedgedrill-replay'), token, executor, observer }), said, problems };
}

describe('a token of a drill', () => {
  test.each(['naive', 'reference'])('%s: replays to the same verdict and the same run to the byte', async (executor) => {
    const verdict = await drill({ executor, scenario: 'partial-then-timeouts', seed: 3 });
    const again = await replay({ token: verdict.token });
    expect(again.isSameRun).toBe(true);
    expect(again.differences).toEqual(OF_THIS_TREE);
    expect(judged(again.verdict)).toEqual(judged(verdict));
  });

  test('on the command line: the same run, and its exit code', async () => {
    const verdict = await drill({ executor: 'naive', scenario: 'lost-reply-after-fill' });
    const { code, said, problems } = await commandLine(verdict.token);
    expect(code).toBe(1);
    expect(said).toContain('the same run to the byte');
    expect(problems).toEqual(OF_THIS_TREE);
  });

  test('of a factory: replays with the factory, and on the command line with its file', async () => {
    const verdict = await drill({ executor: createNaiveExecutor, scenario: 'lost-reply-after-fill' });
    await expect(replay({ token: verdict.token })).rejects.toThrow(/expected reference/);
    const again = await replay({ token: verdict.token, executor: createNaiveExecutor });
    expect(judged(again.verdict)).toEqual(judged(verdict));
    const named = await drill({ executor: createNaiveExecutor, executorFile: FACTORY_FILE, scenario: 'lost-reply-after-fill' });
    expect(named.replay).toBe(`npx hedgedrill drill --token ${named.token}`);
    expect(await commandLine(named.token)).toMatchObject({
      code: 1,
      problems: OF_THIS_TREE,
      said: expect.stringContaining('the same run to the byte') as string,
    });
    expect((await commandLine(verdict.token, './test/testing/support/naive-again.ts')).said).toContain('the same run to the byte');
  });

  test('of an inline scenario: replays when it is given again, and says when another one is given', async () => {
    const scenario = {
      id: 'short-reset',
      flow: [{ do: 'enter' as const, qty: '0.03' }],
      faults: [
        { id: 'reset', when: { leg: 'perp' as const, method: 'createOrder' }, inject: { lose: { part: 'request' as const, as: 'reset' as const } } },
      ],
      expect: { outcome: 'hedged' as const, within: '90s' },
    };
    const verdict = await drill({ executor: 'naive', scenario });
    await expect(replay({ token: verdict.token })).rejects.toThrow(/no shipped scenario has the id "short-reset"/);
    expect((await replay({ token: verdict.token, scenario })).isSameRun).toBe(true);
    const other = await replay({ token: verdict.token, scenario: { ...scenario, flow: [{ do: 'enter', qty: '0.04' }] } });
    expect(other.isSameRun).toBe(false);
    expect(other.differences).toEqual([...OF_THIS_TREE, expect.stringMatching(/^the scenario differs/)]);
  });
});

test('the tokens of an exploration: replay to the same broken promises', async () => {
  const { buckets } = await explore({ executor: 'naive', flows: ['enter-parallel'], limit: 40 });
  expect(buckets.length).toBeGreaterThan(3);
  for (const { verdict } of buckets) {
    const again = await replay({ token: verdict.token });
    expect(again.isSameRun).toBe(true);
    expect(judged(again.verdict)).toEqual(judged(verdict));
  }
});

test('a token that was cut off: is refused with what to do', async () => {
  const { token } = await drill({ executor: 'reference', scenario: 'lost-request' });
  await expect(replay({ token: token.slice(0, -12) })).rejects.toThrow(/cut off/);
  await expect(replay({ token: 'hd1:nothing' })).rejects.toThrow(/cut off/);
});
