/**
 * Writes docs/stress.md from what the presets did: `npx tsx scripts/stress-doc.ts`. The cards are measured over the first
 * days of the embedded sample, so that a test can measure them again and compare. With `--real FILE` (or where the shared
 * data lie) they are also measured over real data and kept in docs/stress-real.json.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { addMs, epochMs } from '../src/core/units.js';
import { stressCard } from '../src/faults/stress/stress-effects.js';
import { STRESS_PRESETS, stressSpec, type StressPreset } from '../src/faults/stress/stress-spec.js';
import { loadBars } from '../src/market/load-bars.js';
import { sampleFile } from '../src/run/package-paths.js';
import { PROBES, ROUND_TRIPS, stressCardOf } from '../src/run/stress-card-of.js';
import type { StressFigures } from '../src/run/stress-figures.js';
import { stressTable } from '../src/run/stress-text.js';

export const STRESS_DOCUMENT = new URL('../docs/stress.md', import.meta.url);
const REAL_FILE = new URL('../docs/stress-real.json', import.meta.url);
const SAMPLE_DAYS = 10;
const SAMPLE = { probes: 1_500, roundTrips: 40 } as const;

interface RealCards {
  readonly data: string;
  readonly hash: string;
  readonly table: string;
}

/** The card of one preset over the sample. */
export async function sampleCard(preset: StressPreset): Promise<StressFigures> {
  const whole = await loadBars({ data: sampleFile() });
  const to = addMs(epochMs(whole.bars.time[0] ?? 0), SAMPLE_DAYS * 86_400_000);
  const { bars } = await loadBars({ data: sampleFile(), to });
  return stressCardOf({ preset, bars, seed: '1', ...SAMPLE });
}

/** The hour and a half after a shock of `crash`: as long as Upbit failed on 2024-12-03. */
async function crashNight(): Promise<StressFigures> {
  const whole = await loadBars({ data: sampleFile() });
  const to = addMs(epochMs(whole.bars.time[0] ?? 0), 99 * 60_000);
  const { bars } = await loadBars({ data: sampleFile(), to });
  return stressCardOf({ preset: 'crash', changes: { shockAtMs: [0] }, bars, seed: '1', probes: 1_000, roundTrips: 8 });
}

async function realCards(file: string): Promise<RealCards> {
  const { bars } = await loadBars({ data: file });
  const cards: StressFigures[] = [];
  for (const preset of STRESS_PRESETS) cards.push(await stressCardOf({ preset, bars, seed: '1', probes: PROBES, roundTrips: ROUND_TRIPS }));
  return { data: bars.source.name, hash: bars.source.hash, table: stressTable(cards) };
}

/** The text of docs/stress.md. */
export async function stressDocument(): Promise<string> {
  const cards: StressFigures[] = [];
  for (const preset of STRESS_PRESETS) cards.push(await sampleCard(preset));
  return format(textOf(cards, await crashNight(), existsSync(REAL_FILE) ? (JSON.parse(readFileSync(REAL_FILE, 'utf8')) as RealCards) : undefined), {
    parser: 'markdown',
    printWidth: 150,
  });
}

function textOf(cards: readonly StressFigures[], night: StressFigures, real: RealCards | undefined): string {
  return `# Stress

Generated from what ran by \`npx tsx scripts/stress-doc.ts\`; do not edit. \`hedgedrill stress\` prints the same cards over any data.

On a bad day everything gets worse at once, at both venues. One factor stands behind it: shocks that arrive by chance and strike both venues, smaller ones
of each venue alone, and the realised volatility of the data (world price and premium; only of bars that had closed). It gives each venue a level from 0 to 1,
and the level moves spread, depth, latency and its tail, visibility lag, matching, 5xx (carried out or not), the share of every rate limit that is gone, and
outages and halts. All of it is a function of seed, data and time: the same run writes the same bytes, and later bars change nothing before them.

\`\`\`sh
npx hedgedrill backtest --stress crash        # also \`stress: crash\` in hedge.yaml; before a scenario's own
npx hedgedrill drill stress/crash-of-both-venues
npx hedgedrill stress crash --data premium-1m.csv.gz
\`\`\`

\`\`\`yaml
world:
  stress: rough # none, calm, rough, crash
  # or: { preset: crash, shockAt: 0s, strength: 0.5, seed: 7, shocksPerDay: 4, halfLife: 20m }
\`\`\`

\`shockAt\` strikes both venues so long after the start; \`seed\` lets one bad day meet every seed of the run; \`strength: 0\` and \`none\` are no stress at all, byte
for byte. The control of a drill has neither faults nor stress. The tape tells of a level that moved, of a 5xx and of an outage when a request meets it.

| preset | strain always there | shocks a day | mean size | half-life | own shocks of a venue | for each e-fold of volatility |
| --- | --- | --- | --- | --- | --- | --- |
${STRESS_PRESETS.map(presetRow).join('\n')}

A level is 1 - exp(-strain). ${stressCard(stressSpec('crash')).slice(1).join(' ')}

Sources: venues.md 3.1 and U-17 (latency, time-outs), 1.8 and 2.7 (incidents and their lengths), 1.5 and 2.4 (limits), 2.5 (5xx and visibility); the constants in
\`src/faults/stress/\` say which is which and what is assumed.

## Measured over the embedded sample (synthetic)

The first ${SAMPLE_DAYS} days, seed 1, ${SAMPLE.probes} probes of both venues and ${SAMPLE.roundTrips} round trips of 0.05 BTC by the reference executor.

${stressTable(cards)}

## Measured in the crash itself

The 99 minutes after one shock of \`crash\` (\`shockAt: 0s\`), as long as Upbit failed on 2024-12-03: the record estimates there a median of seconds for orders and 10 to
50 % of the calls timing out. Levels start near 0.95 and fade, so the figures are those of a mixture of worse and better minutes.

${stressTable([night])}
${real === undefined ? '' : `\n## Measured over real data\n\n\`${real.data}\`, seed 1, ${PROBES} probes and ${ROUND_TRIPS} round trips, when \`--real\` last ran (data ${real.hash.slice(0, 12)}).\n\n${real.table}\n`}`;
}

function presetRow(preset: StressPreset): string {
  const { base, shocksPerDay, shockSize, halfLifeMs, ownShare, volatilityWeight } = stressSpec(preset).arrivals;
  const own = `${Math.round(ownShare * 100)} % as many`;
  return `| \`${preset}\` | ${base} | ${shocksPerDay} | ${shockSize} | ${halfLifeMs / 60_000} min | ${own} | ${volatilityWeight} |`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const real = process.argv.indexOf('--real');
  const file = real < 0 ? undefined : process.argv[real + 1];
  if (file !== undefined) writeFileSync(REAL_FILE, await format(JSON.stringify(await realCards(file)), { parser: 'json', printWidth: 150 }));
  writeFileSync(STRESS_DOCUMENT, await stressDocument());
}
