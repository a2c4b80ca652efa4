import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const spec = readFileSync('docs/spec.md', 'utf8');
const rows = spec.split('\n').filter((line) => line.startsWith('| ') && line.includes('`test/'));

test('specification map: names every row of sections 1 to 7 and all fourteen of section 9', () => {
  for (const row of [
    '1 flow',
    '1 venues',
    '2.1',
    '2.2',
    '2.3',
    '2.4',
    '3.1',
    '3.2',
    '4.1',
    '4.2 A',
    '4.2 B',
    '4.2 C',
    '5 exit',
    '6 Upbit',
    '6 Binance',
    '7.1',
    '7.2 NetworkError',
    '7.2 ExchangeNotAvailable',
    '7.2 InsufficientFunds',
    '7.2 InvalidOrder',
    '7.2 RateLimitExceeded',
  ])
    expect(spec, row).toContain(`| ${row}`);
  expect(
    spec
      .slice(spec.indexOf('## 9'))
      .split('\n')
      .filter((line) => line.includes('`test/')),
  ).toHaveLength(14);
});

test.each(rows.map((row) => ({ name: row.split('|')[1]?.trim() ?? '', row })))(
  'specification map, row $name: its files and its test exist',
  ({ row }) => {
    const files = [...row.matchAll(/`((?:src|test)\/[\w./-]+)`/g)].map((match) => match[1] ?? '');
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const file of files) expect(existsSync(file), file).toBe(true);
    const named = /`(test\/[\w./-]+)` "([^"]+)"/.exec(row);
    if (named !== null) expect(readFileSync(named[1] ?? '', 'utf8'), named[2]).toContain(named[2]);
  },
);
