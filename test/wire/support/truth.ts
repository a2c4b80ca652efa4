import type { SimulatedRun } from '../../../src/run/simulated-run.js';
import type { TapeEvent } from '../../../src/sim/tape-event.js';

const isTruth = ({ type }: TapeEvent): boolean =>
  ['order.accepted', 'order.refused', 'order.ended', 'fill', 'posting', 'funding', 'forced', 'flow.end'].includes(type);

/** What happened at the venues, in what order; requests that leave at one instant may be numbered either way. */
export const truthOf = ({ tape }: SimulatedRun): readonly unknown[] =>
  tape.events.filter(isTruth).map((event) => ({ ...event, seq: undefined, request: undefined }));
