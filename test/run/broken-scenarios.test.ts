import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../src/core/input-error.js';
import { runDrills } from '../../src/run/drill-command.js';

const folder = mkdtempSync(join(tmpdir(), 'hedgedrill-broken-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Line 6 is the flow, 8 the fault, 9 its when, 10 its inject, 12 the outcome, 13 within. */
const SOUND = `apiVersion: scenario/v1
kind: Scenario
id: broken
title: A scenario broken by hand
include: [lib/venues.yaml#calm]
flow: [{ do: enter, qty: "0.05" }]
faults:
  - id: lose-answer
    when: { leg: perp, method: createOrder }
    inject: { lose: { part: response } }
expect:
  outcome: hedged
  within: 30s
`;
const change = (from: string, to: string): string => {
  if (!SOUND.includes(from)) throw new Error(`the sound file holds no ${from}`);
  return SOUND.replace(from, to);
};

/** What a tired hand makes of a file, and the line that must be named; undefined: the file as a whole. */
const BROKEN: readonly { readonly name: string; readonly text: string; readonly line: number | undefined }[] = [
  { name: 'empty', text: '', line: 1 },
  { name: 'a comment only', text: '# nothing yet\n', line: 1 },
  { name: 'a list', text: '- one\n- two\n', line: 1 },
  { name: 'a word', text: 'scenario\n', line: 1 },
  { name: 'bytes', text: '\u0000\u0001\u0002\uFFFD', line: 1 },
  { name: 'an open bracket', text: change('{ leg: perp, method: createOrder }', '{ leg: perp, method: createOrder'), line: 10 },
  { name: 'an open quote', text: change('"0.05"', '"0.05'), line: 6 },
  { name: 'a tab', text: change('    when:', '\twhen:'), line: 9 },
  { name: 'a key twice', text: change('  within: 30s', '  within: 30s\n  within: 40s'), line: 14 },
  { name: 'two documents', text: `${SOUND}---\n${SOUND}`, line: 14 },
  { name: 'a misplaced colon', text: change('outcome: hedged', 'outcome: hedged: flat'), line: 12 },
  { name: 'an alias of nothing', text: change('30s', '*limit'), line: 13 },
  { name: 'another version', text: change('scenario/v1', 'scenario/v2'), line: 1 },
  { name: 'no kind', text: change('kind: Scenario\n', ''), line: 1 },
  { name: 'another kind', text: change('kind: Scenario', 'kind: Test'), line: 2 },
  { name: 'an id with blanks', text: change('id: broken', 'id: my broken one'), line: 3 },
  { name: 'no flow', text: change('flow: [{ do: enter, qty: "0.05" }]\n', ''), line: 1 },
  { name: 'an empty flow', text: change('[{ do: enter, qty: "0.05" }]', '[]'), line: 6 },
  { name: 'a flow that is no list', text: change('[{ do: enter, qty: "0.05" }]', 'enter'), line: 6 },
  { name: 'a step that does not exist', text: change('do: enter', 'do: buy'), line: 6 },
  { name: 'a quantity of nothing', text: change('"0.05"', '"0"'), line: 6 },
  { name: 'a library that is not there', text: change('lib/venues.yaml#calm', 'lib/venus.yaml#calm'), line: 5 },
  { name: 'no world', text: change('include: [lib/venues.yaml#calm]\n', ''), line: 1 },
  { name: 'faults that are no list', text: SOUND.replace(/faults:\n[^]*?expect:/, 'faults: none\nexpect:'), line: 7 },
  { name: 'a fault that is null', text: SOUND.replace(/ {2}- id: lose-answer\n.*\n.*\n/, '  - \n'), line: 8 },
  { name: 'no inject', text: change('    inject: { lose: { part: response } }\n', ''), line: 8 },
  { name: 'an inject of nothing', text: change('{ lose: { part: response } }', '{}'), line: 10 },
  { name: 'an unknown action', text: change('lose:', 'loose:'), line: 10 },
  { name: 'a venue of another world', text: change('leg: perp', 'venue: bybit'), line: 9 },
  { name: 'a method of another library', text: change('createOrder', 'place_order'), line: 9 },
  { name: 'no expectation', text: SOUND.replace(/expect:[^]*/, ''), line: 1 },
  { name: 'a time without a unit', text: change('30s', '30'), line: 13 },
  { name: 'an outcome in capitals', text: change('hedged', 'HEDGED'), line: 12 },
  { name: 'a fault after the end', text: change('leg: perp,', 'leg: perp, from: 2h,'), line: 9 },
];

const fileOf = (index: number): string => join(folder, `broken-${index}.yaml`);
beforeAll(() => BROKEN.forEach(({ text }, index) => writeFileSync(fileOf(index), text)));

const nothing = (): void => undefined;
const drill = (file: string): Promise<unknown> =>
  runDrills({
    files: [file],
    params: [],
    out: folder,
    json: false,
    observer: { say: nothing, progress: nothing, notice: nothing, problem: nothing },
  });

describe('files broken by hand', () => {
  test.each(BROKEN.map((row, index) => ({ ...row, index })))(
    '$name: drill refuses it with its line and says what is wrong',
    async ({ index, line }) => {
      const error = await drill(fileOf(index)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(InputError);
      const { place, message } = error as InputError;
      expect(place).toMatchObject({ file: fileOf(index), line });
      expect(message).not.toMatch(/undefined|\[object|at .*\.[jt]s:\d+|TypeError|ZodError/);
    },
  );

  test('lint of all of them from a shell: one line or two for each problem, no stack, exit code 2', () => {
    const args = ['--import', 'tsx', 'src/cli/main.ts', 'scenario', 'lint', ...BROKEN.map((_, index) => fileOf(index))];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at /);
    for (const [index, { line, name }] of BROKEN.entries()) expect(stdout, name).toContain(`${fileOf(index)}:${line}`);
    expect(stdout).toMatch(new RegExp(`problems in ${BROKEN.length} files`));
  });
});
