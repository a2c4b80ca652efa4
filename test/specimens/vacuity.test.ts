import { describe, expect, test } from 'vitest';
import { listScenarios, loadScenario } from '../../src/faults/load-scenario.js';
import type { ResolvedScenario } from '../../src/faults/resolved-scenario.js';
import { drill } from '../../src/run/drill.js';
import { scenariosDir } from '../../src/run/package-paths.js';
import { SPECIMENS } from '../../src/specimens/catalogue.js';
import { whySilent } from './support/why-silent.js';

const dir = scenariosDir();
/** What stands on the shelf `mutants` aims at mistakes in the reference executor: its faults wait for what only that one does. */
const listed = (await listScenarios(dir)).filter(({ trades, file }) => !trades && !file.startsWith('mutants/'));
const scenarios = new Map<string, ResolvedScenario>();
for (const { file } of listed) {
  const scenario = await loadScenario(`${dir}/${file}`, { scenariosDir: dir });
  if (scenario.faults.some(({ required }) => required)) scenarios.set(file.replace(/\.ya?ml$/, ''), scenario);
}

/** By scenario: the specimens on which each required fault fired. */
const fires = new Map<string, string[]>();

describe('on every specimen each required fault of every shipped scenario fires, or the tape shows why it could not', () => {
  test.each(SPECIMENS.map(({ card, factory }) => ({ id: card.id, factory })))(
    '$id',
    async ({ id, factory }) => {
      const unexplained: string[] = [];
      for (const [name, scenario] of scenarios) {
        const run = await drill({ scenario, executor: { name: id, factory }, seed: String(scenario.seeds[0]), withFaults: true });
        const silent = run.facts.tally.filter(({ required, fired }) => required && fired === 0);
        if (silent.length === 0) fires.set(name, [...(fires.get(name) ?? []), id]);
        for (const { fault, why } of silent) {
          const rule = scenario.faults.find((each) => each.id === fault);
          if (rule === undefined || whySilent(rule, scenario, run) === undefined) unexplained.push(`${name}, ${fault}: ${why ?? ''}`);
        }
      }
      expect(unexplained).toEqual([]);
    },
    240_000,
  );
});

/** Scenarios whose faults no specimen lets fire in full, so that they say nothing of any: each with the reason, which is shown above. */
const ONLY_THE_REFERENCE: Readonly<Record<string, string>> = {
  'families/p3-crash-in-recovery': 'no specimen sends a create in its third life',
  'families/r14-request-twice-trades-unreadable': 'no specimen asks for its trades',
  'families/r14-request-twice-unseen-in-an-outage': 'no specimen asks Upbit for anything while it holds a hedge',
  'families/r16-garbled-holdings': 'no specimen reads its balance and its position while it holds a hedge',
  'families/r16-positions-twice': 'no specimen reads its position before an exit',
  'families/v3-residue-fills-nothing': 'no specimen trades a residue away',
  'families/x11-old-prices': 'no specimen looks at a book',
};

// The tests of one file run in their order: every specimen has been through every scenario by now.
test('every scenario without `needs` fires in full on one specimen at least, or stands here with the reason', () => {
  const nowhere = [...scenarios].filter(([name, { needs }]) => needs.length === 0 && !fires.has(name)).map(([name]) => name);
  expect(nowhere).toEqual(Object.keys(ONLY_THE_REFERENCE));
});

test('a fault that nothing explains: is not explained away', async () => {
  const scenario = scenarios.get('lost-request');
  const naive = SPECIMENS.find(({ card }) => card.id === 'naive');
  if (scenario === undefined || naive === undefined) throw new Error('lost-request and naive are shipped');
  const run = await drill({ scenario, executor: { name: 'naive', factory: naive.factory }, seed: '1', withFaults: true });
  const [rule] = scenario.faults;
  expect(run.facts.tally[0]?.fired).toBeGreaterThan(0);
  // It sends the very call: had the fault been silent, the executor would not have been the reason.
  if (rule !== undefined) expect(whySilent(rule, scenario, run)).toBeUndefined();
});
