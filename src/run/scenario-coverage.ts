import { FAILURE_MODES, FAULT_FAMILIES, OPEN_MODES } from '../faults/failure-modes.js';
import { listScenarios, type ScenarioSummary } from '../faults/load-scenario.js';
import { scenariosDir } from './package-paths.js';
import { EXIT, type ExitCode, type RunObserver } from './run-output.js';

/** One fault family or failure mode, and what exercises it. */
export interface CoverageRow {
  /** As scenarios name it: `family:R16`, `mode:U-04`. */
  readonly tag: string;
  readonly meaning: string;
  /** Ids of the scenarios that carry the tag. */
  readonly scenarios: readonly string[];
  /** Why no scenario can; undefined where one does or should. */
  readonly open: string | undefined;
}

export interface Coverage {
  readonly rows: readonly CoverageRow[];
  /** Tags that name no family and no mode. */
  readonly unknown: readonly { readonly scenario: string; readonly tag: string }[];
}

const MEANINGS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(FAULT_FAMILIES).map(([id, meaning]) => [`family:${id}`, meaning] as const),
  ...Object.entries(FAILURE_MODES).map(([id, meaning]) => [`mode:${id}`, meaning] as const),
]);

/** Which scenarios exercise which fault families and failure modes, by their tags. */
export function coverageOf(scenarios: readonly ScenarioSummary[], open: Readonly<Record<string, string>> = OPEN_MODES): Coverage {
  const rows = [...MEANINGS].map(([tag, meaning]) => ({
    tag,
    meaning,
    scenarios: scenarios.filter(({ tags }) => tags.includes(tag)).map(({ id }) => id),
    open: open[tag],
  }));
  const unknown = scenarios.flatMap(({ id, tags }) =>
    tags.filter((tag) => /^(family|mode):/.test(tag) && !MEANINGS.has(tag)).map((tag) => ({ scenario: id, tag })),
  );
  return { rows, unknown };
}

const isMissing = ({ scenarios, open }: CoverageRow): boolean => scenarios.length === 0 && open === undefined;

/** `hedgedrill scenario coverage`: fails on a family or mode that nothing covers. */
export async function printCoverage({ json, observer }: { readonly json: boolean; readonly observer: RunObserver }): Promise<ExitCode> {
  const { rows, unknown } = coverageOf(await listScenarios(scenariosDir()));
  const missing = rows.filter(isMissing);
  if (json) observer.say(JSON.stringify({ rows, unknown }, undefined, 2));
  else {
    for (const row of rows) observer.say(lineOf(row));
    for (const { scenario, tag } of unknown) observer.say(`${scenario}: the tag ${tag} names no fault family and no failure mode`);
    const covered = rows.filter(({ scenarios }) => scenarios.length > 0).length;
    observer.say(`${covered} of ${rows.length} covered, ${rows.length - covered - missing.length} open, ${missing.length} missing`);
  }
  return missing.length === 0 && unknown.length === 0 ? EXIT.ok : EXIT.promiseBroken;
}

function lineOf(row: CoverageRow): string {
  const by = row.scenarios.length > 0 ? row.scenarios.join(', ') : row.open === undefined ? 'MISSING' : `open: ${row.open}`;
  return `${row.tag.padEnd(11)} ${row.meaning}\n            -> ${by}`;
}
