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
  /** The level that kills it where only single faults are tried, and no shipped scenario; undefined: none, or not tried. */
  readonly oneFault?: AttackLevel | undefined;
}

export interface Tally {
  readonly killed: number;
  /** Mutants that something ought to kill: all but those whose survival the catalogue explains. */
  readonly of: number;
  /** Of the executor's mutants (a venue has a client of its own): by one fault anywhere, and by the explorer's singles alone. */
  readonly byOneFault: { readonly killed: number; readonly of: number };
  readonly bySingles: { readonly killed: number; readonly of: number };
  readonly money: { readonly killed: number; readonly of: number };
  readonly slowest: number;
}

const SINGLES: ReadonlySet<AttackLevel | undefined> = new Set(['clean', 'singles']);

/** The attack begins with the same levels, so that a mutant that dies in them dies there without scenarios, too. */
export const oneFaultOf = (result: Result | undefined): AttackLevel | undefined =>
  SINGLES.has(result?.level) ? result?.level : result?.oneFault;

export function tallyOf(mutants: readonly Mutant[], results: ReadonlyMap<string, Result>): Tally {
  const isKilled = ({ id }: Mutant): boolean => results.get(id)?.level !== undefined;
  const killable = mutants.filter((mutant) => mutant.survives === undefined || isKilled(mutant));
  const money = killable.filter(({ losesMoney }) => losesMoney);
  const killed = killable.filter(isKilled);
  const executors = killable.filter(({ group }) => group === 'executor');
  return {
    killed: killed.length,
    of: killable.length,
    byOneFault: { killed: executors.filter(({ id }) => oneFaultOf(results.get(id)) !== undefined).length, of: executors.length },
    bySingles: { killed: executors.filter(({ id }) => SINGLES.has(oneFaultOf(results.get(id)))).length, of: executors.length },
    money: { killed: money.filter(isKilled).length, of: money.length },
    slowest: Math.max(0, ...killed.map(({ id }) => results.get(id)?.seconds ?? 0)),
  };
}

export const share = (part: number, whole: number): string => (whole === 0 ? 'none' : `${((part / whole) * 100).toFixed(1)} %`);
