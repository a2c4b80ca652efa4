import type { TableKind } from './table-schema.js';

/** A checked CSV file as typed columns; row order is file order, times strictly increase, NaN is an empty cell. */
export interface ColumnTable {
  readonly kind: TableKind;
  /** SHA-256 of the file's bytes, as hex. */
  readonly hash: string;
  readonly rows: number;
  /** By the schema's names; a column that the file lacks is absent. */
  readonly columns: ReadonlyMap<string, Float64Array>;
  /** For text columns: the words that the column's numbers index. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** The `#` lines at the top of the file, without the sign. */
  readonly comments: readonly string[];
  /** Header names that mean nothing here. */
  readonly ignored: readonly string[];
}

const CHUNK_ROWS = 16_384;

/** A column whose length is not known yet: fixed chunks, copied once at the end. */
export class GrowingColumn {
  #chunks: Float64Array[] = [];
  #last = new Float64Array(CHUNK_ROWS);
  #used = 0;

  push(value: number): void {
    if (this.#used === CHUNK_ROWS) {
      this.#chunks.push(this.#last);
      this.#last = new Float64Array(CHUNK_ROWS);
      this.#used = 0;
    }
    this.#last[this.#used] = value;
    this.#used += 1;
  }

  /** The whole column; the chunks are let go, so that columns finished one by one never lie in memory twice. */
  finish(): Float64Array {
    const column = new Float64Array(this.#chunks.length * CHUNK_ROWS + this.#used);
    this.#chunks.forEach((chunk, index) => column.set(chunk, index * CHUNK_ROWS));
    column.set(this.#last.subarray(0, this.#used), this.#chunks.length * CHUNK_ROWS);
    this.#chunks = [];
    return column;
  }
}

/** The column's values. The caller knows from the schema that the file has it. */
export function columnOf(table: ColumnTable, name: string): Float64Array {
  const column = table.columns.get(name);
  if (column === undefined) throw new RangeError(`no column ${name} in a ${table.kind} table`);
  return column;
}
