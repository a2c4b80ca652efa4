import { suggest } from '../core/suggest.js';
import type { EpochMs } from '../core/units.js';
import { parseInstant } from '../faults/scenario-time.js';

/** Values that flags and files share, and what is wrong with one that is none. */
export interface ValueProblem {
  readonly text: string;
  readonly hint: string | undefined;
}

export const BUILT_IN_EXECUTORS = ['reference', 'letter', 'naive'] as const;
export const BUILT_IN_STRATEGIES = ['z-score'] as const;

export const isBuiltInExecutor = (executor: string): boolean => (BUILT_IN_EXECUTORS as readonly string[]).includes(executor);

/** Whether an `--executor` or `--strategy` names a file and not something built in. */
export const isFileChoice = (value: string): boolean => /[./\\]/.test(value);

/**
 * Undefined when `value` is one of `names` or looks like the path of a file.
 *
 * @param alsoMeant - further names that a slip may have been meant for, too many to list.
 */
export function nameProblem(value: string, names: readonly string[], alsoMeant: readonly string[] = names): ValueProblem | undefined {
  if (names.includes(value) || isFileChoice(value)) return undefined;
  return { text: `expected ${names.join(', ')} or the path of a .ts or .js file, found "${value}"`, hint: hintOf(value, alsoMeant) };
}

/** Undefined when `value` is one of `choices`. */
export function choiceProblem(value: string, choices: readonly string[]): ValueProblem | undefined {
  if (choices.includes(value)) return undefined;
  return { text: `expected one of ${choices.join(', ')}, found "${value}"`, hint: hintOf(value, choices) };
}

function hintOf(value: string, candidates: readonly string[]): string | undefined {
  const meant = suggest(value, candidates);
  return meant === undefined ? undefined : `did you mean "${meant}"?`;
}

export const MOMENT_FORM = 'a day (2025-09-01) or an instant with its zone (2025-09-01T09:00+09:00, 2025-09-01 09:00 KST)';

/** A day begins at 00:00 UTC; undefined when the text is neither a day nor an instant. */
export function parseMoment(text: string): EpochMs | undefined {
  return parseInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00Z` : text);
}
