import type { Argv, CommandModule } from 'yargs';
import { TerminalObserver } from '../terminal.js';
import { outputOptions } from './common-options.js';

/** Candle lengths that both venues have. */
const TIMEFRAMES = ['1m', '5m', '15m', '1h', '4h', '1d'] as const;

const fetchBuilder = (argv: Argv) =>
  argv
    .options({
      from: { type: 'string', demandOption: true, describe: 'first day (UTC) or instant with its zone', requiresArg: true },
      to: { type: 'string', demandOption: true, describe: 'the first day or instant that is not fetched any more', requiresArg: true },
      timeframe: { choices: TIMEFRAMES, default: '1m' as const, describe: 'length of the candles' },
      fx: {
        type: 'string',
        default: 'frankfurter',
        describe: "USD/KRW: frankfurter (the European Central Bank's daily rates), or fixed:RATE for tests",
        requiresArg: true,
      },
      'upbit-url': { type: 'string', describe: "another server than Upbit's, such as that of `hedgedrill serve`", requiresArg: true },
      'binance-url': { type: 'string', describe: "another server than Binance USD-M's", requiresArg: true },
      'fx-url': { type: 'string', describe: 'another server than https://api.frankfurter.dev', requiresArg: true },
      ...outputOptions,
      out: { type: 'string', demandOption: true, describe: 'folder that gets the files', requiresArg: true },
    })
    .example('$0 data fetch --from 2025-09-01 --to 2025-10-01 --out history', 'a month of minutes: some minutes of fetching')
    .epilogue(
      'Gaps stay gaps. Interrupt it when you like: finished pages are kept, and the same command goes on and writes the same bytes. Public data, no keys; limits of the venues are kept to and Retry-After is honoured. See docs/data.md.',
    );

export const dataCommand: CommandModule = {
  command: 'data <command>',
  describe: 'fetch, import and look at history files; regenerate the embedded sample',
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
      .command(
        'fetch',
        'fetch candles of both legs, funding, KRW-USDT and USD/KRW of a period, and build the premium table',
        fetchBuilder,
        async (args) => {
          const { fetchData } = await import('../../run/data-commands.js');
          process.exitCode = await fetchData({ ...args, observer: new TerminalObserver(args.quiet) });
        },
      )
      .command(
        'import <csv..>',
        'read CSV files of your own, as a map says, into a history file',
        (imported) =>
          imported
            .positional('csv', { type: 'string', array: true, demandOption: true, describe: 'parts of one series, oldest first (.csv or .csv.gz)' })
            .options({
              map: {
                type: 'string',
                demandOption: true,
                describe: 'YAML: which series, column names, form and zone of the times',
                requiresArg: true,
              },
              ...outputOptions,
              out: { type: 'string', demandOption: true, describe: 'folder that gets the file', requiresArg: true },
            })
            .example('$0 data import --map upbit.yaml --out history upbit-2024.csv upbit-2025.csv', 'two files of one series'),
        async (args) => {
          const { importData } = await import('../../run/data-commands.js');
          process.exitCode = await importData({ ...args, observer: new TerminalObserver(args.quiet) });
        },
      )
      .demandCommand(1, 'name what to do: check, fetch, import or sample')
      .strict(),
  handler: () => undefined,
};
