import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { InputError } from '../core/input-error.js';

const entrySchema = z.strictObject({
  commit: z.string(),
  executor: z.string(),
  executorHash: z.string(),
  /** Of all swarm worlds together. */
  flowsHash: z.string(),
  seeds: z.strictObject({ from: z.int(), to: z.int() }),
  runs: z.int(),
  flows: z.int(),
  virtualHours: z.number(),
  distinctBehaviours: z.int(),
  violations: z.int(),
  /** What a run broke first, with the command that repeats it. */
  broken: z.array(z.strictObject({ bucket: z.string(), seed: z.int(), token: z.string() })),
  /** Wall time, for people: nothing is compared with it. */
  startedAt: z.string(),
  endedAt: z.string(),
  seconds: z.number(),
  threads: z.int(),
});
export type SwarmEntry = z.infer<typeof entrySchema>;

const tallySchema = z.strictObject({ what: z.literal('swarm'), entries: z.array(entrySchema) });

/** What of the swarm was run, ever: kept in the repository, so that no seed is run twice and the sum can be quoted. */
export class SwarmTally {
  readonly #file: string;
  readonly #entries: SwarmEntry[];

  /** @throws InputError when the file is no tally. */
  constructor(file: string) {
    this.#file = file;
    this.#entries = readEntries(file);
  }

  get entries(): readonly SwarmEntry[] {
    return this.#entries;
  }

  get flows(): number {
    return this.#entries.reduce((sum, { flows }) => sum + flows, 0);
  }

  get violations(): number {
    return this.#entries.reduce((sum, { violations }) => sum + violations, 0);
  }

  /** The first seed that nobody has run yet. */
  get nextSeed(): number {
    return this.#entries.reduce((next, { seeds }) => Math.max(next, seeds.to + 1), 1);
  }

  /** Replaces the entry that begins with the same seed, or adds it; the file is whole at every moment. */
  put(entry: SwarmEntry): void {
    const index = this.#entries.findIndex(({ seeds }) => seeds.from === entry.seeds.from);
    if (index === -1) this.#entries.push(entry);
    else this.#entries[index] = entry;
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.part`, `${JSON.stringify({ what: 'swarm', entries: this.#entries }, undefined, 2)}\n`);
    renameSync(`${this.#file}.part`, this.#file);
  }
}

function readEntries(file: string): SwarmEntry[] {
  if (!existsSync(file)) return [];
  try {
    return tallySchema.parse(JSON.parse(readFileSync(file, 'utf8'))).entries;
  } catch (error) {
    throw new InputError(
      `not a tally of the swarm: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`,
      { file },
      'take it from the repository again',
    );
  }
}
