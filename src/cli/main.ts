#!/usr/bin/env node
import { hideBin } from 'yargs/helpers';
import yargs from 'yargs/yargs';
import { InputError } from '../core/input-error.js';
import { suggest } from '../core/suggest.js';
import { EXIT, RefusedError } from '../run/run-output.js';
import { backtestCommand, optionNames, runCommand } from './commands/backtest.js';
import { dataCommand } from './commands/data.js';
import { drillCommand } from './commands/drill.js';
import { exploreCommand } from './commands/explore.js';
import { nightlyCommand } from './commands/nightly.js';
import { scenarioCommand } from './commands/scenario.js';
import { serveCommand } from './commands/serve.js';
import { startCommand } from './commands/start.js';
import { stressCommand } from './commands/stress.js';
import { packageVersion } from '../run/package-version.js';

const GUIDE = `Rehearses the orders of a two-legged kimchi-premium hedge (Upbit KRW spot long, Binance USD-M short)
before they cost money: backtests with injected failures, drills of the rollback, and reports of what fills and rollbacks cost.

Exit codes: 0 ok, 1 a promise was broken, 2 bad input, 3 refused by a rail, 70 a bug of ours, 130/143 interrupted.`;

/** Options and positionals that may be given more than once. */
const LISTS = new Set(['csv', 'flow', 'param', 'preset', 'scenario', 'file']);

async function main(): Promise<void> {
  // What a user's own code prints must not end up inside our JSON.
  if (process.argv.includes('--json')) for (const method of ['log', 'info', 'debug'] as const) console[method] = console.error;
  for (const [signal, code] of [
    ['SIGINT', EXIT.interrupted],
    ['SIGTERM', EXIT.terminated],
  ] as const) {
    process.once(signal, () => {
      process.stderr.write(`\n${signal}: stopped; nothing half-written is left behind\n`);
      process.exit(code);
    });
  }
  const parser = yargs(hideBin(process.argv))
    .scriptName('hedgedrill')
    .usage(`$0 <command>\n\n${GUIDE}`)
    .command(startCommand)
    .command(backtestCommand)
    .command(runCommand)
    .command(drillCommand)
    .command(exploreCommand)
    .command(nightlyCommand)
    .command(serveCommand)
    .command(dataCommand)
    .command(scenarioCommand)
    .command(stressCommand)
    .demandCommand(1, 'name a command; `hedgedrill start` shows everything in half a minute')
    .recommendCommands()
    .check(rejectRepeats)
    .strict()
    .wrap(Math.min(120, process.stdout.columns ?? 100))
    .locale('en')
    .version(packageVersion())
    .alias('help', 'h')
    .fail((message: string | null, error: Error | undefined) => {
      // yargs throws its own kind of error for some mistakes on the command line, such as an option without a value.
      throw error === undefined || error.name === 'YError' ? misunderstood(message ?? error?.message ?? 'not understood') : error;
    });
  await parser.parseAsync();
}

/** yargs makes a list of an option that is given twice, and a seed of `1,2` is nobody's intent. */
function rejectRepeats(args: Readonly<Record<string, unknown>>): true {
  for (const [name, value] of Object.entries(args)) {
    if (!Array.isArray(value) || name === '_' || LISTS.has(name)) continue;
    throw new InputError(`--${name} is given ${value.length} times`, {}, 'give it once');
  }
  return true;
}

/** What yargs could not read, with the option or command that was probably meant. */
function misunderstood(message: string): InputError {
  const words = hideBin(process.argv).filter((word) => !word.startsWith('-'));
  const command = words.slice(0, words[0] === 'data' || words[0] === 'scenario' ? 2 : 1);
  const unknown = /^Unknown arguments?: ([\w-]+)/.exec(message)?.[1];
  // An option of another command is spelt right: there is nothing better to suggest.
  const meant = unknown === undefined || optionNames.includes(unknown) ? undefined : suggest(unknown, optionNames);
  const help = `see \`hedgedrill${message.startsWith('Did you mean') ? '' : command.map((word) => ` ${word}`).join('')} --help\``;
  return new InputError(message, {}, meant === undefined ? help : `did you mean --${meant}? ${help}`);
}

/** Errors are for people: a user's mistake is one message without a stack. */
function report(error: unknown): number {
  if (error instanceof InputError) {
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT.badInput;
  }
  if (error instanceof RefusedError) {
    process.stderr.write(`refused: ${error.message}\n`);
    return EXIT.refused;
  }
  const system = systemProblem(error);
  if (system !== undefined) {
    process.stderr.write(`error: ${system}\n`);
    return EXIT.badInput;
  }
  process.stderr.write(
    `This is a bug of hedgedrill, not of yours; please report it with the command and this text.\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.internal;
}

/** A full disk or a missing permission is neither our bug nor a typo. */
function systemProblem(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error || 'syscall' in error)) return undefined;
  const { code, path } = error as Error & { code: string; path?: string };
  const words: Record<string, string> = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EFBIG: 'the file is larger than it may be',
    EACCES: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOENT: 'no such file or folder',
    EISDIR: 'this is a folder, a file was expected',
    ENOTDIR: 'a part of this path is not a folder',
    EMFILE: 'too many open files',
    EPIPE: 'the reader of our output went away',
  };
  const problem = words[code];
  return problem === undefined ? undefined : `${path === undefined ? '' : `${path}: `}${problem}`;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `hedgedrill ... | head` closes the pipe early: nothing is wrong.
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  process.exit(report(error));
});

try {
  await main();
} catch (error) {
  process.exitCode = report(error);
}
