import { defaultCacheDir, loadCached, storeCached } from './column-cache.js';
import type { ColumnTable } from './column-table.js';
import { parseColumns } from './csv-columns.js';
import { openCsvSource } from './csv-source.js';
import { contentHash } from './known-hash.js';
import type { TableKind } from './table-schema.js';

/** A table, and what the user should be told about how it was got; nothing is printed here. */
export interface ReadTable {
  readonly table: ColumnTable;
  readonly notices: readonly string[];
  readonly from: 'cache' | 'csv';
}

/**
 * Reads a CSV file through the column cache. The cache is keyed by the file's content, so a changed file is
 * read again; a damaged cache file is replaced; a cache that cannot be written only costs time and a notice.
 *
 * @param cacheDir - where the cache lies; `defaultCacheDir()` when absent.
 * @throws InputError when the file is not a good table of this kind.
 */
export async function readTable(file: string, kind: TableKind, cacheDir: string = defaultCacheDir()): Promise<ReadTable> {
  const source = await openCsvSource(file);
  const content = await contentHash(source, cacheDir);
  const cached = await loadCached(cacheDir, content.hash, kind);
  if ('found' in cached) {
    await content.remember();
    return { table: cached.found, notices: [], from: 'cache' };
  }
  const notices = cached.missing === 'damaged' ? [`The cached columns of ${file} were damaged and have been rebuilt.`] : [];
  const table = await parseColumns(source, kind);
  try {
    await storeCached(cacheDir, table);
    await content.remember();
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    notices.push(`The cache ${cacheDir} cannot be written (${reason}): every run reads the CSV files again. Choose another with --cache DIR.`);
  }
  return { table, notices, from: 'csv' };
}
