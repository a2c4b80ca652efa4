import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { InputError } from '../../src/core/input-error.js';
import { parseYamlInput, suggest, yamlIssues } from '../../src/core/yaml-input.js';

const schema = z.strictObject({
  name: z.string(),
  size: z.number().int().positive().default(3),
  mode: z.enum(['backtest', 'paper']).optional(),
  steps: z
    .array(
      z.discriminatedUnion('do', [
        z.strictObject({ do: z.literal('wait'), forMs: z.number() }),
        z.strictObject({ do: z.literal('trade'), quantity: z.union([z.string(), z.number()]) }),
      ]),
    )
    .optional(),
  venues: z.record(z.string(), z.strictObject({ balances: z.record(z.string(), z.string()), feesPpm: z.number().optional() })).optional(),
  size2: z.union([z.literal('all'), z.strictObject({ lots: z.number() })]).optional(),
});

const issuesOf = (text: string): string[] => yamlIssues(text, 'my.yaml', schema).map((issue) => issue.message);

describe('parseYamlInput', () => {
  test('a sound file gives the parsed value with defaults', () => {
    expect(parseYamlInput('name: a\nsteps:\n  - {do: trade, quantity: "0.05"}\n', 'my.yaml', schema)).toEqual({
      name: 'a',
      size: 3,
      steps: [{ do: 'trade', quantity: '0.05' }],
    });
  });

  test.each([
    { name: 'an unknown key near a known one', text: 'name: a\nsizes: 4', message: 'my.yaml:2:1: sizes: unknown key\n  did you mean "size"?' },
    {
      name: 'an unknown key near none',
      text: 'name: a\nfrobnicate: 4',
      message: 'my.yaml:2:1: frobnicate: unknown key\n  known keys here: name, size, mode, steps, venues, size2',
    },
    {
      name: 'an unknown key in a record inside a list of a chosen variant',
      text: 'name: a\nsteps:\n  - do: wait\n    forMs: 1\n    quantty: 3',
      message: 'my.yaml:5:5: steps[0].quantty: unknown key\n  known keys here: do, forMs',
    },
    {
      name: 'a misspelt key in a record',
      text: 'name: a\nvenues:\n  upbit:\n    balances: {}\n    feePpm: 1',
      message: 'my.yaml:5:5: venues.upbit.feePpm: unknown key\n  did you mean "feesPpm"?',
    },
    { name: 'a wrong type', text: 'name: a\nsize: big', message: 'my.yaml:2:7: size: expected a number, found "big"' },
    { name: 'a value out of bounds', text: 'name: a\nsize: -2', message: 'my.yaml:2:7: size: expected more than 0, found -2' },
    { name: 'a missing key, placed at its parent', text: 'size: 2', message: 'my.yaml:1:1: name: missing; expected text' },
    { name: 'an empty file', text: '', message: 'my.yaml:1:1: name: missing; expected text' },
    {
      name: 'a misspelt word of a choice',
      text: 'name: a\nmode: papr',
      message: 'my.yaml:2:7: mode: expected one of backtest, paper, found "papr"\n  did you mean "paper"?',
    },
    {
      name: 'an unknown variant',
      text: 'name: a\nsteps: [{do: trde}]',
      message: 'my.yaml:2:14: steps[0].do: no such do: "trde"; expected one of wait, trade\n  did you mean "trade"?',
    },
    {
      name: 'a problem inside the fitting branch of a union',
      text: 'name: a\nsize2: {lots: x}',
      message: 'my.yaml:2:15: size2.lots: expected a number, found "x"',
    },
    {
      name: 'a value that no branch of a union takes',
      text: 'name: a\nsize2: 7',
      message: 'my.yaml:2:8: size2: expected "all" or a mapping, found 7',
    },
    { name: 'a key given twice', text: 'name: a\nname: b', message: 'my.yaml:2:1: not valid YAML: Map keys must be unique' },
    { name: 'a second document', text: 'name: a\n---\nname: b', message: /^my\.yaml:2:1: not valid YAML: Source contains multiple documents/ },
    { name: 'an unknown tag', text: 'name: !secret a', message: /^my\.yaml:1:7: not valid YAML: Unresolved tag: !secret/ },
  ])('$name: file, line, column, key, expected and found', ({ text, message }) => {
    const [issue, ...others] = issuesOf(text);
    if (typeof message === 'string') expect(issue).toBe(message);
    else expect(issue).toMatch(message);
    expect(others).toEqual([]);
    expect(() => parseYamlInput(text, 'my.yaml', schema)).toThrow(InputError);
  });

  test('several problems: all are told, in the order of the file', () => {
    const text = 'size: -1\nnmae: a\nmode: live';
    const thrown = (() => {
      try {
        return parseYamlInput(text, 'my.yaml', schema);
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).message.split('\n').map((line) => line.trim())).toEqual([
      'my.yaml:1:1: name: missing; expected text',
      'my.yaml:1:7: size: expected more than 0, found -1',
      'my.yaml:2:1: nmae: unknown key',
      'did you mean "name"?',
      'my.yaml:3:7: mode: expected one of backtest, paper, found "live"',
    ]);
  });
});

describe('suggest', () => {
  test.each([
    ['quantty', ['quantity', 'quote'], 'quantity'],
    ['max_positions', ['positionsMax', 'maxPositions'], 'maxPositions'],
    ['recvwindow', ['recvWindow'], 'recvWindow'],
    ['ouatge', ['outage', 'order'], 'outage'],
    ['abc', ['xyz', 'outage'], undefined],
    ['x', [], undefined],
  ] as const)('%s among %j: %s', (word, candidates, meant) => {
    expect(suggest(word, candidates)).toBe(meant);
  });
});
