import type { ExecutorFactory } from '../executor/ports.js';
import { SOUND, type Decisions } from './small/decisions.js';
import { SmallExecutor } from './small/small-executor.js';

/** What is known of an executor that must fail. */
export interface SpecimenCard {
  /** Its name for `--executor`. */
  readonly id: string;
  /** Where the defect was seen, as the study of faults cites it. */
  readonly source: string;
  /** What it does wrong, in one sentence. */
  readonly wrong: string;
  /** The shipped scenario that catches it, by the name that `drill` takes. */
  readonly scenario: string;
  /** Of an executor that is wrong as a whole: where it breaks a promise that the others of its kind keep there, and which. */
  readonly alone?: { readonly scenario: string; readonly promise: string };
}

export interface Specimen {
  readonly card: SpecimenCard;
  readonly factory: ExecutorFactory;
}

/** The small executor with some of its decisions made wrong. */
export function defect(card: SpecimenCard, wrong: Partial<Decisions>): Specimen {
  const decisions = { ...SOUND, ...wrong };
  return { card, factory: (ports, policy) => new SmallExecutor(ports, decisions, policy) };
}

/** `--executor small`: the sound base that every defect changes. */
export const createSmallExecutor: ExecutorFactory = (ports, policy) => new SmallExecutor(ports, SOUND, policy);
