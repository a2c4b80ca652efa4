import { expect, test } from 'vitest';
import { drill, explore, shippedScenarios } from 'hedgedrill/testing';
import 'hedgedrill/testing/vitest';
import executor from '../src/holdings-executor.js';
import { KINDS_NOT_KEPT, NOT_KEPT } from './not-kept.js';

/** So that a token of a failure replays on the command line. */
const executorFile = new URL('../src/holdings-executor.ts', import.meta.url);

/** The shelf `mutants` holds scenarios against single mistakes in the reference executor, and expects what only that one does. */
const kept = (await shippedScenarios({ except: Object.keys(NOT_KEPT) })).filter(({ name }) => !name.startsWith('mutants/'));

test.each(kept)(
  '$name: $title',
  async ({ name }) => {
    expect(await drill({ executor, executorFile, scenarios: [name] })).toKeepItsPromises();
  },
  60_000,
);

test.each(['enter-parallel', 'exit', 'rollback'])(
  'every kind of fault at every call of the flow %s: keeps its promises',
  async (flow) => {
    const found = await explore({ executor, executorFile, flows: [flow] });
    const stands = found.buckets.filter(
      ({ key, promise }) => promise === 'oracle.I3' && Object.keys(KINDS_NOT_KEPT).some((kind) => key.endsWith(kind)),
    );
    const buckets = found.buckets.filter((bucket) => !stands.includes(bucket));
    expect({ ...found, buckets, failing: found.failing - stands.reduce((sum, { runs }) => sum + runs, 0) }).toKeepItsPromises();
    expect(found).toCoverAtLeast(1);
  },
  120_000,
);

const notKept = Object.entries(NOT_KEPT).map(([name, why]) => ({ name, ...why }));

test.each(notKept)(
  '$name: $because',
  async ({ name, broken, seed, netDeltaBtc = '0' }) => {
    const verdict = await drill({ executor, executorFile, scenario: name, seed });
    expect(verdict.broken.map(({ key }) => key)).toEqual(broken);
    expect(verdict.netDeltaBtc).toBe(netDeltaBtc);
  },
  60_000,
);
