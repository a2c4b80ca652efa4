import type { InputPlace } from '../core/input-error.js';
import type { Report } from './compile-delay.js';
import { checkExpect } from './check-expect.js';
import { checkPossible } from './check-possible.js';
import { checkFaults, compileFault } from './compile-fault.js';
import { compileExpect, compileFlow, compilePolicy } from './compile-flow.js';
import { compileWorld } from './compile-world.js';
import type { ResolvedScenario } from './resolved-scenario.js';
import { parseDurationMs } from './scenario-time.js';
import type { ScenarioFile } from './scenario-schema.js';

const MAX_VIRTUAL = '30m';
const QUIET_PERIOD = '60s';
const RESTART_AFTER = '5s';

/** Where each fault was written, by its index. */
export type FaultPlace = (index: number, path: readonly PropertyKey[]) => InputPlace;

/**
 * Turns the merged file into what a run needs and reports every problem that the schema cannot see. The result
 * is only good when nothing was reported.
 *
 * @param faultIds - ids that anchors may name; more than `file` holds when broken faults were left out.
 */
export function compileScenario(
  file: ScenarioFile,
  faultIds: readonly string[],
  places: FaultPlace,
  report: Report,
  reportAt: (place: InputPlace, problem: string, hint?: string) => void,
): Omit<ResolvedScenario, 'file' | 'text'> {
  const trades = file.flow.some((step) => step.do === 'trade');
  const faults = file.faults.map((fault, index) =>
    compileFault(fault, faultIds, places(index, []), (path, problem, hint) => reportAt(places(index, path), problem, hint)),
  );
  checkFaults(faults, (rule, key, problem, hint) => reportAt(places(faults.indexOf(rule), [key]), problem, hint));
  const world = compileWorld(file, trades, report);
  const scenario: Omit<ResolvedScenario, 'file' | 'text'> = {
    id: file.id,
    title: file.title,
    tags: file.tags,
    needs: file.needs === undefined ? [] : [file.needs].flat(),
    seeds: typeof file.seeds === 'number' ? [file.seeds] : Array.from({ length: file.seeds.count }, (_, index) => seedAt(file.seeds, index)),
    clock: {
      start: world.start,
      maxVirtualMs: parseDurationMs(file.clock?.maxVirtual ?? MAX_VIRTUAL),
      quietPeriodMs: parseDurationMs(file.clock?.quietPeriod ?? QUIET_PERIOD),
    },
    world,
    executor: {
      preset: file.executor?.preset ?? 'reference',
      policy: compilePolicy(file, report),
      restartAfterMs: parseDurationMs(file.executor?.restartAfter ?? RESTART_AFTER),
    },
    trades,
    flow: compileFlow(file.flow, faultIds, report),
    faults,
    expect: compileExpect(file.expect, trades, report),
  };
  checkPossible(scenario, (rule, path, problem, hint) => reportAt(places(faults.indexOf(rule), path), problem, hint));
  checkExpect(scenario, report);
  return scenario;
}

const seedAt = (seeds: ScenarioFile['seeds'], index: number): number => (typeof seeds === 'number' ? seeds : seeds.from + index);
