import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { TerminalObserver } from '../terminal.js';
import { executorOption, outputOptions } from './common-options.js';

function exploreBuilder(argv: Argv) {
  return argv
    .options({
      flow: { type: 'string', array: true, describe: 'flow variants [default: every shipped one]', requiresArg: true },
      levels: {
        type: 'string',
        describe: 'comma-separated: singles, crash, grid, pairs, boundaries, permanent, swarm',
        default: 'singles,crash',
        requiresArg: true,
      },
      ...executorOption,
      seed: { type: 'number', default: 1, describe: 'seed of latencies and of everything else that is drawn', requiresArg: true },
      swarm: { type: 'number', default: 500, describe: 'runs of the swarm, ten flows each', requiresArg: true },
      'swarm-from': { type: 'number', default: 1, describe: 'first seed of the swarm', requiresArg: true },
      canary: { type: 'boolean', default: false, describe: 'plant an oracle that always breaks in each level, and fail when it is not reported' },
      slice: {
        type: 'string',
        describe: 'a part of the pairs, such as 3/20: every twentieth from the fourth on; commit/20: the one that follows from the commit',
        requiresArg: true,
      },
      minutes: { type: 'number', describe: 'begin nothing new after this; the same command goes on from there', requiresArg: true },
      gate: { type: 'boolean', default: false, describe: 'exit with 1 as well when something that these levels ought to cover was not' },
      threads: { type: 'number', describe: 'threads [default: one for each processor]', requiresArg: true },
      found: { type: 'string', default: 'scenarios/found', describe: 'folder for the smallest scenario of each failure', requiresArg: true },
      ...outputOptions,
    })
    .example('$0 explore', 'every single fault and every crash point of every flow')
    .example('$0 explore --flow enter-parallel --levels pairs', 'every ordered pair of one flow')
    .example('$0 explore --executor ./my-executor.ts --levels singles,crash,permanent', 'your own executor')
    .epilogue('Finished runs are kept in the output folder: the same command goes on where it was stopped. Exits with 1 when a promise was broken.');
}

type ExploreArguments = ReturnType<typeof exploreBuilder> extends Argv<infer Given> ? Given : never;

async function exploreFlows(args: ArgumentsCamelCase<ExploreArguments>): Promise<void> {
  const { runExplore } = await import('../../run/explore-command.js');
  const observer = new TerminalObserver(args.quiet);
  process.exitCode = await runExplore({
    ...args,
    flows: args.flow ?? [],
    levels: args.levels.split(',').filter((word) => word !== ''),
    executor: args.executor ?? 'reference',
    observer,
  });
}

export const exploreCommand: CommandModule<object, ExploreArguments> = {
  command: 'explore',
  describe: 'run every fault at every point of a flow, shrink what fails to a scenario file',
  builder: exploreBuilder,
  handler: exploreFlows,
};
