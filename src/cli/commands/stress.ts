import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { TerminalObserver } from '../terminal.js';
import { outputOptions, seedOption } from './common-options.js';

function stressBuilder(argv: Argv) {
  return argv
    .positional('preset', { type: 'string', array: true, describe: 'none, calm, rough, crash [default: all of them, side by side]' })
    .options({
      data: { type: 'string', alias: 'd', describe: 'aligned premium file [default: the embedded synthetic sample]', requiresArg: true },
      from: { type: 'string', describe: 'first instant', requiresArg: true },
      to: { type: 'string', describe: 'last instant', requiresArg: true },
      probes: { type: 'number', describe: 'instants at which both venues are looked at [default: 4000]', requiresArg: true },
      'round-trips': { type: 'number', describe: 'hedges that the reference executor opens and closes [default: 100]', requiresArg: true },
      cache: { type: 'string', describe: 'folder of the column cache', requiresArg: true },
      json: outputOptions.json,
      quiet: outputOptions.quiet,
      ...seedOption,
    })
    .example('$0 stress crash --data premium-1m.csv.gz', 'what a crash of both venues does, measured')
    .epilogue(
      'A preset is how often trouble comes and how hard; docs/stress.md says what it does to the venues. Exits with 1 when the executor broke a promise.',
    );
}

type StressArguments = ReturnType<typeof stressBuilder> extends Argv<infer Given> ? Given : never;

export const stressCommand: CommandModule<object, StressArguments> = {
  command: 'stress [preset..]',
  describe: 'measure what a stress preset does to both venues and to the hedges',
  builder: stressBuilder,
  handler: async (args: ArgumentsCamelCase<StressArguments>) => {
    const { runStressCards } = await import('../../run/stress-command.js');
    process.exitCode = await runStressCards({ ...args, presets: args.preset ?? [], observer: new TerminalObserver(args.quiet) });
  },
};
