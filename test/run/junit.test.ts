import { expect, test } from 'vitest';
import type { DrillRow } from '../../src/run/drill-row.js';
import { junitXml } from '../../src/run/junit.js';
import { readXml } from './support/read-xml.js';

const HOSTILE = 'a "quoted" <tag> & ]]> \u0000\u001b[31m\ud800\uffff\nsecond\tline';
const TAME = 'a "quoted" <tag> & ]]> \ufffd\ufffd[31m\ufffd\ufffd\nsecond\tline';

const promise = { id: 'I4', name: 'justified-orders', at: 1, expected: HOSTILE, found: 'x' };
const row = {
  scenario: HOSTILE,
  seed: '1',
  passed: false,
  control: 'passed',
  begunAt: 0,
  promises: [promise],
  firstBroken: promise,
  replay: HOSTILE,
} as unknown as DrillRow;

test('whatever an executor prints: is well-formed XML that reads back, without the characters XML does not know', () => {
  const result = { file: 'f.yaml', scenario: HOSTILE, rows: [row], elapsedMs: 12 };
  const root = readXml(junitXml('my-executor', [{ result, timeline: HOSTILE }]));
  const testCase = root.children[0]?.children[0];
  expect(testCase?.attributes['name']).toBe(TAME);
  expect(testCase?.attributes['time']).toBe('0.012');
  expect(testCase?.children[0]?.attributes['message']).toBe(`I4 justified-orders: expected ${TAME}; found x`);
  expect(testCase?.children[0]?.text).toContain(`Replay: ${TAME}`);
});

test('no scenario at all: is an empty suite', () => {
  expect(readXml(junitXml('reference', [])).children[0]).toMatchObject({ attributes: { tests: '0', failures: '0' }, children: [] });
});
