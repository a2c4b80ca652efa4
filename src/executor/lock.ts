import type { VenueId } from '../core/units.js';
import type { FlowRun } from './flow-run.js';
import type { FlowResult } from './ports.js';

const VENUES: readonly VenueId[] = ['upbit', 'binance'];

/** Ends a flow that could not be brought home: nothing is opened any more, people are told, and the background goes on repairing. */
export async function lockFlow(run: FlowRun, reason: string): Promise<FlowResult> {
  const { writer, killSwitch, gateways, bell } = run.engine;
  await killSwitch.lock(reason);
  for (const venue of VENUES) {
    if (gateways[venue].failingSince === undefined) continue;
    await writer.alert(run.id, 'VENUE_UNREACHABLE', 'critical', `${venue} has answered nothing but failures for longer than a flow may wait`);
  }
  await writer.alert(run.id, 'UNHEDGED_EXPOSURE', 'critical', `the flow gave up: ${reason}; it is looked at again in the background`);
  const result = await run.end('locked', reason);
  bell.wake();
  return result;
}
