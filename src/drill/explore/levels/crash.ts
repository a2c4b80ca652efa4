import type { ExploredRun } from '../explored-run.js';
import type { StepPoint } from '../fault-point.js';
import type { Plan, PlannedFault } from '../planned-fault.js';

const RESTART_AFTER = '5s';
type Unsynced = 'lost' | 'kept';

/**
 * Only a crash in the middle of an append has something unsynced to lose or keep. At every other step the journal is on
 * disk, so both modes leave the same world and one of them stands for both.
 */
const modesAt = ({ id }: StepPoint): readonly Unsynced[] => (id.endsWith('.before') ? ['lost', 'kept'] : ['lost']);

const crashAt = (point: StepPoint, unsynced: Unsynced, index: number): PlannedFault => ({
  id: `crash-${unsynced}-${index}`,
  when: { point: point.id },
  inject: { crash: { restartAfter: RESTART_AFTER, unsynced } },
});

const steps = (run: ExploredRun): readonly StepPoint[] => run.points.filter((point) => point.kind === 'step');

/**
 * A crash at every step of the fault-free run. Awaits that are no step (a sleep, a notification) lie between two steps
 * and leave the same disk and the same requests behind as the nearer one.
 */
export function crashes(clean: ExploredRun): readonly Plan[] {
  const { flow, seed } = clean.plan;
  return steps(clean).flatMap((point) =>
    modesAt(point).map((unsynced): Plan => ({ level: 'crash', flow, seed, faults: [crashAt(point, unsynced, 1)] })),
  );
}

/** The steps of the life that follows the first crash; a flow that crashes by itself may have had more than one before. */
function stepsOfRecovery(run: ExploredRun): readonly StepPoint[] {
  const struck = run.points[run.lastStruck];
  const life = struck?.kind === 'step' ? struck.incarnation + 1 : 1;
  return steps(run).filter(({ incarnation }) => incarnation === life);
}

/** The steps of the recovery that a first crash brought about, as a text: equal ones need only one second sweep. */
export function recoverySignature(run: ExploredRun): string {
  return stepsOfRecovery(run)
    .map(({ id }) => id)
    .join('\n');
}

/** A second crash at every step of the recovery from the first. */
export function crashesAgain(run: ExploredRun): readonly Plan[] {
  const { flow, seed, faults } = run.plan;
  return stepsOfRecovery(run).flatMap((point) =>
    modesAt(point).map((unsynced): Plan => ({ level: 'crash', flow, seed, faults: [...faults, crashAt(point, unsynced, 2)] })),
  );
}
