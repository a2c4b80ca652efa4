import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { timeReader } from '../../src/history/import-time.js';
import { importData } from '../../src/run/data-commands.js';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'import-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const observer = { progress: () => undefined, notice: () => undefined, problem: () => undefined, say: () => undefined };

/** Imports these texts with this map; the written file but for its comment. */
async function imported(map: string, ...texts: readonly (string | Buffer)[]): Promise<string> {
  await writeFile(join(dir, 'map.yaml'), map);
  const csv = await Promise.all(
    texts.map(async (text, index) => {
      const file = join(dir, `part-${index + 1}.csv`);
      await writeFile(file, text);
      return file;
    }),
  );
  const out = join(dir, 'out');
  await importData({ map: join(dir, 'map.yaml'), csv, out, json: false, observer });
  const [name = ''] = await readdir(out);
  const [comment = '', ...lines] = (await readFile(join(out, name), 'utf8')).trimEnd().split('\n');
  expect(comment).toMatch(/^# Imported by hedgedrill .* by map\.yaml\.$/);
  return [name, ...lines].join('\n');
}

const CANDLES = `
series: upbit-candles
time: { column: Date, format: yyyy-MM-dd HH:mm, zone: Asia/Seoul }
columns: { open: O, high: H, low: L, close: C, volume: Vol }
`;

describe('a file of the user', () => {
  test('local times become UTC and columns get our names; digits stay those of the source', async () => {
    const csv =
      'Vol,Date,O,H,L,C,Extra\n0.10,2025-09-01 09:00,150000000,150100000.50,149900000,150050000,x\n,2025-09-01 09:01,150050000,150050000,150050000,150050000,y\n';
    expect(await imported(CANDLES, csv)).toBe(
      [
        'upbit-btc-krw.csv',
        'timestamp,open,high,low,close,volume',
        `${Date.UTC(2025, 8, 1)},150000000,150100000.50,149900000,150050000,0.10`,
        `${Date.UTC(2025, 8, 1, 0, 1)},150050000,150050000,150050000,150050000,`,
      ].join('\n'),
    );
  });

  test('semicolons, decimal commas, man-won, other symbols, close labels and gzip', async () => {
    const map = `
series: upbit-candles
symbol: { column: market, is: KRW-BTC }
time: { column: t, unit: s }
label: close
length: 1m
separator: ";"
decimal: ","
columns: { open: o, high: o, low: o, close: o }
multiply: { open: 10000, high: 10000, low: 10000, close: 10000 }
`;
    const csv = gzipSync('t;market;o\n1756684860;KRW-BTC;15.000,5\n1756684860;KRW-ETH;600\n1756684920;KRW-BTC;15001\n');
    expect(await imported(map, csv)).toBe(
      [
        'upbit-btc-krw.csv',
        'timestamp,open,high,low,close',
        '1756684800000,150005000,150005000,150005000,150005000',
        '1756684860000,150010000,150010000,150010000,150010000',
      ].join('\n'),
    );
  });

  test('several files are one series', async () => {
    const map = 'series: funding\ntime: { column: time, unit: ms }\ncolumns: { funding_rate: rate }\n';
    const text = await imported(map, 'time,rate\n1756684800000,0.0001\n', 'rate,time\n-0.0002,1756713600000\n');
    expect(text).toBe('binance-funding.csv\ntimestamp,funding_rate\n1756684800000,0.0001\n1756713600000,-0.0002');
  });
});

describe('what is wrong is told with its place, and nothing is written', () => {
  const head = 'Date,O,H,L,C,Vol\n';
  const good = '2025-09-01 09:00,150000000,150000000,150000000,150000000,1\n';
  test.each([
    {
      name: 'a time of another form',
      csv: `${head}${good}2025/09/01 09:01,1,1,1,1,1\n`,
      text: /part-1\.csv:3:Date: "2025\/09\/01 09:01" does not have the form/,
    },
    { name: 'a cell that is no number', csv: `${head}2025-09-01 09:00,150000000,abc,1,1,1\n`, text: /part-1\.csv:2:H: not a number: "abc"/ },
    { name: 'a decimal comma', csv: `${head}2025-09-01 09:00,"150000000,5",1,1,1,1\n`, text: /part-1\.csv:2:O: not a number.*\n.*decimal: ","/ },
    { name: 'an empty price', csv: `${head}2025-09-01 09:00,,1,1,1,1\n`, text: /part-1\.csv:2:O: the cell is empty/ },
    { name: 'another unit', csv: `${head}2025-09-01 09:00,15000,15000,15000,15000,1\n`, text: /part-1\.csv:2:O: 15000 is not KRW per BTC/ },
    { name: 'a crossed candle', csv: `${head}2025-09-01 09:00,150000000,149000000,150000000,150000000,1\n`, text: /part-1\.csv:2:L: crossed candle/ },
    { name: 'a time twice', csv: `${head}${good}${good}`, text: /part-1\.csv:3:Date: .* is there twice/ },
    { name: 'a row too short', csv: `${head}2025-09-01 09:00,1\n`, text: /part-1\.csv:2: the row has more or fewer cells/ },
    { name: 'another header', csv: 'Datum,O,H,L,C,Vol\n', text: /part-1\.csv:1: the header lacks the column "Date".*\n.*Datum/ },
    { name: 'no rows', csv: head, text: /part-1\.csv: there is no row to import/ },
  ])('$name', async ({ csv, text }) => {
    await expect(imported(CANDLES, csv)).rejects.toThrow(text);
    expect(await readdir(join(dir, 'out'))).toEqual([]);
  });

  test('parts in the wrong order', async () => {
    const later = `${head}2025-09-01 09:05,150000000,150000000,150000000,150000000,1\n`;
    await expect(imported(CANDLES, later, head + good)).rejects.toThrow(/part-2\.csv:2:Date: time runs backwards/);
  });

  test.each([
    { map: CANDLES.replace('series: upbit-candles', 'series: upbit'), text: /map\.yaml:2:9: series: / },
    { map: CANDLES.replace('Asia/Seoul', 'Asia/Soul'), text: /map\.yaml:3.*zone/s },
    { map: CANDLES.replace('high: H', 'hight: H'), text: /map\.yaml: columns: .* no column "hight"\n.*did you mean "high"/ },
    { map: CANDLES.replace('high: H, ', ''), text: /map\.yaml: columns: an Upbit .* needs "high"/ },
    { map: `${CANDLES}label: close\n`, text: /label: close needs the length/ },
    { map: 'series: fx\ntime: {column: d, unit: ms}\ncolumns: {}\n', text: /needs "usdkrw" or "close"/ },
    { map: `${CANDLES}colums: {}\n`, text: /unknown key\n.*did you mean "columns"/ },
  ])('map: $text', async ({ map, text }) => {
    await expect(imported(map, head + good)).rejects.toThrow(text);
  });
});

describe('times', () => {
  const at = Date.UTC(2025, 8, 1, 0, 0, 0, 123);
  test.each([
    { form: { unit: 'ms' }, text: String(at), gives: at },
    { form: { unit: 's' }, text: '1756684800.123', gives: at },
    { form: { unit: 's' }, text: '1756684800', gives: at - 123 },
    { form: { unit: 'us' }, text: '1756684800123000', gives: at },
    { form: { unit: 'ns' }, text: '1756684800123000000', gives: at },
    { form: { format: "yyyy-MM-dd'T'HH:mm:ss.SSSZZ" }, text: '2025-09-01T09:00:00.123+09:00', gives: at },
    { form: { format: 'yyyy-MM-dd HH:mm:ss.SSS', zone: 'UTC+9' }, text: '2025-09-01 09:00:00.123', gives: at },
    { form: { format: 'd.M.yyyy H:mm' }, text: '1.9.2025 0:00', gives: at - 123 },
  ] as const)('$text ($form)', ({ form, text, gives }) => {
    expect(timeReader(form)(text)).toEqual({ at: gives });
  });

  test.each([
    { form: { unit: 'ns' }, text: '1756684800123000001', problem: /no whole millisecond/ },
    { form: { unit: 'ms' }, text: '2025-09-01', problem: /not a number of ms/ },
    { form: { format: 'yyyy-MM-dd' }, text: '2025-02-30', problem: /does not have the form/ },
    { form: { format: 'yyyy-MM-dd HH:mm', zone: 'America/New_York' }, text: '2025-03-09 02:30', problem: /the clocks jump over it/ },
    { form: { format: 'yyyy-MM-dd HH:mm', zone: 'America/New_York' }, text: '2025-11-02 01:30', problem: /there twice/ },
  ] as const)('$text ($form) is refused', ({ form, text, problem }) => {
    expect(timeReader(form)(text)).toMatchObject({ problem: expect.stringMatching(problem) as string });
  });
});
