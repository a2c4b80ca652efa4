import { beforeAll, expect, test } from 'vitest';
import { listScenarios, loadScenario } from '../../src/faults/load-scenario.js';
import { drill } from '../../src/run/drill.js';
import { exchangeNamed, type OpenExchange } from '../../src/run/exchange-choice.js';
import { executorNamed } from '../../src/run/executors.js';
import { scenariosDir } from '../../src/run/package-paths.js';
import type { SimulatedRun } from '../../src/run/simulated-run.js';
import { truthOf } from './support/truth.js';

const dir = scenariosDir();
const literal = (await listScenarios(dir)).filter(({ trades }) => !trades);

let guarded: OpenExchange | undefined;
beforeAll(async () => {
  guarded = await exchangeNamed('ccxt-guarded');
});

test.each(literal)('$id, reference behind the guards of a live run: the same orders, fills and findings', async ({ file, id }) => {
  const scenario = await loadScenario(`${dir}/${file}`, { scenariosDir: dir });
  const executor = await executorNamed('reference');
  const options = { scenario, executor, seed: String(scenario.seeds[0]), withFaults: true };
  const object = await drill(options);
  const real = await drill({ ...options, exchange: guarded });
  expect(real.unlisted).toEqual([]);
  const verdicts = ({ findings }: SimulatedRun): readonly unknown[] => findings.map(({ key, verdict }) => ({ key, verdict }));
  expect(verdicts(real)).toEqual(verdicts(object));
  if (id in KNOWS_MORE) return;
  expect(real.findings).toEqual(object.findings);
  expect(truthOf(real)).toEqual(truthOf(object));
});

/** Where an executor behind the guards acts at other times, since it is told more than ccxt tells. */
const KNOWS_MORE: Readonly<Record<string, string>> = {
  'ban-during-rollback': 'the guard keeps Retry-After, in whole seconds',
  'r4-rate-limited': 'the guard keeps Retry-After, which is longer than the first back-off',
  'r3-held-in-limiter': "a call that its own limiter holds back longer than ccxt's time-out ends in the guard's",
};

test('an executor that asks for the limiter of ccxt is refused', async () => {
  const scenario = await loadScenario(`${dir}/${literal[0]?.file ?? ''}`, { scenariosDir: dir });
  const { stopped } = await drill({ scenario, executor: await executorNamed('naive'), seed: '1', withFaults: true, exchange: guarded });
  expect(stopped).toMatch(/enableRateLimit is true/);
});
