import { mkdir, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { InputError } from '../../src/core/input-error.js';
import { readTable } from '../../src/market/read-table.js';
import type { TableKind } from '../../src/market/table-schema.js';
import { tempFolder } from './temp-files.js';

const temp = await tempFolder();
const cache = join(temp.dir, 'cache');

const PREMIUM = 'timestamp,upbit_krw,binance_usdt,usdkrw,premium';
const ROW = '1756684860000,150803000,108260,1391.54,0.00102809';
const NEXT = '1756684920000,150836000,108332.35,1391.54,0.00057846';
const CANDLES = 'timestamp,open,high,low,close,volume';
const CANDLE = '1756684800000,150700000,150803000,150640000,150803000,1.5';

interface BadInput {
  readonly name: string;
  readonly kind?: TableKind;
  readonly file?: string;
  readonly content: string | Uint8Array;
  readonly line?: number;
  readonly column?: string;
  readonly problem: RegExp;
  readonly hint?: RegExp;
}

const lines = (...rows: readonly string[]): string => `${rows.join('\n')}\n`;
const hundredRows = lines(
  PREMIUM,
  ...Array.from({ length: 5_000 }, (_, row) => `${1756684860000 + row * 60_000},150803000,108260,1391.54,0.00102809`),
);

const badInputs: readonly BadInput[] = [
  {
    name: 'missing column',
    content: lines('timestamp,upbit_krw,binance_usdt,premium', ROW),
    line: 1,
    column: 'usdkrw',
    problem: /needs the column "usdkrw"/,
    hint: /The header has: timestamp, upbit_krw/,
  },
  {
    name: 'misspelt column',
    content: lines(PREMIUM.replace('upbit_krw', 'upbit_kwr'), ROW),
    line: 1,
    column: 'upbit_krw',
    problem: /needs the column "upbit_krw"/,
    hint: /"upbit_kwr".*rename/,
  },
  {
    name: 'column under another usual name',
    kind: 'upbit-candles',
    content: lines(CANDLES.replace('timestamp', 'date'), CANDLE),
    line: 1,
    column: 'timestamp',
    problem: /needs the column "timestamp"/,
    hint: /"date"/,
  },
  {
    name: 'optional column in another case',
    kind: 'upbit-candles',
    content: lines(CANDLES.replace('volume', 'Volume'), CANDLE),
    line: 1,
    column: 'volume',
    problem: /needs the column "volume"/,
    hint: /"Volume"/,
  },
  {
    name: 'no foreign price',
    content: lines(PREMIUM.replace('binance_usdt', 'x'), ROW),
    line: 1,
    column: 'binance_usdt',
    problem: /"binance_usdt" or "bitstamp_usd"/,
  },
  {
    name: 'candles in the place of a premium table',
    content: lines(CANDLES, CANDLE),
    line: 1,
    problem: /premium table needs/,
    hint: /is a candle file, expected a premium table/,
  },
  { name: 'column twice', content: lines(`${PREMIUM},usdkrw`, `${ROW},1391.54`), line: 1, column: 'usdkrw', problem: /twice/ },
  { name: 'no header', content: lines(ROW, NEXT), line: 1, problem: /numbers, expected a header/, hint: /timestamp, upbit_krw/ },
  {
    name: 'semicolons',
    content: lines(PREMIUM.replaceAll(',', ';'), ROW.replaceAll(',', ';')),
    line: 1,
    problem: /separated by ";"/,
    hint: /commas/,
  },
  {
    name: 'bad number',
    content: lines(PREMIUM, ROW, NEXT.replace('108332.35', '108332.3S')),
    line: 3,
    column: 'binance_usdt',
    problem: /not a number: "108332\.3S"/,
  },
  {
    name: 'hexadecimal number',
    content: lines(PREMIUM, ROW.replace('150803000', '0x8FD0A38')),
    line: 2,
    column: 'upbit_krw',
    problem: /not a number/,
  },
  {
    name: 'number beyond all bounds',
    content: lines(PREMIUM, ROW.replace('150803000', '1e999')),
    line: 2,
    column: 'upbit_krw',
    problem: /not a number/,
  },
  {
    name: 'thousands separators',
    content: lines(PREMIUM, ROW.replace('150803000', '"150,803,000"')),
    line: 2,
    column: 'upbit_krw',
    problem: /not a number/,
    hint: /thousands/,
  },
  {
    name: 'decimal comma',
    content: lines(PREMIUM, ROW.replace('1391.54', '"1391,54"')),
    line: 2,
    column: 'usdkrw',
    problem: /not a number/,
    hint: /decimal sign/,
  },
  {
    name: 'date instead of milliseconds',
    content: lines(PREMIUM, ROW.replace('1756684860000', '2025-09-01 00:01:00')),
    line: 2,
    column: 'timestamp',
    problem: /not a number/,
    hint: /milliseconds UTC/,
  },
  { name: 'empty required cell', content: lines(PREMIUM, ROW, NEXT.replace('1391.54', '')), line: 3, column: 'usdkrw', problem: /empty/ },
  { name: 'empty foreign price', content: lines(PREMIUM, ROW.replace('108260', '')), line: 2, column: 'binance_usdt', problem: /empty/ },
  {
    name: 'word in an optional cell',
    content: lines(PREMIUM, ROW.replace('0.00102809', 'null')),
    line: 2,
    column: 'premium',
    problem: /not a number/,
    hint: /Leave the cell empty/,
  },
  {
    name: 'time running backwards',
    content: lines(PREMIUM, NEXT, ROW),
    line: 3,
    column: 'timestamp',
    problem: /backwards: 2025-09-01T00:01:00Z .* follows 2025-09-01T00:02:00Z/,
    hint: /Sort/,
  },
  { name: 'duplicate timestamp', content: lines(PREMIUM, ROW, ROW), line: 3, column: 'timestamp', problem: /there twice/, hint: /duplicate/ },
  {
    name: 'time with a fraction',
    content: lines(PREMIUM, ROW.replace('1756684860000', '1756684860000.5')),
    line: 2,
    column: 'timestamp',
    problem: /whole number/,
  },
  {
    name: 'time in seconds',
    content: lines(PREMIUM, ROW.replace('1756684860000', '1756684860')),
    line: 2,
    column: 'timestamp',
    problem: /is not milliseconds/,
    hint: /seconds: multiply by 1,000/,
  },
  {
    name: 'time in microseconds',
    content: lines(PREMIUM, ROW.replace('1756684860000', '1756684860000000')),
    line: 2,
    column: 'timestamp',
    problem: /is not milliseconds/,
    hint: /microseconds: divide by 1,000/,
  },
  {
    name: 'time in nanoseconds',
    content: lines(PREMIUM, ROW.replace('1756684860000', '1756684860000000000')),
    line: 2,
    column: 'timestamp',
    problem: /is not milliseconds/,
    hint: /nanoseconds/,
  },
  {
    name: 'price in man-won',
    content: lines(PREMIUM, ROW.replace('150803000', '15080.3')),
    line: 2,
    column: 'upbit_krw',
    problem: /is not KRW per BTC/,
    hint: /multiply man-won by 10,000/,
  },
  {
    name: 'foreign price in thousands',
    content: lines(PREMIUM, ROW.replace('108260', '108.26')),
    line: 2,
    column: 'binance_usdt',
    problem: /is not USDT per BTC/,
    hint: /thousands/,
  },
  {
    name: 'foreign price in KRW',
    content: lines(PREMIUM, ROW.replace('108260', '150803000')),
    line: 2,
    column: 'binance_usdt',
    problem: /is not USDT per BTC/,
    hint: /looks like KRW/,
  },
  {
    name: 'rate upside down',
    content: lines(PREMIUM, ROW.replace('1391.54', '0.00071863')),
    line: 2,
    column: 'usdkrw',
    problem: /is not KRW per dollar/,
    hint: /1 \/ x/,
  },
  {
    name: 'negative price',
    content: lines(PREMIUM, ROW.replace('150803000', '-150803000')),
    line: 2,
    column: 'upbit_krw',
    problem: /is not KRW per BTC/,
  },
  {
    name: 'premium in percent',
    content: lines(PREMIUM, ROW.replace('0.00102809', '0.102809')),
    line: 2,
    column: 'premium',
    problem: /in percent, expected the fraction 0\.00102/,
    hint: /Divide the column by 100/,
  },
  {
    name: 'premium that does not follow from the row',
    content: lines(PREMIUM, ROW, NEXT.replace('0.00057846', '0.01157846')),
    line: 3,
    column: 'premium',
    problem: /0\.01157846 does not follow from the row/,
    hint: /stale/,
  },
  {
    name: 'USDT premium that does not follow from the row',
    content: lines(`${PREMIUM},upbit_usdt_krw,usdt_premium`, `${ROW},1392,0.5`),
    line: 2,
    column: 'usdt_premium',
    problem: /does not follow/,
  },
  {
    name: 'funding in percent',
    kind: 'funding',
    content: lines('timestamp,funding_rate', '1568102400000,0.0001', '1568131200000,0.01'),
    line: 3,
    column: 'funding_rate',
    problem: /is not a fraction per 8 h/,
    hint: /percent: divide by 100/,
  },
  {
    name: 'funding in basis points',
    kind: 'funding',
    content: lines('timestamp,funding_rate', '1568102400000,1.17'),
    line: 2,
    column: 'funding_rate',
    problem: /is not a fraction/,
    hint: /basis points/,
  },
  {
    name: 'low above high',
    kind: 'upbit-candles',
    content: lines(CANDLES, CANDLE, '1756684860000,150700000,150640000,150803000,150700000,1'),
    line: 3,
    column: 'low',
    problem: /crossed candle: low 150803000 lies above high 150640000/,
  },
  {
    name: 'close above high',
    kind: 'upbit-candles',
    content: lines(CANDLES, '1756684800000,150700000,150803000,150640000,150804000,1'),
    line: 2,
    column: 'close',
    problem: /crossed candle: close/,
  },
  {
    name: 'open below low',
    kind: 'upbit-candles',
    content: lines(CANDLES, '1756684800000,150600000,150803000,150640000,150800000,1'),
    line: 2,
    column: 'open',
    problem: /crossed candle: open/,
  },
  {
    name: 'negative volume',
    kind: 'upbit-candles',
    content: lines(CANDLES, CANDLE.replace(',1.5', ',-1.5')),
    line: 2,
    column: 'volume',
    problem: /is not a volume/,
  },
  {
    name: 'candles of the other leg',
    kind: 'binance-candles',
    content: lines(CANDLES, CANDLE),
    line: 2,
    column: 'open',
    problem: /is not USDT per BTC/,
    hint: /KRW/,
  },
  { name: 'cell too many', content: lines(PREMIUM, ROW, `${NEXT},1`), line: 3, problem: /6 cells, the header has 5/ },
  { name: 'row cut off', content: `${lines(PREMIUM, ROW)}1756684920000,1508`, line: 3, problem: /2 cells, the header has 5/, hint: /cut off/ },
  { name: 'quote that is never closed', content: lines(PREMIUM, ROW.replace('1756684860000', '"1756684860000'), NEXT), problem: /never closed/ },
  {
    name: 'quote in the middle of a cell',
    content: lines(PREMIUM, ROW.replace('108260', '108"260')),
    line: 2,
    problem: /double quote stands in the middle/,
  },
  { name: 'row without end', content: lines(PREMIUM, '1'.repeat(40_000)), line: 2, problem: /longer than/ },
  { name: 'empty file', content: '', problem: /empty \(0 bytes\)/ },
  { name: 'blank lines only', content: '\n\n\n', problem: /no header and no rows/ },
  { name: 'comments only', content: '# nothing here\n# nor here\n', problem: /no header and no rows/ },
  { name: 'header only', content: lines(PREMIUM), line: 1, problem: /header but no rows/ },
  { name: 'empty gzip', file: 'a.csv.gz', content: gzipSync(''), problem: /no header and no rows/ },
  {
    name: 'truncated gzip',
    file: 'a.csv.gz',
    content: gzipSync(hundredRows).subarray(0, 4_000),
    problem: /ends in the middle of the stream/,
    hint: /truncated/,
  },
  {
    name: 'gzip cut within its trailer',
    file: 'a.csv.gz',
    content: gzipSync(hundredRows).subarray(0, -4),
    problem: /ends in the middle of the stream/,
  },
  { name: 'damaged gzip', file: 'a.csv.gz', content: gzipSync(hundredRows).fill(0xff, 2_000, 2_400), problem: /damaged/ },
  { name: 'text named .gz', file: 'a.csv.gz', content: lines(PREMIUM, ROW), problem: /named \.gz but is not gzip/, hint: /Rename/ },
  {
    name: 'binary junk',
    content: Uint8Array.from({ length: 300 }, (_, index) => (index * 37 + 1) % 256),
    line: 1,
    problem: /not a text file|needs the column|double quote/,
  },
  { name: 'control characters', content: '\u0000\u0001\u0002abc,def\n1,2\n', line: 1, problem: /not a text file/ },
  { name: 'Excel workbook', content: Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0), problem: /Excel workbook/, hint: /Export/ },
  { name: 'Parquet file', content: new TextEncoder().encode('PAR1....'), problem: /Parquet/ },
];

test.each(badInputs)(
  '$name: one error with file, line, column and what to do',
  async ({ name, kind, file, content, line, column, problem, hint }) => {
    const path = await temp.file(`${name.replaceAll(/\W/g, '-')}-${file ?? 'a.csv'}`, content);
    const error: unknown = await readTable(path, kind ?? 'premium', cache).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    const { message, place, hint: said } = error as InputError;
    expect(message).toMatch(problem);
    expect(place.file).toBe(path);
    if (line !== undefined) expect(place.line).toBe(line);
    if (column !== undefined) expect(place.column).toBe(column);
    if (hint !== undefined) expect(said).toMatch(hint);
  },
);

test('missing file: the error names the file that was probably meant', async () => {
  await temp.file('premium-2025.csv', lines(PREMIUM, ROW));
  await expect(readTable(join(temp.dir, 'premum-2025.csv'), 'premium', cache)).rejects.toThrow(/no such file[^]*Did you mean premium-2025\.csv\?/);
});

test('directory: the error lists the CSV files in it', async () => {
  const folder = join(temp.dir, 'folder');
  await mkdir(folder);
  await writeFile(join(folder, 'listed.csv'), lines(PREMIUM, ROW));
  await writeFile(join(folder, 'picture.png'), 'x');
  await expect(readTable(folder, 'premium', cache)).rejects.toThrow(/is a directory[^]*files: listed\.csv$/);
});

const [first, second] = [1756684860000, 1756684920000];
test.each([
  { name: 'byte-order mark', content: `\uFEFF${lines(PREMIUM, ROW, NEXT)}` },
  { name: 'CRLF', content: lines(PREMIUM, ROW, NEXT).replaceAll('\n', '\r\n') },
  { name: 'byte-order mark and CRLF', content: `\uFEFF${lines(PREMIUM, ROW, NEXT)}`.replaceAll('\n', '\r\n') },
  { name: 'no newline at the end', content: lines(PREMIUM, ROW, NEXT).trimEnd() },
  { name: 'blank lines', content: `${PREMIUM}\n\n${ROW}\n\n${NEXT}\n\n` },
  {
    name: 'quoted cells',
    content: lines(
      PREMIUM,
      ...[ROW, NEXT].map((row) =>
        row
          .split(',')
          .map((cell) => `"${cell}"`)
          .join(','),
      ),
    ),
  },
  { name: 'blanks around names and cells', content: lines(PREMIUM.replaceAll(',', ', '), ROW.replaceAll(',', ', '), NEXT) },
  { name: 'comments on top', content: `# one\n# two\n${lines(PREMIUM, ROW, NEXT)}` },
  {
    name: 'columns in another order and one more',
    content: lines('note,premium,usdkrw,binance_usdt,upbit_krw,timestamp', ...[ROW, NEXT].map((row) => ['x', ...row.split(',').reverse()].join(','))),
  },
  { name: 'gzip', content: gzipSync(lines(PREMIUM, ROW, NEXT)) },
  { name: 'empty optional cells', content: lines(PREMIUM, ROW.replace('0.00102809', ''), NEXT) },
  { name: 'no premium column', content: lines(PREMIUM.replace(',premium', ''), ...[ROW, NEXT].map((row) => row.replace(/,[^,]*$/, ''))) },
])('$name: is read like the plain file', async ({ name, content }) => {
  const { table } = await readTable(await temp.file(`good ${name}.csv`, content), 'premium', cache);
  expect([...(table.columns.get('timestamp') ?? [])]).toEqual([first, second]);
  expect([...(table.columns.get('upbit_krw') ?? [])]).toEqual([150803000, 150836000]);
  expect([...(table.columns.get('usdkrw') ?? [])]).toEqual([1391.54, 1391.54]);
});

test('empty optional cell: reads as NaN, not as zero', async () => {
  const { table } = await readTable(await temp.file('nan.csv', lines(PREMIUM, ROW.replace('0.00102809', ''), NEXT)), 'premium', cache);
  expect([...(table.columns.get('premium') ?? [])]).toEqual([Number.NaN, 0.00057846]);
});

const bad = NEXT.replace('1391.54', 'x');
test.each([
  { name: 'comments and blank lines above', content: `# one\n\n# two\n${PREMIUM}\n\n${ROW}\n${bad}\n`, line: 7 },
  { name: 'quoted line breaks above', content: `note,${PREMIUM}\n"two\nlines",${ROW}\n"three\n\nlines",${bad}\n`, line: 6 },
  { name: 'quoted CRLF above', content: `note,${PREMIUM}\n"two\nlines",${ROW}\n"b",${bad}\n`.replaceAll('\n', '\r\n'), line: 4 },
  { name: 'line breaks to the right of the cell', content: `${PREMIUM},note\n${ROW},a\n${bad},"on\ntwo"\n`, line: 3 },
])('bad cell with $name: the line is that of the file', async ({ name, content, line }) => {
  const path = await temp.file(`line ${name}.csv`, content);
  await expect(readTable(path, 'premium', cache)).rejects.toMatchObject({ place: { file: path, line, column: 'usdkrw' } });
});

test('numbers: are read to the last bit', async () => {
  const values = ['64601.8', '0.1', '123456.789012345', '99999.99999999999', '6.46018e4', '108332.35'];
  const rows = values.map((value, index) => `${1756684860000 + index},${value},${value},${value},${value},0.30000000000000004`);
  const { table } = await readTable(await temp.file('bits.csv', lines(CANDLES, ...rows.filter((_, index) => index !== 1))), 'binance-candles', cache);
  expect([...(table.columns.get('close') ?? [])]).toEqual(values.filter((_, index) => index !== 1).map(Number));
  expect(table.columns.get('volume')?.[0]).toBe(0.1 + 0.2);
});

test('bad cell beyond many chunks of the stream: the line is still right', async () => {
  const rows = Array.from({ length: 20_000 }, (_, row) => `${1756684860000 + row * 60_000},150803000,108260,1391.54,0.00102809`);
  const content = lines('# made up', PREMIUM, ...rows.slice(0, 15_000), '1800000000000,150803000,108260,,0.00102809', ...rows.slice(15_000));
  for (const bytes of [Buffer.from(content), gzipSync(content)]) {
    const path = await temp.file('long.csv', bytes);
    await expect(readTable(path, 'premium', cache)).rejects.toMatchObject({ place: { line: 15_003, column: 'usdkrw' } });
  }
});

test('any mix of comments, blank lines, quotes, line breaks in cells and line ends: a bad cell is found on its line', () => {
  const piece = fc.constantFrom('comment', 'blank', 'row', 'quoted', 'broken');
  return fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 12 }),
      fc.array(piece, { maxLength: 12 }),
      fc.constantFrom('\n', '\r\n'),
      async (above, below, end) => {
        let time = 1756684860000;
        const render = (kind: string): string => {
          if (kind === 'comment') return '# "a comment", with a quote';
          if (kind === 'blank') return '';
          time += 60_000;
          const cells = [String(time), '150803000', '108260', '1391.54'];
          if (kind === 'quoted') return [...cells, 'a note'].map((cell) => `"${cell}"`).join(',');
          return [...cells, kind === 'broken' ? `"over${end}two${end}${end}lines"` : ''].join(',');
        };
        const before = ['timestamp,upbit_krw,binance_usdt,usdkrw,note', ...above.map(render)];
        const rest = [`${(time += 60_000)},150803000,108260,bad,`, ...below.map(render)];
        const line = before.join(end).split(end).length + 1;
        const path = await temp.file('mixed.csv', [...before, ...rest].join(end));
        await expect(readTable(path, 'premium', cache)).rejects.toMatchObject({ place: { line, column: 'usdkrw' } });
      },
    ),
    { numRuns: 60 },
  );
});
