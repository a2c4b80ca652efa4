import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Mutant } from './catalogue.js';
import { resultKey, type Sandboxes } from './sandbox.js';
import type { AttackOrder, AttackResult, Break } from './verdict.js';

/** A process that still runs after so many times its share hangs: a machine this busy is none to measure on. */
const PATIENCE = 6;

export interface Outcome extends AttackResult {
  readonly key: string;
  readonly id: string;
  /** What the killing run broke on the unchanged program, too: then it is no kill. */
  readonly unsound: Break | undefined;
  /** The attack itself did not come to an end: why. */
  readonly lost: string | undefined;
}

export interface HuntOptions {
  readonly sandboxes: Sandboxes;
  readonly mutants: readonly Mutant[];
  readonly jobs: number;
  /** Processor time for each mutant. */
  readonly seconds: number;
  /** Finished results are kept here, one a line, and taken over by the next start. */
  readonly file: string;
  readonly onOutcome: (mutant: Mutant, outcome: Outcome, isOld: boolean) => void;
}

/** Attacks mutants side by side, each in a copy and a process of its own. */
export class Hunt {
  readonly #options: HuntOptions;
  readonly #children = new Set<ChildProcess>();
  #isStopped = false;

  constructor(options: HuntOptions) {
    this.#options = options;
  }

  async run(): Promise<readonly Outcome[]> {
    const { mutants, jobs, file, onOutcome, sandboxes, seconds } = this.#options;
    mkdirSync(dirname(file), { recursive: true });
    const known = readOutcomes(file);
    const outcomes = new Map<string, Outcome>();
    const queue = [...mutants];
    const work = async (): Promise<void> => {
      for (let mutant = queue.shift(); mutant !== undefined && !this.#isStopped; mutant = queue.shift()) {
        const key = resultKey(sandboxes.treeHash, mutant, seconds);
        const old = known.get(key);
        const outcome = old ?? (await this.#attack(mutant, key));
        if (this.#isStopped) return;
        if (old === undefined) appendFileSync(file, `${JSON.stringify(outcome)}\n`);
        outcomes.set(mutant.id, outcome);
        onOutcome(mutant, outcome, old !== undefined);
      }
    };
    await Promise.all(Array.from({ length: jobs }, work));
    return mutants.flatMap(({ id }) => outcomes.get(id) ?? []);
  }

  /** Ends every process that was begun. */
  stop(): void {
    this.#isStopped = true;
    for (const child of this.#children) child.kill('SIGKILL');
  }

  async #attack(mutant: Mutant, key: string): Promise<Outcome> {
    const { sandboxes, seconds } = this.#options;
    const folder = sandboxes.of(mutant);
    try {
      const answer = await this.#ask<AttackResult>(folder, { do: 'attack', group: mutant.group, seconds });
      const none = { kill: undefined, runs: 0, seconds: 0, stoppedIn: undefined };
      if ('lost' in answer) return { key, id: mutant.id, ...none, unsound: undefined, lost: answer.lost };
      const unsound = answer.kill === undefined ? undefined : await this.#check(answer.kill.target);
      return { key, id: mutant.id, ...answer, unsound, lost: undefined };
    } finally {
      sandboxes.discard(folder);
    }
  }

  /** The same run on the unchanged program must keep every promise. */
  async #check(target: Extract<AttackOrder, { do: 'check' }>['target']): Promise<Break | undefined> {
    const answer = await this.#ask<{ readonly broken?: Break }>(this.#options.sandboxes.base, { do: 'check', target });
    return 'lost' in answer ? { promise: 'check', expected: 'the unchanged program makes the run', found: answer.lost } : answer.broken;
  }

  #ask<T>(folder: string, order: AttackOrder): Promise<T | { readonly lost: string }> {
    const child = spawn(process.execPath, [join(folder, 'scripts', 'mutant-attack.js'), JSON.stringify(order)], { cwd: folder });
    this.#children.add(child);
    const limitMs = this.#options.seconds * PATIENCE * 1_000;
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    return new Promise((resolve) => {
      let hangs = false;
      const timer = setTimeout(() => {
        hangs = true;
        child.kill('SIGKILL');
      }, limitMs);
      const lost = (why: string): void => resolve({ lost: why });
      child.on('error', (error) => lost(error.message));
      child.on('close', (code) => {
        clearTimeout(timer);
        this.#children.delete(child);
        if (hangs) lost(`one run hangs: no end within ${limitMs / 1_000} s`);
        else if (code !== 0 || out === '') lost(`the attacker ended with ${code ?? 'a signal'}: ${err.trim().split('\n').slice(-3).join(' ')}`);
        else resolve(JSON.parse(out) as T);
      });
    });
  }
}

/** By key; a last line that was cut off is a mutant to be attacked again. */
function readOutcomes(file: string): ReadonlyMap<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  if (!existsSync(file)) return outcomes;
  const whole = readFileSync(file, 'utf8');
  // What a crash cut off must not be continued by the next line.
  if (whole !== '' && !whole.endsWith('\n')) writeFileSync(file, whole.slice(0, whole.lastIndexOf('\n') + 1));
  for (const line of whole.split('\n').slice(0, -1)) {
    const outcome = JSON.parse(line) as Outcome;
    // An attack that never came to an end is made again.
    if (outcome.lost === undefined) outcomes.set(outcome.key, outcome);
  }
  return outcomes;
}
