import { join } from 'node:path';
import { lintScenario, listScenarios } from '../faults/load-scenario.js';
import { scenarioJsonSchema } from '../faults/scenario-schema.js';
import { scenarioPath, scenariosDir } from './package-paths.js';
import { EXIT, type ExitCode, type RunObserver } from './run-output.js';

/** `hedgedrill scenario list`. */
export async function listShippedScenarios({ json, observer }: { readonly json: boolean; readonly observer: RunObserver }): Promise<ExitCode> {
  const scenarios = await listScenarios(scenariosDir());
  const width = Math.max(...scenarios.map(({ id }) => id.length));
  const rows = scenarios.map(
    ({ id, title, tags, trades }) =>
      `${id.padEnd(width)}  ${title}${trades ? ' [over data]' : ''}${tags.length === 0 ? '' : `\n${' '.repeat(width)}  tags: ${tags.join(', ')}`}`,
  );
  observer.say(json ? JSON.stringify(scenarios, undefined, 2) : rows.join('\n'));
  return EXIT.ok;
}

/** `hedgedrill scenario lint`. */
export async function lintScenarios({ files, observer }: { readonly files: readonly string[]; readonly observer: RunObserver }): Promise<ExitCode> {
  const dir = scenariosDir();
  const paths = files.length > 0 ? files.map(scenarioPath) : (await listScenarios(dir)).map(({ file }) => join(dir, file));
  const issues = (await Promise.all(paths.map((path) => lintScenario(path, { scenariosDir: dir })))).flat();
  for (const issue of issues) observer.say(issue.message);
  observer.say(issues.length === 0 ? `${paths.length} files, no problem` : `${issues.length} problems in ${paths.length} files`);
  return issues.length === 0 ? EXIT.ok : EXIT.badInput;
}

/** `hedgedrill scenario schema`. */
export function printScenarioSchema(observer: RunObserver): ExitCode {
  observer.say(JSON.stringify(scenarioJsonSchema(), undefined, 2));
  return EXIT.ok;
}
