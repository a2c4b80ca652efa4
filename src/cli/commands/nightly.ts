import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { TerminalObserver } from '../terminal.js';
import { outputOptions } from './common-options.js';

function nightlyBuilder(argv: Argv) {
  return argv
    .options({
      minutes: { type: 'number', describe: 'begin nothing new after this in each part; the same command goes on from there', requiresArg: true },
      only: { choices: ['pairs', 'swarm', 'serve'] as const, describe: 'one part [default: all]' },
      flows: { type: 'number', default: 2_000_000, describe: 'flows that the tally of the swarm is to reach in all', requiresArg: true },
      threads: { type: 'number', describe: 'threads [default: one for each processor]', requiresArg: true },
      history: { type: 'string', default: 'explore/history', describe: 'folder of the tallies kept in the repository', requiresArg: true },
      found: { type: 'string', default: 'scenarios/found', describe: 'folder for the smallest scenario of each failure', requiresArg: true },
      ...outputOptions,
    })
    .epilogue('Pairs go on from their finished runs in the output folder, the swarm from the first seed that its tally does not hold.');
}

type NightlyArguments = ReturnType<typeof nightlyBuilder> extends Argv<infer Given> ? Given : never;

async function nightly(args: ArgumentsCamelCase<NightlyArguments>): Promise<void> {
  const { runNightly } = await import('../../run/nightly-command.js');
  process.exitCode = await runNightly({
    ...args,
    parts: args.only === undefined ? ['pairs', 'swarm', 'serve'] : [args.only],
    observer: new TerminalObserver(args.quiet),
  });
}

export const nightlyCommand: CommandModule<object, NightlyArguments> = {
  command: 'nightly',
  describe: 'every ordered pair of faults over every flow, then the long swarm, both resumable, and the load on serve',
  builder: nightlyBuilder,
  handler: nightly,
};
