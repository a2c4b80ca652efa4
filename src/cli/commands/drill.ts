import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { realNow, terminalPaint, TerminalObserver } from '../terminal.js';
import { EXCHANGES } from '../../run/exchange-choice.js';
import { executorOption, outputOptions, paramOption, seedOption } from './common-options.js';

function drillBuilder(argv: Argv) {
  return argv
    .positional('scenario', { type: 'string', array: true, describe: 'scenarios by name, file or folder [default: every shipped one]' })
    .options({
      ...executorOption,
      ...seedOption,
      ...paramOption,
      exchange: {
        choices: EXCHANGES,
        conflicts: 'token',
        describe:
          'what the executor trades through: our own clients, real ccxt ones over emulated wires of Upbit and Binance, or those behind the guards of a live run [default: object]',
      },
      data: { type: 'string', describe: 'data for scenarios whose flow is `trade` [default: the embedded sample]', requiresArg: true },
      token: { type: 'string', describe: 'run exactly what printed this replay token, and nothing else', requiresArg: true },
      canary: {
        type: 'boolean',
        conflicts: ['token', 'junit'],
        describe: 'plant an oracle that always breaks in every run, and fail when a scenario does not report it',
      },
      junit: { type: 'string', describe: 'also write the result as JUnit XML to this file', requiresArg: true },
      ...outputOptions,
    })
    .example('$0 drill scenarios/case-a-spot-filled-perp-refused.yaml', 'one scenario')
    .example('$0 drill museum --junit drill.xml', 'a folder, with a file for CI')
    .example('$0 drill --executor naive', 'how the naive executor fares; each failure is printed beside its fault-free control')
    .example('$0 drill --exchange ccxt', 'the same scenarios through real ccxt clients, on virtual time')
    .example('$0 drill --canary', 'whether every scenario would report a broken promise')
    .epilogue(
      'A failing scenario leaves <out>/drill-<executor>-<id>/<scenario>/timeline.html and .txt: truth above, belief below. Exits with 1 when a promise is broken. A failing scenario counts only when the same executor passes it with the faults removed.',
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
      const { token, executor, scenario: [file] = [], param: params = [], data, out } = args;
      process.exitCode = await replayToken({ token, executor, file, params, data, out, observer: new TerminalObserver(args.quiet) });
      return;
    }
    const { runDrills } = await import('../../run/drill-command.js');
    const observer = new TerminalObserver(args.quiet);
    process.exitCode = await runDrills({
      ...args,
      files: args.scenario ?? [],
      params: args.param ?? [],
      observer,
      paint: terminalPaint(),
      stopwatch: realNow,
    });
  },
};
