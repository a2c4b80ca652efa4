import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { TerminalObserver } from '../terminal.js';
import { outputOptions, seedOption } from './common-options.js';

function startBuilder(argv: Argv) {
  return argv.options({ ...seedOption, ...outputOptions });
}

type StartArguments = ArgumentsCamelCase<Awaited<ReturnType<typeof startBuilder>['argv']>>;

export const startCommand: CommandModule<object, StartArguments> = {
  command: 'start',
  describe: 'the tour: a duel over one lost reply, then the sample month under failures (what `npm start` runs)',
  builder: startBuilder,
  handler: async (args) => {
    const { runStart } = await import('../../run/start.js');
    process.exitCode = await runStart({ ...args, observer: new TerminalObserver(args.quiet) });
  },
};
