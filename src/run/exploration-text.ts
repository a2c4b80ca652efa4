import type { Measure } from '../drill/explore/coverage.js';
import type { Exploration } from '../drill/explore/explore.js';
import { cellName } from '../drill/explore/grid.js';
import { LEG_STATES } from '../drill/explore/explored-run.js';
import type { Level } from '../drill/explore/planned-fault.js';
import type { FoundFile } from './explore-command.js';

const percent = (part: number, whole: number): string => (whole === 0 ? 'N/A' : `${((100 * part) / whole).toFixed(1)} %`);

/** The result of an exploration on one screen or a few. */
export function explorationText(result: Exploration, found: readonly FoundFile[], levels: readonly Level[]): string {
  const { coverage, failing, unsound } = result;
  const lines = [
    `${coverage.runs} runs, ${coverage.distinctBehaviours} distinct behaviours, ${failing} broke a promise`,
    ...canaryLines(result.canaries),
    ...efficacyLines(coverage.efficacy),
    ...unsound.map(({ plan, broken }) => `UNSOUND  flow ${plan.flow} fails without faults: ${broken[0]?.key ?? ''}, ${broken[0]?.found ?? ''}`),
    ...found.flatMap(foundLines),
    '',
    'coverage',
    ...coverage
      .measures()
      .filter(({ level }) => level === undefined || levels.includes(level))
      .map(measureLine),
    '',
    ...gridLines(result),
  ];
  return `${lines.join('\n')}\n`;
}

function canaryLines(canaries: Exploration['canaries']): readonly string[] {
  if (canaries.size === 0) return [];
  return [`canary: ${[...canaries].map(([level, reported]) => `${level} ${reported ? 'reported' : 'SWALLOWED'}`).join(', ')}`];
}

/** Giving a trade up is safe and costs it: which kinds of a single fault do so, and how often. */
function efficacyLines(efficacy: Exploration['coverage']['efficacy']): readonly string[] {
  if (efficacy.size === 0) return [];
  const sums = [...efficacy.values()].reduce((all, { hit, of }) => ({ hit: all.hit + hit, of: all.of + of }), { hit: 0, of: 0 });
  const given = [...efficacy].filter(([, { hit, of }]) => hit < of).sort(([, a], [, b]) => a.hit / a.of - b.hit / b.of);
  return [
    `ended as without the fault, unlocked: ${sums.hit} of ${sums.of} (${percent(sums.hit, sums.of)})`,
    ...(given.length === 0 ? [] : [`  given up after ${given.map(([kind, { hit, of }]) => `${kind} ${of - hit}/${of}`).join(', ')}`]),
  ];
}

function foundLines({ bucket, file, faults, shrunkFrom, tries, token, timeline }: FoundFile): readonly string[] {
  const [first] = bucket.example.broken;
  return [
    '',
    `FAIL  ${bucket.runs} x ${bucket.key}`,
    `      ${first?.key ?? ''}: expected ${first?.expected ?? ''}, found ${first?.found ?? ''}`,
    `      ${faults} of ${shrunkFrom} faults left after ${tries} runs: ${file}`,
    `      timeline: ${timeline}`,
    `      replay: hedgedrill drill --token ${token}`,
  ];
}

function measureLine({ id, title, seen, of, missing, note }: Measure): string {
  const share = of === undefined ? `${seen}` : `${seen} of ${of} (${percent(seen, of)})`;
  const list =
    missing.length === 0 ? '' : `; missing: ${missing.slice(0, 6).join(', ')}${missing.length > 6 ? `, and ${missing.length - 6} more` : ''}`;
  return `  ${id}  ${title}: ${share}${note === undefined ? '' : `; ${note}`}${list}`;
}

/** Rows are the spot leg, columns the perpetual. */
function gridLines({ coverage }: Exploration): readonly string[] {
  const { grid } = coverage;
  return (['entry', 'exit', 'rollback'] as const).flatMap((flow) => [
    `${`${flow}: spot \\ perp`.padEnd(24)}${LEG_STATES.map((state) => state.padStart(9)).join('')}`,
    ...LEG_STATES.map((spot) => {
      const cells = LEG_STATES.map((perp) => {
        const cell = grid.find((each) => cellName(each) === cellName({ flow, spot, perp }));
        return (cell?.reason === undefined ? String(cell?.visits ?? 0) : '-').padStart(9);
      });
      return `  ${spot.padEnd(22)}${cells.join('')}`;
    }),
  ]);
}

/** The same for programs. */
export function explorationJson(result: Exploration, found: readonly FoundFile[], levels: readonly Level[]): object {
  const { coverage, failing, unsound } = result;
  return {
    levels,
    runs: coverage.runs,
    distinctBehaviours: coverage.distinctBehaviours,
    failing,
    canaries: Object.fromEntries(result.canaries),
    endedAsAsked: Object.fromEntries(coverage.efficacy),
    unsound: unsound.map(({ plan, broken }) => ({ flow: plan.flow, broken })),
    buckets: found.map(({ bucket, file, faults, shrunkFrom, tries, token, timeline }) => ({
      key: bucket.key,
      runs: bucket.runs,
      broken: bucket.example.broken,
      file,
      faults,
      shrunkFrom,
      shrinkRuns: tries,
      token,
      timeline,
    })),
    coverage: coverage.measures(),
    grid: coverage.grid,
  };
}
