import { join } from 'node:path';
import { parse } from 'yaml';
import type { ExploreOptions } from '../drill/explore/explore.js';
import { flowOf } from '../drill/explore/fault-point.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import { InputError } from '../core/input-error.js';
import { suggest } from '../core/suggest.js';
import { listScenarios, loadScenario } from '../faults/load-scenario.js';

/** A flow that an explorer starts from: a scenario with the tag `flow`, or `swarm` for the worlds of a swarm. */
export interface FlowVariant {
  readonly id: string;
  readonly file: string;
  readonly scenario: ResolvedScenario;
  readonly isSwarm: boolean;
}

/**
 * The shipped flow variants, or those named.
 * @throws InputError for a name that is none.
 */
export async function flowVariants(scenariosDir: string, names: readonly string[]): Promise<readonly FlowVariant[]> {
  const listed = (await listScenarios(scenariosDir)).filter(({ tags }) => tags.includes('flow') || tags.includes('swarm'));
  for (const name of names) {
    if (listed.some(({ id }) => id === name)) continue;
    const ids = listed.map(({ id }) => id);
    const meant = suggest(name, ids);
    throw new InputError(
      `there is no flow "${name}"`,
      { key: '--flow' },
      meant === undefined ? `flows: ${ids.join(', ')}` : `did you mean "${meant}"?`,
    );
  }
  const chosen = names.length === 0 ? listed : listed.filter(({ id }) => names.includes(id));
  return Promise.all(
    chosen.map(async ({ id, file, tags }) => {
      const path = join(scenariosDir, file);
      return { id, file: path, scenario: await loadScenario(path, { scenariosDir }), isSwarm: tags.includes('swarm') };
    }),
  );
}

/**
 * Whether a point counts in a flow variant: its tag `explore:f2` leaves the way there out, `explore:e1` everything
 * before the restart, and `explore:e0/f1/poll` everything but the points whose names begin so.
 */
export function isOfFlow(scenario: ResolvedScenario, point: string): boolean {
  const parts = scenario.tags.flatMap((tag) => (tag.startsWith('explore:') ? [tag.slice('explore:'.length)] : []));
  if (parts.length === 0) return true;
  return parts.some((part) => {
    if (part.includes('/')) return point.startsWith(part);
    return part.startsWith('e') ? point.startsWith(`${part}/`) : flowOf(point) === part;
  });
}

/** Flow variants by their ids, as a run looks them up. */
export const flowMap = (variants: readonly Pick<FlowVariant, 'id' | 'scenario'>[]): ReadonlyMap<string, ResolvedScenario> =>
  new Map(variants.map(({ id, scenario }) => [id, scenario]));

/** What an exploration of these variants starts from, the worlds of the swarm apart, and which of their points count. */
export function flowOptions(
  variants: readonly Pick<FlowVariant, 'id' | 'scenario' | 'isSwarm'>[],
): Pick<ExploreOptions, 'flows' | 'swarmFlows' | 'isOfFlow'> {
  const scenarios = flowMap(variants);
  return {
    flows: variants.filter(({ isSwarm }) => !isSwarm).map(({ id }) => id),
    swarmFlows: variants.filter(({ isSwarm }) => isSwarm).map(({ id }) => id),
    isOfFlow: (flow, point) => {
      const scenario = scenarios.get(flow);
      return scenario !== undefined && isOfFlow(scenario, point);
    },
  };
}

/** The resolved file of a flow variant, as plain data. */
export const plainFlow = (scenario: ResolvedScenario): Readonly<Record<string, unknown>> => parse(scenario.text) as Record<string, unknown>;
