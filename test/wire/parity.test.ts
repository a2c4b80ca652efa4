import { beforeAll, describe, expect, test } from 'vitest';
import { listScenarios, loadScenario } from '../../src/faults/load-scenario.js';
import { encodeJournalRecord } from '../../src/journal/journal-codec.js';
import type { JournalRecord } from '../../src/journal/journal-event.js';
import { drill } from '../../src/run/drill.js';
import { exchangeNamed, type OpenExchange } from '../../src/run/exchange-choice.js';
import { executorNamed } from '../../src/run/executors.js';
import { scenariosDir } from '../../src/run/package-paths.js';
import { withoutSigning } from './support/both-ways.js';
import { truthOf } from './support/truth.js';

const dir = scenariosDir();
const literal = (await listScenarios(dir)).filter(({ trades }) => !trades);

let ccxt: OpenExchange | undefined;
beforeAll(async () => {
  ccxt = await exchangeNamed('ccxt');
});

/** The journal but for what signing adds to the URL of an error, wherever a text quotes it. */
const belief = (records: readonly JournalRecord[]): readonly string[] => records.map((record) => withoutSigning(encodeJournalRecord(record)));

describe.each(['reference', 'naive'])('%s through real ccxt', (name) => {
  test.each(literal)('$id: decides, trades and is judged as through the object-level clients', async ({ file }) => {
    const scenario = await loadScenario(`${dir}/${file}`, { scenariosDir: dir });
    const executor = await executorNamed(name);
    for (const seed of name === 'reference' ? scenario.seeds : scenario.seeds.slice(0, 1)) {
      const options = { scenario, executor, seed: String(seed), withFaults: true };
      const object = await drill(options);
      const real = await drill({ ...options, exchange: ccxt });
      expect(real.unlisted).toEqual([]);
      expect(belief(real.journal), `seed ${seed}`).toEqual(belief(object.journal));
      if (name === 'naive' && scenario.id in LIMITER_TIME) continue;
      expect(truthOf(real), `seed ${seed}`).toEqual(truthOf(object));
      expect(real.findings, `seed ${seed}`).toEqual(object.findings);
    }
  });
});

/** Where ccxt's own limiter, which the naive executor asks for, sees another time than the one that we model. */
const LIMITER_TIME: Readonly<Record<string, string>> = {
  'p6-clock-drifts': "ccxt's limiter measures with the machine's wall clock, which drifts here; ours with true time",
  'p8-zombie-wakes': "ccxt's limiter sleeps on ambient timers, which are those of the instance that is driven; ours on its own process",
};
