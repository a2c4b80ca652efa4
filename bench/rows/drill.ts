import FakeTimers from '@sinonjs/fake-timers';

import { loadScenario } from '../../src/faults/load-scenario.js';
import type { ResolvedScenario } from '../../src/faults/resolved-scenario.js';
import { drill } from '../../src/run/drill.js';
import { executorNamed } from '../../src/run/executors.js';
import { scenarioPath, scenariosDir } from '../../src/run/package-paths.js';
import { race, speed } from '../support/measure.js';
import type { BenchRow } from '../support/measure.js';

/** Flows a second on one core that the specification aims at, with journal and oracle (research/faults.md e.2). */
const AIM_FLOWS = 10_000;

const flowsOf = ({ flow }: ResolvedScenario): number => flow.filter((step) => step.do === 'enter' || step.do === 'exit').length;

async function drills(scenario: ResolvedScenario, count: number): Promise<void> {
  const executor = await executorNamed('reference');
  for (let seed = 1; seed <= count; seed += 1) {
    const { findings } = await drill({ scenario, executor, seed: String(seed), withFaults: true });
    const broken = findings.find(({ verdict }) => verdict === 'broken');
    if (broken !== undefined) throw new Error(`${scenario.id}, seed ${seed}: ${broken.key}, ${broken.found}`);
  }
}

/** As many sleeps one after the other as an entry of ours makes calls and waits; nothing else happens. */
async function bareSleeps(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const clock = FakeTimers.install({ now: 0 });
    try {
      const sleeping = (async (): Promise<void> => {
        for (let sleep = 0; sleep < SLEEPS; sleep += 1) await new Promise((resolve) => void setTimeout(resolve, 50));
      })();
      await clock.runAllAsync();
      await sleeping;
    } finally {
      clock.uninstall();
    }
  }
}

const SLEEPS = 50;

/**
 * Whole flows of the reference executor on both simulated venues, with journal, tape and all invariants judged, beside the
 * fake timers that a test of such code would stand on: those only sleep, so that the figure is what the clock alone costs.
 */
export const drillRow: BenchRow = {
  name: 'drill',
  async run(quick) {
    const scenarioOf = async (name: string): Promise<ResolvedScenario> => loadScenario(scenarioPath(name), { scenariosDir: scenariosDir() });
    const entry = await scenarioOf('flows/enter-parallel');
    const swarm = await scenarioOf('flows/swarm-calm');
    const runs = quick ? 20 : 100;
    const timings = await race(
      [
        { name: 'one entry a run', units: runs * flowsOf(entry), run: () => drills(entry, runs) },
        { name: 'ten flows a run', units: (runs / 10) * flowsOf(swarm), run: () => drills(swarm, runs / 10) },
        { name: `@sinonjs/fake-timers, ${SLEEPS} sleeps`, units: runs, run: () => bareSleeps(runs) },
      ],
      5,
    );
    const row = 'drill flow';
    const figures = timings.map((timing) => speed(row, timing, 'flows'));
    return [...figures, { row, figure: 'aim of the specification', value: AIM_FLOWS, unit: 'flows/s', timed: false }];
  },
};
