import type { Attempt } from './position-book.js';
import { isExposed, repairInBackground } from './reconcile.js';
import type { Supervisor } from './supervisor.js';

/** Repairs what a late fill has left, like any residual; call it while no flow runs. */
export async function repairLateFill(supervisor: Supervisor, { flow }: Attempt): Promise<void> {
  const { engine } = supervisor;
  // A flow that ran meanwhile may have repaired it together with its own residual.
  if (!isExposed(engine) || (await repairInBackground(supervisor, 'a late fill'))) await engine.writer.mark(flow, 'late-fill.repaired');
  else await engine.killSwitch.lock('a late fill could not be repaired');
}
