import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { PremiumBars } from '../market/bars.js';
import { executorHash } from './executor-hash.js';
import { scenariosDir } from './package-paths.js';
import { codeVersion, encodeToken, scenarioHash } from './replay-token.js';
import { isAbsolute, relative } from 'node:path';

export interface ReplayOf {
  readonly scenario: ResolvedScenario;
  readonly seed: string;
  /** As it was chosen: a name or a path. */
  readonly executor: string;
  readonly tapeHash: string;
  readonly bars: PremiumBars | undefined;
  /** `name=value` each. */
  readonly params: readonly string[];
  readonly data?: string | undefined;
}

/** The one command that makes a run again; a shell takes it as it is. */
export function replayCommand({ scenario, seed, executor, tapeHash, bars, params, data }: ReplayOf): string {
  const usesBars = scenario.trades && bars !== undefined;
  const token = encodeToken({
    git: codeVersion(),
    scenarioHash: scenarioHash(scenario),
    dataHash: usesBars ? bars.source.hash.slice(0, 12) : '-',
    executorHash: executorHash(executor),
    seed,
    tapeHash: tapeHash.slice(0, 12),
    payload: { scenario: scenario.id, executor },
  });
  const words = [
    // Only shipped scenarios are found by the id in the token.
    ...(isShipped(scenario.file) ? [] : [scenario.file]),
    ...params.flatMap((param) => ['--param', param]),
    ...(usesBars && data !== undefined ? ['--data', data] : []),
    '--token',
    token,
  ];
  return `npx hedgedrill drill ${words.map(quoted).join(' ')}`;
}

function isShipped(file: string): boolean {
  const inside = relative(scenariosDir(), file);
  return !inside.startsWith('..') && !isAbsolute(inside);
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
