import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Mutant } from './catalogue.js';
import { resultKey, type Sandboxes } from './sandbox.js';
import type { AttackLevel, AttackOrder, AttackResult, Break, CheckResult } from './verdict.js';

/** Real seconds after which an attack counts as hanging: only a loop that no clock sees lasts so long, however busy the machine is. */
const HANGS_AFTER = 1_800;

export interface Outcome extends AttackResult {
  readonly key: string;
  readonly id: string;
  /** The processor time it was given. */
  readonly limit: number;
  /** The attack itself did not come to an end: why. */
  readonly lost: string | undefined;
}

export interface HuntOptions {
  readonly sandboxes: Sandboxes;
  readonly mutants: readonly Mutant[];
  readonly jobs: number;
  /** Processor time for each mutant. */
  readonly seconds: number;
  readonly levels: readonly AttackLevel[];
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
    const { mutants, jobs, file, onOutcome, sandboxes, seconds, levels } = this.#options;
    mkdirSync(dirname(file), { recursive: true });
    const known = readOutcomes(file);
    const outcomes = new Map<string, Outcome>();
    const queue = [...mutants];
    const work = async (): Promise<void> => {
      for (let mutant = queue.shift(); mutant !== undefined && !this.#isStopped; mutant = queue.shift()) {
        const key = resultKey(sandboxes.treeHash, mutant, levels);
        const old = stillHolds(known.get(key), seconds);
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
    const { sandboxes, seconds, levels } = this.#options;
    const folder = sandboxes.of(mutant);
    try {
      const answer = await this.#ask<AttackResult>(folder, { do: 'attack', group: mutant.group, seconds, levels });
      const none = { kill: undefined, runs: 0, seconds: 0, stoppedIn: undefined };
      const result = 'lost' in answer ? { ...none, lost: answer.lost } : { ...answer, lost: undefined };
      return { key, id: mutant.id, limit: seconds, ...result };
    } finally {
      sandboxes.discard(folder);
    }
  }

  /** Kills whose run breaks a promise on the unchanged program as well: those are none. By the mutant's id. */
  async unsound(outcomes: readonly Outcome[]): Promise<ReadonlyMap<string, Break>> {
    const kills = outcomes.flatMap(({ id, kill }) => (kill === undefined ? [] : [{ id, target: kill.target }]));
    if (kills.length === 0) return new Map();
    const { sandboxes } = this.#options;
    const order: AttackOrder = { do: 'check', targets: kills.map(({ target }) => target) };
    const answer = await this.#ask<CheckResult>(sandboxes.base, order);
    if ('lost' in answer) throw new Error(`the unchanged program could not be checked: ${answer.lost}`);
    return new Map(
      kills.flatMap(({ id }, index) => {
        const broken = answer.broken[index];
        return broken === undefined || broken === null ? [] : [[id, broken] as const];
      }),
    );
  }

  #ask<T>(folder: string, order: AttackOrder): Promise<T | { readonly lost: string }> {
    const child = spawn(process.execPath, [join(folder, 'scripts', 'mutant-attack.js'), JSON.stringify(order)], { cwd: folder });
    this.#children.add(child);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    return new Promise((resolve) => {
      let hangs = false;
      const timer = setTimeout(() => {
        hangs = true;
        child.kill('SIGKILL');
      }, HANGS_AFTER * 1_000);
      const lost = (why: string): void => resolve({ lost: why });
      child.on('error', (error) => lost(error.message));
      child.on('close', (code) => {
        clearTimeout(timer);
        this.#children.delete(child);
        if (hangs) lost(`one run hangs: no end within ${HANGS_AFTER} s`);
        else if (code !== 0 || out === '') lost(`the attacker ended with ${code ?? 'a signal'}: ${err.trim().split('\n').slice(-3).join(' ')}`);
        else resolve(JSON.parse(out) as T);
      });
    });
  }
}

/** The attack is the same each time: a kill holds for every limit it is within, a survival up to the limit it was given. */
function stillHolds(outcome: Outcome | undefined, seconds: number): Outcome | undefined {
  if (outcome === undefined) return undefined;
  const holds = outcome.kill === undefined ? outcome.stoppedIn === undefined || outcome.limit >= seconds : outcome.seconds <= seconds;
  return holds ? outcome : undefined;
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
