import type { RandomStreams } from '../core/random.js';
import type { EpochMs } from '../core/units.js';
import type { FaultRule } from '../faults/fault-rule.js';
import { createFaultSession, type ScenarioFaultSession } from '../faults/scenario-faults.js';
import { isStressed, streamsOf, type StressSpec } from '../faults/stress/stress-spec.js';
import { stressedSession, type StressedSession } from '../faults/stress/stressed-session.js';
import type { MarketView } from '../market/market-view.js';

export interface SessionParts {
  readonly faults: readonly FaultRule[];
  readonly stress: StressSpec | undefined;
  readonly seeds: RandomStreams;
  readonly start: EpochMs;
  /** Tells the stress how volatile it has been. */
  readonly market: MarketView;
}

/** The faults of a run and the stress that it stands under, if any. */
export function runSession(parts: SessionParts): ScenarioFaultSession {
  return isStressed(parts.stress) ? stressOver(parts, parts.stress) : createFaultSession(parts.faults, parts.seeds);
}

/** The same with the stress at hand; one of strength 0 does nothing. */
export function stressOver({ faults, seeds, start, market }: SessionParts, stress: StressSpec): StressedSession {
  return stressedSession(createFaultSession(faults, seeds), stress, streamsOf(stress, seeds), start, (at) => market.realisedVolatility?.(at));
}
