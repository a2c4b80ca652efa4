import { beforeAll, describe, expect, test } from 'vitest';
import type { ResolvedScenario } from '../../src/faults/resolved-scenario.js';
import { listScenarios, loadScenario } from '../../src/faults/load-scenario.js';
import type { PremiumBars } from '../../src/market/bars.js';
import { loadBars } from '../../src/market/load-bars.js';
import { drill, drillWithControl } from '../../src/run/drill.js';
import { executorNamed, type NamedExecutor } from '../../src/run/executors.js';
import { sampleFile, scenariosDir } from '../../src/run/package-paths.js';
import type { SimulatedRun } from '../../src/run/simulated-run.js';

const dir = scenariosDir();
const shipped = await listScenarios(dir);
const literal = shipped.filter(({ trades }) => !trades);

let reference: NamedExecutor;
let bars: PremiumBars;
beforeAll(async () => {
  reference = await executorNamed('reference');
  bars = (await loadBars({ data: sampleFile() })).bars;
});

const load = (file: string): Promise<ResolvedScenario> => loadScenario(`${dir}/${file}`, { scenariosDir: dir });

/** What each order was for: the simulator's word (from truth) beside the journal's (from intent). */
function purposes({ tape, journal }: SimulatedRun): { readonly id: string; readonly truth: string; readonly belief: string }[] {
  const belief = new Map(journal.flatMap(({ event }) => (event.type === 'intent' ? [[event.clientOrderId, event.purpose] as const] : [])));
  return tape.events.flatMap((event) => {
    if (event.type !== 'request' || event.method !== 'createOrder' || event.clientOrderId === undefined) return [];
    const purpose = belief.get(event.clientOrderId);
    return purpose === undefined
      ? [{ id: event.clientOrderId, truth: event.purpose, belief: 'no intent' }]
      : [{ id: event.clientOrderId, truth: event.purpose, belief: purpose }];
  });
}

describe('reference executor in every shipped scenario', () => {
  // Every run is analysed by the report's own code, which refuses a ledger that its parts miss by more than 1 KRW.
  test.each(literal)('$id: ends as the scenario expects, with each of its seeds, and without the faults hedged or flat', async ({ file }) => {
    const scenario = await load(file);
    for (const seed of scenario.seeds) {
      const verdict = await drillWithControl({ scenario, executor: reference, seed: String(seed) });
      expect(verdict.broken, `seed ${seed}`).toEqual([]);
      expect(verdict.controlBroken, `control, seed ${seed}`).toEqual([]);
    }
  });

  test.each(shipped.filter(({ trades }) => trades))(
    '$id: ends as the scenario expects over the sample month',
    async ({ file }) => {
      const verdict = await drillWithControl({ scenario: await load(file), executor: reference, seed: '1', bars });
      expect(verdict.broken).toEqual([]);
      expect(verdict.controlBroken).toEqual([]);
    },
    240_000,
  );

  // What a lying disk or an old backup takes back was journaled all the same; the oracle knows (I1), this list does not.
  const keepsItsJournal = literal.filter(({ id }) => !['p5-fsync-lies', 'p13-old-backup'].includes(id));
  test.each(keepsItsJournal)('$id: every order was journaled before it was sent', async ({ file }) => {
    const run = await drill({ scenario: await load(file), executor: reference, seed: '1', withFaults: true });
    expect(purposes(run).filter(({ belief }) => belief === 'no intent')).toEqual([]);
  });
});

test('purposes that the simulator derives from truth: are those of the reference executor in the straight cases', async () => {
  const words: string[] = [];
  for (const id of ['case-a-spot-filled-perp-refused', 'case-b-market-perp-first', 'exit-one-leg-halted', 'duel-lost-reply']) {
    const run = await drill({ scenario: await load(`${id}.yaml`), executor: reference, seed: '1', withFaults: true });
    words.push(...purposes(run).map(({ truth, belief }) => `${truth}/${belief}`));
  }
  const different = [...new Set(words)].filter((pair) => pair.split('/')[0] !== pair.split('/')[1]);
  expect(different).toEqual([]);
});

describe('specimens', () => {
  test('letter: fails even the duel without its fault, so that nothing counts as a catch', async () => {
    const verdict = await drillWithControl({ scenario: await load('duel-lost-reply.yaml'), executor: await executorNamed('letter'), seed: '1' });
    expect(verdict.isPassed).toBe(false);
    expect(verdict.control).toBe('failed');
  });

  test.each(['duel-lost-reply', 'lost-reply-after-fill', 'partial-then-timeouts', 'ban-during-rollback'])(
    'naive in %s: fails, and passes the same run without the faults',
    async (id) => {
      const verdict = await drillWithControl({ scenario: await load(`${id}.yaml`), executor: await executorNamed('naive'), seed: '1' });
      expect(verdict.control).toBe('passed');
      expect(verdict.isPassed).toBe(false);
    },
  );
});
