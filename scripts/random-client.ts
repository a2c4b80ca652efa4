/**
 * Long runs of the random client (meta check M4): `npm run random-client -- --seeds 500`. A seed that deviates is printed
 * with the smallest trace that still does; `--from` gives the first seed, `--steps` the length, `--venue` one venue only.
 */
import { parseArgs } from 'node:util';
import { runRandomClient } from '../src/drill/random-client.js';
import type { VenueId } from '../src/core/units.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    steps: { type: 'string', default: '100' },
    venue: { type: 'string' },
  },
});

function count(name: 'seeds' | 'from' | 'steps'): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number > 0) return number;
  console.error(`--${name}: expected a whole number above 0, found "${values[name]}"`);
  process.exit(2);
}

const [seeds, from, steps] = [count('seeds'), count('from'), count('steps')];
const venues: readonly VenueId[] = values.venue === undefined ? ['upbit', 'binance'] : values.venue === 'upbit' ? ['upbit'] : ['binance'];
if (values.venue !== undefined && values.venue !== 'upbit' && values.venue !== 'binance') {
  console.error(`--venue: expected upbit or binance, found "${values.venue}"`);
  process.exit(2);
}

let failing = 0;
for (const venue of venues) {
  const sums = { calls: 0, orders: 0, trades: 0, turnedAway: 0, banned: 0 };
  let bad = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const { violations, shrunk, met } = await runRandomClient({ venue, seed: String(seed), steps });
    for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += met[key];
    if (violations.length === 0) continue;
    bad += 1;
    console.log(`FAIL  ${venue}, seed ${seed}`);
    for (const { rule, expected, found, step } of violations.slice(0, 5))
      console.log(`      ${rule} (step ${step}): expected ${expected}, found ${found}`);
    for (const step of shrunk ?? []) console.log(`      ${JSON.stringify(step)}`);
  }
  failing += bad;
  const { calls, orders, trades, turnedAway, banned } = sums;
  console.log(
    `${venue}: ${seeds} seeds, ${bad} deviate; ${calls} calls, ${orders} orders, ${trades} trades, ${turnedAway} limited, ${banned} banned`,
  );
}
process.exit(failing === 0 ? 0 : 1);
