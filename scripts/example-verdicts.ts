/**
 * Writes examples/VERDICTS.md from what happened: `npx tsx scripts/example-verdicts.ts` (some minutes, in real time).
 *
 * Each client of `examples` that is no executor of ours makes its one entry against `hedgedrill serve` with a scenario; the server is then
 * stopped by SIGINT, and what it says on its last line is the verdict. `npx tsx scripts/example-verdicts.ts lost-reply` prints the rows whose
 * scenario holds that word and writes nothing.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { markdownRow } from '../src/core/markdown.js';

export const VERDICTS_DOCUMENT = new URL('../examples/VERDICTS.md', import.meta.url);
const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What a client's one run is about. */
export interface Errand {
  readonly id: string;
  readonly scenario: string;
  readonly what: string;
  readonly amountKrw: number;
  readonly leaves: boolean;
}

/** 0.05 BTC at the best ask of the calm books, to the won: the one amount of which Upbit hands nothing back. */
const EXACT_KRW = 6_500_250;
const ROUND_KRW = 6_500_000;

const entry = (scenario: string, what: string, amountKrw = EXACT_KRW): Errand => ({ id: scenario, scenario, what, amountKrw, leaves: false });

export const ERRANDS: readonly Errand[] = [
  { ...entry('flows/enter-parallel', 'no fault, an amount that fits to the won'), id: 'control' },
  { ...entry('flows/enter-parallel', 'no fault, a round amount: a crumb comes back, and the buy ends `cancel`', ROUND_KRW), id: 'round-amount' },
  { ...entry('flows/round-trip', 'no fault, in and out again: the sale is sized by the plan', EXACT_KRW), leaves: true },
  entry('case-a-spot-filled-perp-refused', 'the short is refused for margin'),
  entry('case-b-perp-filled-spot-dies', 'the buy ends with 40 % filled'),
  entry('lost-reply-after-fill-perp', 'the short is filled and answered 503 "status unknown"'),
  entry('bugs/empty-answer', 'the buy is filled and answered 200 with nothing in it'),
  entry('families/r9-server-error-processed', 'both orders fill and are answered 500 and 408'),
  entry('families/r4-rate-limited', 'both first orders are answered 429'),
  entry('families/v3-slow-pieces', 'the buy fills in five pieces over four seconds'),
];

export interface ForeignClient {
  readonly id: string;
  readonly folder: string;
  readonly command: readonly [program: string, ...args: string[]];
}

export const CLIENTS: readonly ForeignClient[] = [
  { id: 'Python, standard library', folder: 'python-spec', command: ['python3', '-B', 'examples/python-spec/enter.py'] },
  { id: 'JavaScript, ccxt', folder: 'ccxt-js', command: [process.execPath, 'examples/ccxt-js/enter.mjs'] },
];

/** What the server says when it ends, as far as it is read here. */
export interface ForeignVerdict {
  readonly verdict: 'held' | 'broken';
  readonly broken: readonly string[];
  readonly flows: readonly { readonly kind: string; readonly outcome: string }[];
  readonly faults: readonly { readonly fault: string; readonly fired: number }[];
  readonly unlisted: readonly string[];
  readonly final: { readonly residualBtc: string; readonly openOrders: number };
  /** The client's own last word. */
  readonly said: string;
}

/** No server outlives a runner that was killed. */
const UNTIL = '3m';

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Runs one client on one errand; `watchMs` is how long the server goes on after it. @throws Error when either of them cannot be run. */
export async function verdictOf({ command: [program, ...args] }: ForeignClient, errand: Errand, watchMs = 0): Promise<ForeignVerdict> {
  const out = mkdtempSync(join(tmpdir(), 'hedgedrill-foreign-'));
  const serve = ['serve', '--scenario', errand.scenario, '--port', '0', '--json', '--until', UNTIL, '--out', out];
  const server = started(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...serve]);
  try {
    const lines = createInterface({ input: server.stdout });
    const told: string[] = [];
    const isOpen = new Promise<void>((resolve) => lines.on('line', (line) => void (told.push(line), resolve())));
    const ended = ending(server);
    await Promise.race([isOpen, ended.then(({ errors }) => Promise.reject(new Error(`the server did not start: ${errors}`)))]);
    const { upbit, binance } = JSON.parse(told[0] ?? '') as { upbit: string; binance: string };
    const errandArgs = ['--upbit', upbit, '--binance', binance, '--amount', String(errand.amountKrw), ...(errand.leaves ? ['--exit'] : [])];
    const said = await lastWord(started(program, [...args, ...errandArgs]));
    await new Promise((resolve) => setTimeout(resolve, watchMs));
    server.kill('SIGINT');
    const { code, errors } = await ended;
    if (code !== 0 && code !== 1) throw new Error(`the server ended with ${code}: ${errors}`);
    return { ...(JSON.parse(told.at(-1) ?? '') as Omit<ForeignVerdict, 'said'>), said };
  } finally {
    server.kill('SIGKILL');
    rmSync(out, { recursive: true, force: true });
  }
}

const started = (program: string, args: readonly string[]): Child => spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });

function ending(child: Child): Promise<{ readonly code: number | null; readonly errors: string }> {
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, errors }));
  });
}

async function lastWord(client: Child): Promise<string> {
  let text = '';
  client.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const { code, errors } = await ending(client);
  if ((code !== 0 && code !== 1) || errors !== '') throw new Error(`the client ended with ${code}: ${errors}`);
  return text.trimEnd().split('\n').at(-1) ?? '';
}

/** What a cell of the document says: in words that no timing changes. */
export function cellOf({ flows, broken, final }: ForeignVerdict): string {
  const outcomes = flows.map(({ kind, outcome }) => `${kind}: ${outcome}`).join(', ') || 'no flow';
  return `${outcomes}; ${broken.length === 0 ? 'nothing broken' : `broke ${broken.join(', ')}`}; residual ${final.residualBtc} BTC`;
}

/** An exposure may stand for 30 s (I3); what is still naked after that was left behind. */
const WATCH_MS = 32_000;
/** Servers at once: nearly all of a run is waiting. */
const AT_ONCE = 3;

export const headOf = ({ scenario, what }: Errand): readonly string[] => [`[${scenario}](../scenarios/${scenario}.yaml)`, what];

async function cells(errands: readonly Errand[]): Promise<readonly (readonly string[])[]> {
  const runs = errands.flatMap((errand) => CLIENTS.map((client) => ({ errand, client })));
  const results = new Map<(typeof runs)[number], string>();
  const waiting = [...runs];
  const work = async (): Promise<void> => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      const verdict = await verdictOf(run.client, run.errand, WATCH_MS);
      results.set(run, cellOf(verdict));
      process.stderr.write(`${run.client.folder} ${run.errand.id}: ${cellOf(verdict)}\n  said: ${verdict.said}\n`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return errands.map((errand) => runs.filter((run) => run.errand === errand).map((run) => results.get(run) ?? ''));
}

async function document(): Promise<string> {
  const rows = (await cells(ERRANDS)).map((row, index) => markdownRow([...headOf(ERRANDS[index] as Errand), ...row]));
  const head = ['scenario', 'what happens', ...CLIENTS.map(({ id, folder }) => `[${id}](${folder}/README.md)`)];
  const text = `# What the specification's executor does when it is drilled

Generated from what ran by \`npx tsx scripts/example-verdicts.ts\`; do not edit. Both clients are the order-execution specification of 2025-12-11
to the letter, written for REST by hand and for ccxt; each made one entry of 0.05 BTC against \`hedgedrill serve --scenario ...\`, in real time. The server
went on for ${WATCH_MS / 1_000} s, since a delta may stand for 30 s (I3), and was stopped by SIGINT; the cell is its verdict: how each flow ended in truth, the
invariants that broke ([docs/oracle.md](../docs/oracle.md)), and the delta that was left. What a client itself believed is no part of it.

A client does not say that it rolls back. Where its rollback takes off one leg of a hedge that stands, the server sees an exit, and the exit ends naked.

${[markdownRow(head), markdownRow(head.map(() => '---')), ...rows].join('\n')}
`;
  return format(text, { parser: 'markdown', printWidth: 150 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [word] = process.argv.slice(2);
  if (word === undefined) writeFileSync(VERDICTS_DOCUMENT, await document());
  else await cells(ERRANDS.filter(({ id }) => id.includes(word)));
}
