import type { Argv, CommandModule } from 'yargs';
import { TerminalObserver } from '../terminal.js';
import { outputOptions } from './common-options.js';

export const dataCommand: CommandModule = {
  command: 'data <command>',
  describe: 'look at history files; regenerate the embedded sample',
  builder: (argv: Argv) =>
    argv
      .command(
        'check <file>',
        'print period, gaps and statistics of an aligned premium file, or say what is wrong with it',
        (check) =>
          check.positional('file', { type: 'string', demandOption: true, describe: 'aligned premium file (.csv or .csv.gz)' }).options({
            json: { type: 'boolean', default: false, describe: 'print JSON' },
            cache: { type: 'string', describe: 'folder of the column cache', requiresArg: true },
            quiet: outputOptions.quiet,
          }),
        async (args) => {
          const { checkData } = await import('../../run/data-commands.js');
          process.exitCode = await checkData({ ...args, observer: new TerminalObserver(args.quiet) });
        },
      )
      .command(
        'sample',
        'regenerate data/sample: 30 days of synthetic minutes, seeded, calibrated on published statistics',
        (sample) =>
          sample.options({
            out: { type: 'string', default: 'data', describe: 'folder that gets README.md and sample/', requiresArg: true },
            seed: { type: 'string', describe: 'seed [default: that of the shipped files]', requiresArg: true },
            json: { type: 'boolean', default: false, describe: 'print the names of the written files as JSON' },
            quiet: outputOptions.quiet,
          }),
        async (args) => {
          const { regenerateSample } = await import('../../run/data-commands.js');
          process.exitCode = await regenerateSample({ ...args, observer: new TerminalObserver(args.quiet) });
        },
      )
      .demandCommand(1, 'name what to do: check or sample')
      .strict(),
  handler: () => undefined,
};
