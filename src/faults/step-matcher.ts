import type { StepMatcher } from './fault-rule.js';
import type { ProcessStep } from './fault-session.js';

const MOMENTS = ['pre', 'sent', 'got', 'before', 'after'] as const;
const STEP = /^([a-z]+\.[A-Za-z]+)(?:\(([^)]*)\))?\.([a-z]+)$/;

/** The parts of a step's name: what is awaited, its arguments, and before or after which moment of it. */
interface StepName {
  readonly base: string;
  readonly args: readonly string[];
  readonly moment: string;
}

/** @returns undefined when the text is no name of a step. */
export function parseStepName(text: string): StepName | undefined {
  const [, base, args, moment] = STEP.exec(text) ?? [];
  if (base === undefined || moment === undefined || !MOMENTS.some((known) => known === moment)) return undefined;
  return { base, args: args === undefined || args === '' ? [] : args.split(',').map((part) => part.trim()), moment };
}

/** Whether a fault-point id names a step of the process rather than a call. */
export const isStepPoint = (point: string): boolean => MOMENTS.some((moment) => point.endsWith(`.${moment}`));

/** Arguments that a pattern leaves out match any: `journal.append(intent).before` is the intent of either leg. */
export function matchesStep(match: StepMatcher, step: ProcessStep): boolean {
  return (
    (match.point === undefined || match.point === step.point) &&
    (match.step === undefined || fitsName(match.step, step.name)) &&
    (match.leg === undefined || match.leg === step.leg) &&
    (match.purposes === undefined || (step.purpose !== undefined && match.purposes.includes(step.purpose))) &&
    (match.flow === undefined || match.flow === step.flow) &&
    (match.incarnation === undefined || match.incarnation === step.incarnation)
  );
}

function fitsName(pattern: string, name: string): boolean {
  if (pattern === name) return true;
  const [wanted, found] = [parseStepName(pattern), parseStepName(name)];
  if (wanted === undefined || found === undefined) return false;
  return wanted.base === found.base && wanted.moment === found.moment && wanted.args.every((arg, index) => found.args[index] === arg);
}
