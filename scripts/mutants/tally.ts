import type { Mutant } from './catalogue.js';
import type { AttackLevel } from './verdict.js';

/** What is kept of an outcome: nothing that differs between two runs of the same tree but the seconds. */
export interface Result {
  readonly id: string;
  readonly level: AttackLevel | undefined;
  readonly promise: string | undefined;
  readonly where: string | undefined;
  readonly runs: number;
  readonly seconds: number;
  readonly stoppedIn: AttackLevel | undefined;
}

export interface Tally {
  readonly killed: number;
  /** Mutants that something ought to kill: all but those whose survival the catalogue explains. */
  readonly of: number;
  /** Of the executor's mutants: single faults are the executor's business, a venue is also met by a client of its own. */
  readonly bySingles: { readonly killed: number; readonly of: number };
  readonly money: { readonly killed: number; readonly of: number };
  readonly slowest: number;
}

const SINGLES: ReadonlySet<string | undefined> = new Set(['clean', 'singles']);

export function tallyOf(mutants: readonly Mutant[], results: ReadonlyMap<string, Result>): Tally {
  const isKilled = ({ id }: Mutant): boolean => results.get(id)?.level !== undefined;
  const killable = mutants.filter((mutant) => mutant.survives === undefined || isKilled(mutant));
  const money = killable.filter(({ losesMoney }) => losesMoney);
  const killed = killable.filter(isKilled);
  const executors = killable.filter(({ group }) => group === 'executor');
  return {
    killed: killed.length,
    of: killable.length,
    bySingles: { killed: executors.filter(({ id }) => SINGLES.has(results.get(id)?.level)).length, of: executors.length },
    money: { killed: money.filter(isKilled).length, of: money.length },
    slowest: Math.max(0, ...killed.map(({ id }) => results.get(id)?.seconds ?? 0)),
  };
}

export const share = (part: number, whole: number): string => (whole === 0 ? 'none' : `${((part / whole) * 100).toFixed(1)} %`);
