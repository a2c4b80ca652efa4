import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { TerminalObserver } from '../terminal.js';
import { executorOption, outputOptions, seedOption } from './common-options.js';

function drillBuilder(argv: Argv) {
  return argv
    .positional('scenario', { type: 'string', array: true, describe: 'scenario files [default: every shipped one]' })
    .options({
      ...executorOption,
      ...seedOption,
      param: {
        type: 'string',
        array: true,
        nargs: 1,
        describe: "value of a scenario's parameter, as name=value; may be repeated",
        requiresArg: true,
      },
      data: { type: 'string', describe: 'data for scenarios whose flow is `trade` [default: the embedded sample]', requiresArg: true },
      token: { type: 'string', describe: 'run exactly what printed this replay token, and nothing else', requiresArg: true },
      ...outputOptions,
    })
    .example('$0 drill scenarios/case-a-spot-filled-perp-refused.yaml', 'one scenario')
    .example('$0 drill --executor naive', 'how the naive executor fares; each failure is printed beside its fault-free control')
    .epilogue(
      'Exits with 1 when an expectation is not met. A failing scenario counts only when the same executor passes it with the faults removed.',
    );
}

type DrillArguments = ArgumentsCamelCase<Awaited<ReturnType<typeof drillBuilder>['argv']>>;

export const drillCommand: CommandModule<object, DrillArguments> = {
  command: 'drill [scenario..]',
  describe: 'run scenario files and judge how the executor ends them',
  builder: drillBuilder,
  handler: async (args) => {
    if (args.token !== undefined) {
      const { replayToken } = await import('../../run/replay-command.js');
      const { token, executor, data, scenario: [file] = [] } = args;
      process.exitCode = await replayToken({ token, executor, file, data, observer: new TerminalObserver(args.quiet) });
      return;
    }
    const { runDrills } = await import('../../run/drill-command.js');
    const observer = new TerminalObserver(args.quiet);
    process.exitCode = await runDrills({ ...args, files: args.scenario ?? [], params: args.param ?? [], observer });
  },
};
