import { join } from 'node:path';
import type { Finding } from '../faults/expectation.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import { brokenOf } from '../drill/oracle/oracle-report.js';
import { writeFolder } from '../report/atomic-folder.js';
import { failureHtml } from '../report/failure/failure-html.js';
import type { BrokenPromise, FailureInput } from '../report/failure/failure-input.js';
import { failureText } from '../report/failure/failure-text.js';
import type { SimulatedRun } from './simulated-run.js';

/** Moments that timeline.txt has room for; what is lighter stands in the tape and the journal. */
const TEXT_ROWS = 200;
const HTML_FILE = 'timeline.html';

/** Every promise that a run broke: invariants with their instants, then what its scenario expects. */
export function brokenPromises(
  { oracle }: Pick<SimulatedRun, 'oracle'>,
  broken: readonly Pick<Finding, 'key' | 'expected' | 'found'>[],
): readonly BrokenPromise[] {
  const invariants = brokenOf(oracle).map(({ id, name, broken: { at, expected, found } }) => ({ id, name, at, expected, found }));
  const expectations = broken.filter(({ key }) => !key.startsWith('oracle.'));
  const told = new Set(broken.map(({ key }) => key));
  return [
    // What does not count for this run (an explorer forgives some) is not told either.
    ...invariants.filter(({ id }) => told.has(`oracle.${id}`)).sort((a, b) => a.at - b.at),
    ...expectations.map(({ key, expected, found }) => ({ id: key, name: '', expected, found })),
  ];
}

export interface FailingRun {
  readonly scenario: Pick<ResolvedScenario, 'id' | 'title'>;
  readonly seed: string;
  readonly executor: string;
  readonly control?: 'passed' | 'failed' | undefined;
  readonly run: Pick<SimulatedRun, 'tape' | 'journal' | 'oracle'>;
  readonly broken: readonly Pick<Finding, 'key' | 'expected' | 'found'>[];
  readonly replay: string;
}

/** What a timeline is drawn from. */
export function failureInput({ scenario, seed, executor, control, run, broken, replay }: FailingRun): FailureInput {
  return {
    scenario: scenario.id,
    title: scenario.title,
    seed,
    executor,
    control,
    tape: run.tape.events,
    journal: run.journal,
    broken: brokenPromises(run, broken),
    replay,
  };
}

/**
 * Writes timeline.html and timeline.txt as a folder, whole or not at all.
 *
 * @returns the path of the page.
 * @throws InputError when the place cannot be written.
 */
export async function writeFailure(directory: string, input: FailureInput): Promise<string> {
  const files = new Map([
    [HTML_FILE, failureHtml(input)],
    ['timeline.txt', failureText(input, TEXT_ROWS)],
  ]);
  await writeFolder(directory, files, HTML_FILE);
  return join(directory, HTML_FILE);
}
