import { createRequire } from 'node:module';

/** Location and spread of a sample; `std` is of the sample (n - 1). Not for empty samples. */
export interface Described {
  readonly count: number;
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface GroupMean {
  readonly key: number;
  readonly count: number;
  readonly mean: number;
}

/** The two table operations of the report, by danfojs or by plain rows; both give the same figures. */
export interface TableEngine {
  readonly name: 'danfojs' | 'plain rows';
  describe(values: readonly number[]): Described;
  /** Means by whole-number key, keys ascending. */
  meanByKey(keys: readonly number[], values: readonly number[]): readonly GroupMean[];
}

interface DanfoFrame {
  readonly columns: readonly string[];
  readonly index: readonly (string | number)[];
  readonly values: readonly (readonly number[])[];
  describe(): DanfoFrame;
  groupby(columns: readonly string[]): { col(columns: readonly string[]): { agg(how: Readonly<Record<string, readonly string[]>>): DanfoFrame } };
}

interface Danfo {
  readonly DataFrame: new (columns: Readonly<Record<string, readonly number[]>>) => DanfoFrame;
}

/**
 * Loads danfojs-node, which takes about a second and 120 MB: call it only after the first result is on the
 * screen. It is an optional peer, so without it the same tables come from plain rows.
 *
 * @param load - finds the library; undefined when it is not installed.
 */
export function loadTableEngine(load: () => Danfo | undefined = loadDanfo): TableEngine {
  const danfo = silently(load);
  return danfo === undefined ? PLAIN_ROWS : danfoEngine(danfo);
}

function loadDanfo(): Danfo | undefined {
  const require = createRequire(import.meta.url);
  try {
    return require('danfojs-node') as Danfo;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** TensorFlow.js greets on the console when it starts; a report's stdout is for its result. `act` must be synchronous. */
function silently<T>(act: () => T): T {
  const { stdout, stderr } = process;
  const [out, err] = [stdout.write.bind(stdout), stderr.write.bind(stderr)];
  stdout.write = () => true;
  stderr.write = () => true;
  try {
    return act();
  } finally {
    stdout.write = out;
    stderr.write = err;
  }
}

function danfoEngine(danfo: Danfo): TableEngine {
  return {
    name: 'danfojs',
    describe: (values) => {
      const table = silently(() => new danfo.DataFrame({ value: values }).describe());
      const at = (name: string): number => table.values[table.index.indexOf(name)]?.[0] ?? 0;
      const [count, mean, min, median, max] = [at('count'), at('mean'), at('min'), at('median'), at('max')];
      return { count, mean, std: at('std'), min, median, max };
    },
    meanByKey: (keys, values) => {
      if (values.length === 0) return [];
      const table = silently(() =>
        new danfo.DataFrame({ key: keys, value: values })
          .groupby(['key'])
          .col(['value'])
          .agg({ value: ['mean', 'count'] }),
      );
      const rows = table.values.map((row) => ({ key: Number(row[0]), mean: Number(row[1]), count: Number(row[2]) }));
      return rows.sort((a, b) => a.key - b.key);
    },
  };
}

/** What the report uses where danfojs-node is not installed, and what its figures are tested against. */
export const PLAIN_ROWS: TableEngine = {
  name: 'plain rows',
  describe: (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const count = sorted.length;
    const mean = sorted.reduce((sum, value) => sum + value, 0) / count;
    const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const middle = Math.floor(count / 2);
    const median = count % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
    return { count, mean, std: count > 1 ? Math.sqrt(squares / (count - 1)) : 0, min: sorted[0] ?? 0, median, max: sorted.at(-1) ?? 0 };
  },
  meanByKey: (keys, values) => {
    const groups = new Map<number, { sum: number; count: number }>();
    keys.forEach((key, index) => {
      const group = groups.get(key) ?? { sum: 0, count: 0 };
      groups.set(key, { sum: group.sum + (values[index] ?? 0), count: group.count + 1 });
    });
    return [...groups].sort(([a], [b]) => a - b).map(([key, { sum, count }]) => ({ key, count, mean: sum / count }));
  },
};
