import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse } from 'csv-parse';
import { kindOfHeader } from './csv-header.js';
import { gzipFailure, textStages, type CsvSource } from './csv-source.js';
import type { TableKind } from './table-schema.js';

const CLOSE_KRW_MIN = 500_000;
const CLOSE_DOLLAR_MAX = 2_500;

/**
 * What a file holds, told by its header, and for candles by the first close: BTC in KRW is above 500,000; a dollar or
 * a tether in KRW is below 2,500, and the dollar has no volume. A header of no known kind counts as a premium table, whose reader then says what is missing.
 */
export async function peekKind(source: CsvSource): Promise<TableKind> {
  const [header = [], first = []] = await firstRecords(source);
  const kind = kindOfHeader(header);
  if (kind !== 'candles') return kind ?? 'premium';
  const close = Number(first[header.findIndex((name) => name.trim() === 'close')]);
  if (close > CLOSE_KRW_MIN) return 'upbit-candles';
  if (close >= CLOSE_DOLLAR_MAX) return 'binance-candles';
  return header.some((name) => name.trim() === 'volume') ? 'usdt-candles' : 'fx';
}

async function firstRecords(source: CsvSource): Promise<string[][]> {
  const records: string[][] = [];
  const enough = new AbortController();
  const parser = parse({ bom: true, comment: '#', comment_no_infix: true, skip_empty_lines: true, relax_column_count: true, relax_quotes: true });
  const collect = new Writable({
    objectMode: true,
    write(record: string[], _encoding, done) {
      records.push(record);
      if (records.length === 2) enough.abort();
      done();
    },
  });
  const [bytes, gunzip] = textStages(source);
  try {
    await (gunzip === undefined
      ? pipeline(bytes, parser, collect, { signal: enough.signal })
      : pipeline(bytes, gunzip, parser, collect, { signal: enough.signal }));
  } catch (error) {
    // The abort is ours; any other fault of the text is told by the reader, with its line.
    const damaged = enough.signal.aborted ? undefined : gzipFailure(source, error, records.length);
    if (damaged !== undefined) throw damaged;
  }
  return records;
}
