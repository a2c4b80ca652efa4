import { isAbsolute, relative } from 'node:path';
import type { Plan } from '../drill/explore/planned-fault.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import { namedExchange, type ExchangeName } from './exchange-choice.js';
import { scenariosDir } from './package-paths.js';
import { codeVersion, encodeToken, scenarioHash } from './replay-token.js';

export interface TokenParts {
  /** As its file says; faults of a plan stand beside it. */
  readonly scenario: ResolvedScenario;
  readonly seed: string;
  /** As it was chosen: a name or a path. */
  readonly executor: string;
  readonly executorHash: string;
  readonly tapeHash: string;
  /** Of market data, where the scenario trades on some. */
  readonly dataHash?: string | undefined;
  /** What it traded through. */
  readonly exchange?: ExchangeName | undefined;
  /** What an explorer planned on top of the scenario. */
  readonly plan?: Pick<Plan, 'level' | 'faults' | 'shuffled'> | undefined;
}

/** The word that repeats a run. */
export function runToken({ scenario, seed, executor, executorHash, tapeHash, dataHash, exchange, plan }: TokenParts): string {
  const planned = plan === undefined ? {} : { faults: [...plan.faults], level: plan.level, shuffled: plan.shuffled };
  return encodeToken({
    git: codeVersion(),
    scenarioHash: scenarioHash(scenario),
    dataHash: dataHash?.slice(0, 12) ?? '-',
    executorHash,
    seed,
    tapeHash: tapeHash.slice(0, 12),
    payload: { scenario: scenario.id, ...planned, executor, ...namedExchange(exchange) },
  });
}

export interface ReplayLine {
  readonly token: string;
  /** The scenario's file, where it is none of the shipped ones. */
  readonly file?: string | undefined;
  /** `name=value` each. */
  readonly params?: readonly string[] | undefined;
  readonly data?: string | undefined;
}

/** The one command that makes a run again; a shell takes it as it is. */
export function replayLine({ token, file, params = [], data }: ReplayLine): string {
  const words = [
    ...(file === undefined ? [] : [file]),
    ...params.flatMap((param) => ['--param', param]),
    ...(data === undefined ? [] : ['--data', data]),
    '--token',
    token,
  ];
  return `npx hedgedrill drill ${words.map(quoted).join(' ')}`;
}

/** Whether a scenario's file is shipped: only those are found by the id in a token. */
export function isShipped(file: string): boolean {
  const inside = relative(scenariosDir(), file);
  return !inside.startsWith('..') && !isAbsolute(inside);
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
