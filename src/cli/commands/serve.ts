import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { EXIT } from '../../run/run-output.js';
import { TerminalObserver } from '../terminal.js';
import { outputOptions, paramOption, seedOption } from './common-options.js';

function serveBuilder(argv: Argv) {
  return argv
    .options({
      scenario: { type: 'string', describe: 'the scenario whose venues and faults are served, by name or file [default: none]', requiresArg: true },
      ...paramOption,
      data: {
        type: 'string',
        describe: 'premium table whose history goes by [default: the books of the scenario, else the embedded sample]',
        requiresArg: true,
      },
      history: {
        type: 'string',
        describe: 'how much of the data lies before the start, such as 12h, so that candles and funding have a past [default: none]',
        requiresArg: true,
      },
      speed: { type: 'number', default: 1, describe: 'how fast the history goes by; time, latency and limits stay real', requiresArg: true },
      host: { type: 'string', default: '127.0.0.1', describe: 'address to listen on', requiresArg: true },
      port: { type: 'number', default: 8081, describe: "Upbit's port; Binance has the next one; 0 takes any two", requiresArg: true },
      'i-know-this-is-not-loopback': { type: 'boolean', default: false, describe: 'allow an address that other machines can reach' },
      until: { type: 'string', describe: 'stop after this long, such as 90s or 1h30m [default: when stopped]', requiresArg: true },
      ...seedOption,
      ...outputOptions,
    })
    .example('$0 serve', 'both venues over the embedded sample; prints how to point a bot at them')
    .example('$0 serve --scenario lost-reply-after-fill', "the same with a scenario's faults")
    .epilogue('Exits with 0 when nothing that the tape shows was broken, with 1 when a promise was; a second signal exits at once.');
}

type ServeArguments = ReturnType<typeof serveBuilder> extends Argv<infer Given> ? Given : never;

async function serveVenues(args: ArgumentsCamelCase<ServeArguments>): Promise<void> {
  const { serve } = await import('../../run/serve-command.js');
  process.exitCode = await serve({
    ...args,
    params: args.param ?? [],
    allowsOthers: args.iKnowThisIsNotLoopback,
    observer: new TerminalObserver(args.quiet),
    stopped: stopAsked(),
  });
}

export const serveCommand: CommandModule<object, ServeArguments> = {
  command: 'serve',
  describe: "speak both venues' protocols on loopback ports, so that any bot can be failure-tested",
  builder: serveBuilder,
  handler: serveVenues,
};

/** Settles at the first signal; the second one exits at once. */
function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false;
    for (const [signal, code] of [
      ['SIGINT', EXIT.interrupted],
      ['SIGTERM', EXIT.terminated],
    ] as const) {
      process.removeAllListeners(signal);
      process.on(signal, () => {
        if (isAsked) process.exit(code);
        isAsked = true;
        resolve();
      });
    }
  });
}
