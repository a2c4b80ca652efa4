/** A process of its own for `bench/rows/memory.ts`: runs so many failure scenarios and prints its memory on the way. */
import { durationMs, epochMs } from '../src/core/units.js';
import { VirtualClock } from '../src/sim/virtual-clock.js';
import { scanFrom } from '../src/strategy/scan.js';
import { createZScoreStrategy } from '../src/strategy/z-score-strategy.js';
import { failureScenario } from './support/failure-scenario.js';
import { syntheticBars } from './support/synthetic-bars.js';

const MIB = 1_048_576;
const work = process.argv[2];
const amount = Number(process.argv[3]);

async function scenarios(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const clock = new VirtualClock(epochMs(0));
    await clock.run(() =>
      failureScenario(
        (ms) => clock.sleep(durationMs(ms)),
        () => clock.now(),
      ),
    );
  }
}

const before = process.memoryUsage().rss / MIB;
let columns = 0;
if (work === 'scenarios') await scenarios(amount);
else {
  const bars = syntheticBars(amount);
  // Six columns of eight bytes and two of one.
  columns = (amount * 50) / MIB;
  const strategy = createZScoreStrategy();
  const flat = { openPositions: 0, oldestOpenedAt: undefined, entryPremium: undefined, lastExitAt: undefined };
  for (let next = 0; next < amount;) {
    const hit = scanFrom(bars, strategy, next, flat);
    if (hit === undefined) break;
    next = hit.index + 1;
  }
}
const after = process.memoryUsage().rss / MIB;
console.log(JSON.stringify({ before, after, columns, peak: process.resourceUsage().maxRSS / 1_024 }));
