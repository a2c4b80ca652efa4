/**
 * `npm run shrinks`: lets the swarm break every specimen, shrinks what it found and replays each in a fresh process, to
 * measure the goal that 95 % of failures shrink to at most three faults within ten seconds and keep their verdict. Writes
 * docs/shrinks.md from what ran; `npm run shrinks -- FEWER` takes as many failures of each specimen at most. Needs the built
 * code (`npm run build`).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { markdownRow } from '../src/core/markdown.js';
import { bucketsOf } from '../src/drill/explore/bucket.js';
import { isBroken, type ExploredRun } from '../src/drill/explore/explored-run.js';
import { foundScenario } from '../src/drill/explore/found-scenario.js';
import { swarmPlan } from '../src/drill/explore/levels/swarm.js';
import { shrink } from '../src/drill/explore/shrink.js';
import { flowMap, flowVariants, plainFlow, type FlowVariant } from '../src/run/explore-flows.js';
import { exploreRun, type ExploreContext } from '../src/run/explore-run.js';
import { tokenOf } from '../src/run/explore-command.js';
import { scenariosDir } from '../src/run/package-paths.js';
import { codeVersion } from '../src/run/replay-token.js';
import { SPECIMENS } from '../src/specimens/catalogue.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DOCUMENT = join(ROOT, 'docs', 'shrinks.md');
const GOAL = { faults: 3, seconds: 10, share: 0.95 } as const;
/** Swarm runs of each specimen; a run has ten flows. */
const SEEDS = 40;

interface Measured {
  readonly specimen: string;
  readonly bucket: string;
  readonly from: number;
  readonly to: number;
  readonly tries: number;
  readonly cpuSeconds: number;
  /** The same run by its token, in a process of its own. */
  readonly byToken: boolean;
  /** The file that a person would keep: it breaks the same promise. */
  readonly byFile: boolean;
}

interface DrillRow {
  readonly broken: readonly { readonly key: string }[];
}

/** What a fresh process prints of a drill. */
function drilled(args: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'shrinks-'));
  const command = [join(ROOT, 'dist', 'cli', 'main.js'), 'drill', ...args, '--quiet', '--out', folder];
  const { stdout } = spawnSync(process.execPath, command, { encoding: 'utf8', cwd: ROOT });
  rmSync(folder, { recursive: true });
  return stdout;
}

function breaksByToken(token: string, promise: string): boolean {
  const text = drilled(['--token', token]);
  return text.includes('the same run to the byte') && text.includes(`${promise}:`);
}

const breaksByFile = (file: string, specimen: string, promise: string): boolean =>
  (JSON.parse(drilled([file, '--executor', specimen, '--json'])) as DrillRow[]).some(({ broken }) => broken.some(({ key }) => key === promise));

/** Failures that the faults caused: the same world without them keeps every promise. */
async function failuresOf(context: ExploreContext, flows: readonly string[]): Promise<readonly ExploredRun[]> {
  const found: ExploredRun[] = [];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const plan = swarmPlan(flows, seed);
    const run = await exploreRun(context, plan);
    if (isBroken(run) && !isBroken(await exploreRun(context, { ...plan, faults: [] }))) found.push(run);
  }
  return found;
}

async function measure(specimen: string, failing: ExploredRun, bucket: string, context: ExploreContext, variant: FlowVariant): Promise<Measured> {
  const promise = failing.broken[0]?.key ?? '';
  const began = process.cpuUsage();
  const { run, tries, shrunkFrom } = await shrink(failing, (plan) => exploreRun(context, plan));
  const { user, system } = process.cpuUsage(began);
  const folder = mkdtempSync(join(tmpdir(), 'shrunk-'));
  const file = join(folder, 'found.yaml');
  writeFileSync(file, foundScenario(run, plainFlow(variant.scenario), { commit: codeVersion(), shrunkFrom }));
  const token = tokenOf(run.plan, run.tapeHash, variant, specimen);
  const measured = {
    specimen,
    bucket,
    from: shrunkFrom,
    to: run.plan.faults.length,
    tries,
    cpuSeconds: (user + system) / 1e6,
    byToken: breaksByToken(token, promise),
    byFile: breaksByFile(file, specimen, promise),
  };
  rmSync(folder, { recursive: true });
  return measured;
}

const shareOf = (all: readonly Measured[], good: (one: Measured) => boolean): string => {
  const count = all.filter(good).length;
  return `${count} of ${all.length} (${((100 * count) / Math.max(1, all.length)).toFixed(1)} %)`;
};

function documentOf(all: readonly Measured[]): string {
  const isSmall = ({ to }: Measured): boolean => to <= GOAL.faults;
  const isQuick = ({ cpuSeconds }: Measured): boolean => cpuSeconds <= GOAL.seconds;
  const slowest = all.reduce((most, { cpuSeconds }) => Math.max(most, cpuSeconds), 0);
  const worst = all.filter((one) => !isSmall(one) || !isQuick(one) || !one.byToken || !one.byFile);
  return [
    '# Shrinking',
    '',
    'Generated from what ran by `npm run shrinks`; do not edit. The swarm breaks every specimen; of each different failure that the world',
    'without its faults does not show, the smallest plan is looked for and replayed in a process of its own.',
    '',
    markdownRow(['', '']),
    markdownRow(['---', '---']),
    markdownRow(['failures', all.length]),
    markdownRow(['faults planned at first: mean', (all.reduce((sum, { from }) => sum + from, 0) / Math.max(1, all.length)).toFixed(1)]),
    markdownRow(['faults left: mean', (all.reduce((sum, { to }) => sum + to, 0) / Math.max(1, all.length)).toFixed(1)]),
    markdownRow([`at most ${GOAL.faults} faults`, shareOf(all, isSmall)]),
    markdownRow([`within ${GOAL.seconds} s of processor time`, shareOf(all, isQuick)]),
    markdownRow(['both, and the same promise breaks by the token', shareOf(all, (one) => isSmall(one) && isQuick(one) && one.byToken)]),
    markdownRow(['the same promise breaks by the written scenario file', shareOf(all, ({ byFile }) => byFile)]),
    markdownRow(['slowest', `${slowest.toFixed(0)} s`]),
    '',
    'What misses one of these:',
    '',
    markdownRow(['specimen', 'failure', 'faults', 'runs tried', 'token', 'file']),
    markdownRow(['---', '---', '---', '---', '---', '---']),
    ...worst.map(({ specimen, bucket, from, to, tries, byToken, byFile }) =>
      markdownRow([specimen, bucket, `${from} to ${to}`, tries, byToken ? 'same' : 'differs', byFile ? 'same' : 'differs']),
    ),
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const most = Number(process.argv[2] ?? 8);
  const variants = (await flowVariants(scenariosDir(), [])).filter(({ isSwarm }) => isSwarm);
  const ids = variants.map(({ id }) => id);
  const all: Measured[] = [];
  for (const { card, factory } of SPECIMENS) {
    const context: ExploreContext = { executor: { name: card.id, factory }, flows: flowMap(variants) };
    const buckets = bucketsOf(await failuresOf(context, ids)).slice(0, most);
    for (const { key, example } of buckets) {
      const variant = variants.find(({ id }) => id === example.plan.flow);
      if (variant === undefined) continue;
      const one = await measure(card.id, example, key, context, variant);
      all.push(one);
      console.log(
        `${card.id}: ${key}: ${one.from} to ${one.to} faults, ${one.tries} runs, ${one.cpuSeconds.toFixed(1)} s, token ${one.byToken}, file ${one.byFile}`,
      );
    }
  }
  writeFileSync(DOCUMENT, await format(documentOf(all), { parser: 'markdown', printWidth: 140 }));
  const good = all.filter(({ to, cpuSeconds, byToken }) => to <= GOAL.faults && cpuSeconds <= GOAL.seconds && byToken).length;
  console.log(`${good} of ${all.length} failures reach the goal; ${DOCUMENT} written`);
  process.exit(good >= GOAL.share * all.length ? 0 : 1);
}

await main();
