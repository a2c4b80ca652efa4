import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { PremiumBars } from '../market/bars.js';
import { loadBars } from '../market/load-bars.js';
import { sampleFile } from './package-paths.js';

/**
 * Market data for scenarios, where one of them trades on some.
 *
 * @param data - its file; the embedded sample when undefined.
 */
export async function barsFor(scenarios: readonly Pick<ResolvedScenario, 'trades'>[], data: string | undefined): Promise<PremiumBars | undefined> {
  return scenarios.some(({ trades }) => trades) ? (await loadBars({ data: data ?? sampleFile() })).bars : undefined;
}
