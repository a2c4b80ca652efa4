import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { TerminalObserver } from '../terminal.js';
import { executorOption, outputOptions, seedOption } from './common-options.js';

const backtestOptions = {
  config: { type: 'string', alias: 'c', describe: 'hedge.yaml with strategy, venues, policy and limits', requiresArg: true },
  data: {
    type: 'string',
    alias: 'd',
    describe: 'aligned premium file (.csv or .csv.gz) [default: the config, else the embedded synthetic sample]',
    requiresArg: true,
  },
  upbit: { type: 'string', describe: 'Upbit BTC/KRW candles (open, high, low, close, volume)', requiresArg: true },
  perp: { type: 'string', describe: 'candles of the foreign leg', requiresArg: true },
  funding: { type: 'string', describe: 'funding rates, one row a settlement', requiresArg: true },
  fx: { type: 'string', describe: 'USD/KRW rates', requiresArg: true },
  'upbit-book': {
    type: 'string',
    describe:
      'recorded Upbit books, used where they cover the time: .jsonl or .jsonl.gz, a line {"timestamp": ms, "bids": [[price, BTC]], "asks": ...}',
    requiresArg: true,
  },
  'perp-book': { type: 'string', describe: 'recorded books of the perpetual, in the same form', requiresArg: true },
  companions: { type: 'boolean', default: true, describe: 'use known companion files that lie beside the data (--no-companions: closes only)' },
  from: { type: 'string', describe: 'first instant, e.g. 2025-09-01 or 2025-09-01T09:00+09:00', requiresArg: true },
  to: { type: 'string', describe: 'last instant', requiresArg: true },
  scenario: {
    type: 'string',
    alias: 's',
    describe: 'scenario file whose faults and latencies are injected [default: nothing is injected]',
    requiresArg: true,
  },
  stress: {
    type: 'string',
    describe: 'how bad a time it is at both venues: none, calm, rough or crash (docs/stress.md) [default: the config, else the scenario, else none]',
    requiresArg: true,
  },
  strategy: { type: 'string', describe: 'a .ts/.js file that default-exports a StrategyFactory [default: z-score]', requiresArg: true },
  sensitivity: { type: 'boolean', default: true, describe: 'also run at half and double depth for the figures that depend on it' },
  cache: { type: 'string', describe: 'folder of the column cache [default: $XDG_CACHE_HOME/hedgedrill]', requiresArg: true },
  ...executorOption,
  ...seedOption,
  ...outputOptions,
} as const;

/** Every option there is, for suggesting the one that was meant. */
export const optionNames: readonly string[] = Object.keys(backtestOptions);

function backtestBuilder(argv: Argv) {
  return argv
    .options(backtestOptions)
    .example('$0 backtest', 'the embedded sample, no faults')
    .example('$0 backtest --data premium-1m.csv.gz --seed 7', 'real data')
    .example('$0 backtest --stress crash', 'the same in a crash of both venues')
    .example('$0 backtest --scenario scenarios/crash-day-mix.yaml', 'the same under failures')
    .epilogue(
      'Writes reports/<run-id>/ with report.html, report.md, report.json, orders.csv, fills.csv, rollbacks.csv, tape.jsonl, journal.jsonl and config.resolved.yaml. Zero trades is exit code 0 with the reason.',
    );
}

type BacktestArguments = ReturnType<typeof backtestBuilder> extends Argv<infer Given> ? Given : never;

async function backtest(args: ArgumentsCamelCase<BacktestArguments>, mode: string): Promise<void> {
  const { runBacktest } = await import('../../run/backtest.js');
  const observer = new TerminalObserver(args.quiet);
  process.exitCode = await runBacktest({ ...args, mode, useCompanions: args.companions, observer });
}

export const backtestCommand: CommandModule<object, BacktestArguments> = {
  command: 'backtest',
  describe: 'run strategy and executor over history, with or without failures, and write a report',
  builder: backtestBuilder,
  handler: (args) => backtest(args, 'backtest'),
};

export const runCommand: CommandModule<object, BacktestArguments & { mode: string }> = {
  command: 'run',
  describe: 'the same from a config: `run --config hedge.yaml --mode backtest`',
  builder: (argv: Argv) =>
    backtestBuilder(argv).option('mode', {
      choices: ['backtest', 'paper', 'shadow', 'live'] as const,
      demandOption: true,
      describe: 'what is plugged into the ports; this build has backtest',
    }),
  handler: (args) => backtest(args, args.mode),
};
