import type { Plan } from '../../src/drill/explore/planned-fault.js';

/** Where a mutant was met, in the order of the attack. `clean` is the explorer's own first step: the flows without a fault. */
export const LEVELS = ['clean', 'random-client', 'singles', 'scenarios', 'grid', 'crash', 'permanent', 'boundaries', 'swarm', 'pairs'] as const;
export type AttackLevel = (typeof LEVELS)[number];

/** Those of the explorer that strike a flow once, without the shipped scenarios: what a stranger's flow would be met with. */
export const ONE_FAULT_LEVELS: readonly AttackLevel[] = ['clean', 'singles', 'crash', 'permanent', 'boundaries'];

/** One run that can be made again on the unchanged program. */
export type Target =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'scenario'; readonly file: string; readonly seed: string }
  | { readonly kind: 'client'; readonly venue: 'upbit' | 'binance'; readonly seed: number };

/** The first promise that a run broke. */
export interface Break {
  readonly promise: string;
  readonly expected: string;
  readonly found: string;
}

export interface Kill extends Break {
  readonly level: AttackLevel;
  readonly target: Target;
  /** The same in words. */
  readonly where: string;
}

/** What became of one attack. Seconds are of processor time, so that a busy machine does not look like a strong mutant. */
export interface AttackResult {
  readonly kill: Kill | undefined;
  readonly runs: number;
  readonly seconds: number;
  /** The level that the attack had come to; undefined when it went through all of them. */
  readonly stoppedIn: AttackLevel | undefined;
}

/** What the attacker is told, as its only argument in JSON. */
export type AttackOrder =
  { readonly do: 'attack'; readonly group: 'executor' | 'venues'; readonly seconds: number; readonly levels: readonly AttackLevel[] } | { readonly do: 'check'; readonly targets: readonly Target[] };

/** What each run of a check broke, in the order they were asked for; `null` in JSON for nothing. */
export interface CheckResult {
  readonly broken: readonly (Break | null)[];
}
