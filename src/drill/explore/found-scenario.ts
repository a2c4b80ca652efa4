import { stringify } from 'yaml';
import type { ExploredRun } from './explored-run.js';
import { bucketKey } from './bucket.js';

/** What a found file records of where it comes from (`found` of the scenario language). */
export interface FoundBy {
  readonly commit: string;
  readonly shrunkFrom: number;
}

/** A name that two failures share only when they are one bug as far as can be told. */
export function foundName(run: ExploredRun): string {
  const words = bucketKey(run)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return words.replace(/^-|-$/g, '').slice(0, 60).replace(/-$/, '');
}

/**
 * A failing run as a scenario file: the flow variant's own text with the shrunk faults behind its own. It passes once
 * the executor is mended and stays as a regression test.
 *
 * @param flowText - the flow variant, resolved, as YAML object.
 */
export function foundScenario(run: ExploredRun, flow: Readonly<Record<string, unknown>>, by: FoundBy): string {
  const { seed, faults, level } = run.plan;
  const [first] = run.broken;
  const own = Array.isArray(flow['faults']) ? (flow['faults'] as unknown[]) : [];
  const file = {
    ...flow,
    id: foundName(run),
    title: `Found: ${first?.key ?? ''} expected ${first?.expected ?? ''}, found ${first?.found ?? ''}`,
    tags: ['found'],
    seeds: seed,
    faults: [...own, ...faults],
    found: {
      by: {
        singles: 'enumerate',
        crash: 'crash-sweep',
        grid: 'pairs',
        pairs: 'pairs',
        boundaries: 'enumerate',
        permanent: 'enumerate',
        swarm: 'swarm',
      }[level],
      seed,
      commit: by.commit,
      oracle: first?.key ?? '',
      traceHash: run.tapeHash,
      shrunkFrom: by.shrunkFrom,
    },
  };
  return stringify(file, { lineWidth: 140, aliasDuplicateObjects: false });
}
