import type { Argv, CommandModule } from 'yargs';
import { TerminalObserver } from '../terminal.js';

export const scenarioCommand: CommandModule = {
  command: 'scenario <command>',
  describe: 'list, lint, count or describe scenario files',
  builder: (argv: Argv) =>
    argv
      .command(
        'list',
        'every shipped scenario with its title and tags',
        (list) => list.options({ json: { type: 'boolean', default: false, describe: 'print JSON' } }),
        async (args) => {
          const { listShippedScenarios } = await import('../../run/scenario-commands.js');
          process.exitCode = await listShippedScenarios({ ...args, observer: new TerminalObserver(false) });
        },
      )
      .command(
        'lint [file..]',
        'check scenario files; every problem with file, line, key and a suggestion',
        (lint) => lint.positional('file', { type: 'string', array: true, describe: 'files [default: every shipped one]' }),
        async (args) => {
          const { lintScenarios } = await import('../../run/scenario-commands.js');
          process.exitCode = await lintScenarios({ files: args.file ?? [], observer: new TerminalObserver(false) });
        },
      )
      .command(
        'schema',
        'print the JSON Schema of scenario files, for editors',
        (schema) => schema,
        async () => {
          const { printScenarioSchema } = await import('../../run/scenario-commands.js');
          process.exitCode = printScenarioSchema(new TerminalObserver(false));
        },
      )
      .command(
        'coverage',
        'which scenarios exercise which fault families and failure modes; exit 1 when one has none',
        (coverage) => coverage.options({ json: { type: 'boolean', default: false, describe: 'print JSON' } }),
        async (args) => {
          const { printCoverage } = await import('../../run/scenario-coverage.js');
          process.exitCode = await printCoverage({ ...args, observer: new TerminalObserver(false) });
        },
      )
      .demandCommand(1, 'name what to do: list, lint, coverage or schema')
      .strict(),
  handler: () => undefined,
};
