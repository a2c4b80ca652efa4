import { beforeAll, describe, expect, test } from 'vitest';

import { parseFixed, toNumber } from '../../src/core/money.js';
import type { Btc } from '../../src/core/money.js';
import type { ExecutorFactory } from '../../src/executor/ports.js';
import { loadScenario } from '../../src/faults/load-scenario.js';
import type { VenueWorld } from '../../src/faults/world.js';
import type { ResolvedScenario } from '../../src/faults/resolved-scenario.js';
import { drill } from '../../src/run/drill.js';
import type { SimulatedRun } from '../../src/run/simulated-run.js';
import { createLetterExecutor, LetterExecutor } from '../../src/specimens/letter.js';
import { createNaiveExecutor, NaiveExecutor } from '../../src/specimens/naive.js';

const LOT = parseFixed<Btc>('0.001');

let shipped: ResolvedScenario;
/** The shipped lost reply's world, entered and left again. */
let roundTrip: ResolvedScenario;
beforeAll(async () => {
  shipped = await loadScenario('scenarios/duel-lost-reply.yaml', { scenariosDir: 'scenarios' });
  // Upbit answers before it has matched, as it does for any order that takes a moment.
  const upbit: VenueWorld = { ...shipped.world.venues.upbit, matchingDelay: { kind: 'fixed', ms: 2_000 } };
  const world = { ...shipped.world, venues: { ...shipped.world.venues, upbit } };
  roundTrip = { ...shipped, world, flow: [...shipped.flow, { do: 'exit' }] };
});

const run = (scenario: ResolvedScenario, factory: ExecutorFactory, withFaults: boolean): Promise<SimulatedRun> =>
  drill({ scenario, executor: { name: 'specimen', factory }, seed: '1', withFaults });

const withoutRepair = (repair: 'isSuccess' | 'exitSizes' | 'confirmExit'): ExecutorFactory =>
  Object.assign(
    (...[ports]: Parameters<ExecutorFactory>) => {
      const letters = LetterExecutor.prototype as unknown as Record<string, unknown>;
      return Object.defineProperty(new NaiveExecutor(ports), repair, { value: letters[repair] });
    },
    { enableRateLimit: true },
  );

const outcomes = ({ facts }: SimulatedRun): (string | undefined)[] => facts.flows.map(({ outcome }) => outcome);
const naked = ({ facts }: SimulatedRun): number => Math.abs(toNumber(facts.spot + facts.perp));

describe('specimens on the simulated venues', () => {
  test('letter without faults: the bought BTC stays and the short is gone', async () => {
    const result = await run(shipped, createLetterExecutor, false);
    expect(outcomes(result)).toEqual(['naked']);
    expect(naked(result)).toBeGreaterThan(0.19);
    expect(result.facts.perp).toBe(0n);
  });

  test('naive without faults: hedged, then flat, with nothing of a lot left', async () => {
    const result = await run(roundTrip, createNaiveExecutor, false);
    expect(outcomes(result)).toEqual(['hedged', 'flat']);
    expect(naked(result)).toBeLessThan(toNumber(LOT));
  });

  test('naive with one reply lost after the venue acted: it sends the order again and ends naked', async () => {
    const result = await run(shipped, createNaiveExecutor, true);
    expect(outcomes(result)).toEqual(['naked']);
    expect(naked(result)).toBeGreaterThan(0.19);
    const shorts = result.tape.events.filter((event) => event.type === 'request' && event.venue === 'binance' && event.side === 'sell');
    expect(shorts.length).toBe(2);
  });

  test.each([
    ['isSuccess', ['naked']],
    ['exitSizes', ['hedged', 'naked']],
    ['confirmExit', ['hedged', 'naked']],
  ] as const)('naive without its repair of %s: the round trip without faults ends %j', async (repair, ends) => {
    const result = await run(roundTrip, withoutRepair(repair), false);
    expect(outcomes(result).slice(0, ends.length)).toEqual(ends);
  });

  test('the same seed writes the same tape', async () => {
    const lines = async (): Promise<string> =>
      JSON.stringify((await run(shipped, createNaiveExecutor, true)).tape.events, (_key, value: unknown) =>
        typeof value === 'bigint' ? `${value}` : value,
      );
    expect(await lines()).toBe(await lines());
  });
});
