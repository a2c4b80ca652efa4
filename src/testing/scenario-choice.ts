import { stringify } from 'yaml';
import { listScenarios, loadScenario, loadScenarioText } from '../faults/load-scenario.js';
import type { ResolvedScenario } from '../faults/resolved-scenario.js';
import type { ScenarioInput } from '../faults/scenario-schema.js';
import { scenarioPath, scenariosDir } from '../run/package-paths.js';
import { isShipped } from '../run/replay-line.js';

/**
 * A scenario written where the test stands, in the words of the scenario language. What names a file may be left out,
 * and without a world of its own it plays in `lib/venues.yaml#calm`.
 */
export type InlineScenario = Partial<ScenarioInput> & Pick<ScenarioInput, 'flow' | 'expect'>;

/** A shipped scenario by name (`lost-request`, `museum/ccxt-1880`), a file by path, or a scenario written inline. */
export type ScenarioChoice = string | InlineScenario;

/** A scenario and how the command line may be told of it. */
export interface ChosenScenario {
  readonly scenario: ResolvedScenario;
  /** `shipped`: a token finds it by its id; otherwise it must be given again. */
  readonly origin: 'shipped' | 'file' | 'inline';
}

/** @throws InputError when there is no such scenario, or it is not sound. */
export async function chooseScenario(choice: ScenarioChoice, params?: Readonly<Record<string, string>>): Promise<ChosenScenario> {
  const dir = scenariosDir();
  const options = { scenariosDir: dir, params };
  if (typeof choice !== 'string') {
    return { scenario: await loadScenarioText(inlineText(choice), 'inline scenario', options), origin: 'inline' };
  }
  const path = scenarioPath(choice);
  const origin = isShipped(path) && params === undefined ? 'shipped' : 'file';
  return { scenario: await loadScenario(path, options), origin };
}

function inlineText(choice: InlineScenario): string {
  const world = choice.world === undefined && choice.include === undefined ? { include: ['lib/venues.yaml#calm'] } : {};
  const named = { apiVersion: 'scenario/v1', kind: 'Scenario', id: 'inline', title: 'Written inline' };
  return stringify({ ...named, ...world, ...choice }, { aliasDuplicateObjects: false });
}

export interface ShippedOptions {
  /** Only scenarios that carry every one of these tags, such as `must-pass` or `unknown-outcome`. */
  readonly tags?: readonly string[] | undefined;
  /** Names to leave out. */
  readonly except?: readonly string[] | undefined;
}

/** A shipped scenario as a row of `test.each`. */
export interface ShippedScenario {
  /** What `drill` takes: `lost-request`, `museum/ccxt-1880`. */
  readonly name: string;
  readonly title: string;
  readonly tags: readonly string[];
}

/** The shipped scenarios that bring their own market; those over data and the explorer's flows are left out. */
export async function shippedScenarios({ tags = [], except = [] }: ShippedOptions = {}): Promise<readonly ShippedScenario[]> {
  const listed = await listScenarios(scenariosDir());
  return listed
    .filter((each) => !each.trades && !each.tags.includes('flow') && !each.tags.includes('swarm'))
    .filter((each) => tags.every((tag) => each.tags.includes(tag)))
    .map(({ file, title, tags: own }) => ({ name: file.replace(/\.ya?ml$/, '').replaceAll('\\', '/'), title, tags: own }))
    .filter(({ name }) => !except.includes(name));
}
