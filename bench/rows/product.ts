import { loadScenario } from '../../src/faults/load-scenario.js';
import { drill } from '../../src/run/drill.js';
import { executorNamed } from '../../src/run/executors.js';
import type { SimulatedRun } from '../../src/run/simulated-run.js';
import { race, timingOf } from '../support/measure.js';
import type { BenchRow } from '../support/measure.js';

const SCENARIO = 'scenarios/partial-then-timeouts.yaml';

const virtualMsOf = ({ tape }: SimulatedRun): number => (tape.events.at(-1)?.t ?? 0) - (tape.events[0]?.t ?? 0);

/** A shipped scenario through everything: reference executor, both venues, ledger, faults, journal and verdict. */
export const productRow: BenchRow = {
  name: 'product',
  async run(quick) {
    const scenario = await loadScenario(SCENARIO, { scenariosDir: 'scenarios' });
    const executor = await executorNamed('reference');
    const units = quick ? 20 : 100;
    let virtualMs = 0;
    const timings = await race(
      [
        {
          name: 'drill',
          units,
          run: async () => {
            for (let seed = 0; seed < units; seed += 1)
              virtualMs = virtualMsOf(await drill({ scenario, executor, seed: String(seed), withFaults: true }));
          },
        },
      ],
      5,
    );
    const perSecond = timingOf(timings, 'drill');
    return [
      { row: 'product', figure: 'partial-then-timeouts, reference executor', value: perSecond, unit: 'runs/s', timed: true },
      { row: 'product', figure: 'virtual time / CPU time', value: (perSecond * virtualMs) / 1_000, unit: 'x', timed: true },
    ];
  },
};
