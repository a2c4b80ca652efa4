// The explorer's part of CI: what must hold of every commit, on the built code and on all processors.
import { spawnSync } from 'node:child_process';
import { performance } from 'node:perf_hooks';

const MAIN_FLOWS = ['enter-parallel', 'enter-spot-first', 'enter-perp-first', 'exit', 'rollback'];
const flows = (names) => names.flatMap((name) => ['--flow', name]);

const steps = [
  ['singles, crashes and the grid of leg states: all of them', '--levels', 'singles,crash,grid', '--gate'],
  ['pairs: the slice that follows from the commit', ...flows(MAIN_FLOWS), '--levels', 'singles,pairs', '--slice', 'commit/100', '--gate'],
  ['swarm: 5,000 flows', '--levels', 'swarm', '--swarm', '500'],
];

let failed = 0;
for (const [title, ...args] of steps) {
  const began = performance.now();
  const { status } = spawnSync(process.execPath, ['dist/cli/main.js', 'explore', '--out', 'reports/ci', ...args], { stdio: 'inherit' });
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${title} (${seconds} s)\n`);
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
