import { assert } from '../core/assert.js';
import type { RandomStreams } from '../core/random.js';
import { addMs, durationMs, type DurationMs } from '../core/units.js';
import type { Executor, ExecutorFactory, ExecutorPorts, Notifier } from '../executor/ports.js';
import type { JournalEvent } from '../journal/journal-event.js';
import { MemoryJournal } from '../journal/memory-journal.js';
import type { SimulatedClient } from '../sim/simulated-client.js';
import type { Simulation } from '../sim/simulation.js';
import type { VirtualClock } from '../sim/virtual-clock.js';
import { SeededIds } from './id-source.js';
import { requireMethods } from './require-methods.js';

/** What became of a call when the process died in it. */
export const CRASHED = Symbol('the process died during this call');

export interface ExecutorHostOptions {
  readonly clock: VirtualClock;
  readonly simulation: Simulation;
  readonly factory: ExecutorFactory;
  readonly policy: Readonly<Record<string, unknown>>;
  readonly seeds: RandomStreams;
  readonly notifier: Notifier;
  readonly onJournal?: ((event: JournalEvent) => void) | undefined;
  readonly onDurable?: ((event: JournalEvent) => void) | undefined;
}

/**
 * The process that an executor lives in, simulated: it gives the executor its ports, lets it die at any await (its
 * calls never settle and its memory is gone) and starts a new life over the same journal.
 */
export class ExecutorHost {
  readonly #options: ExecutorHostOptions;
  readonly #ids: SeededIds;
  readonly #appends = new WeakMap<JournalEvent, ReturnType<Simulation['stepPlace']>>();
  #journal: MemoryJournal;
  #incarnation = -1;
  #executor: Executor | undefined;
  #clients: readonly SimulatedClient[] = [];
  #capabilities: readonly string[] = [];
  #died: Signal = new Signal();
  /** Raised once a life has recovered; a life that dies before that leaves whoever waits to the next one. */
  #alive: Signal = new Signal();
  #isGone = false;

  constructor(options: ExecutorHostOptions) {
    this.#options = options;
    this.#ids = new SeededIds(options.seeds);
    this.#journal = new MemoryJournal({
      onAppend: (event) => {
        options.onJournal?.(event);
        this.#journalStep(event, 'before');
      },
      onDurable: (event) => {
        options.onDurable?.(event);
        this.#journalStep(event, 'after');
      },
    });
  }

  /** Belief as it stands on the simulated disk, over all lives. */
  get journal(): MemoryJournal {
    return this.#journal;
  }

  /** An append is a step of the process: before it is durable, and after it is and nobody knows yet. */
  #journalStep(event: JournalEvent, moment: 'before' | 'after'): void {
    const { simulation } = this.#options;
    const leg = 'leg' in event ? event.leg : undefined;
    const name = `journal.append(${leg === undefined ? event.type : `${event.type},${leg}`})`;
    const place = this.#appends.get(event) ?? simulation.stepPlace(name, this.#incarnation);
    this.#appends.set(event, place);
    simulation.step({ name: `${name}.${moment}`, point: `${place.point}.${moment}`, flow: place.flow, incarnation: this.#incarnation, leg });
  }

  /** The executor of the present life. */
  get executor(): Executor {
    assert(this.#executor !== undefined, 'the process runs');
    return this.#executor;
  }

  get isAlive(): boolean {
    return this.#executor !== undefined;
  }

  /** What the executor of the latest life declares, whether it still lives or not. */
  get capabilities(): readonly string[] {
    return this.#capabilities;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  /** Begins the first life, or the next one after a crash: the executor recovers before anything else. */
  async start(): Promise<void> {
    const { simulation, clock, factory, policy, notifier } = this.#options;
    this.#incarnation += 1;
    const incarnation = this.#incarnation;
    const connect = (venue: 'upbit' | 'binance'): SimulatedClient =>
      simulation.connect(venue, { enableRateLimit: factory.enableRateLimit ?? false, incarnation });
    const upbit = connect('upbit');
    const binance = connect('binance');
    this.#clients = [upbit, binance];
    this.#died = new Signal();
    const ports: ExecutorPorts = {
      upbit,
      binance,
      clock,
      journal: this.#journal,
      notifier,
      ids: this.#ids,
      lease: { held: () => this.#incarnation === incarnation && this.#executor !== undefined },
    };
    const executor = factory(ports, policy);
    requireMethods('executor', executor, ['start', 'enter', 'exit', 'positions', 'stop']);
    this.#executor = executor;
    this.#capabilities = executor.capabilities ?? [];
    await Promise.race([executor.start(), this.#died.raised]);
    if (this.#incarnation === incarnation && this.isAlive) this.#alive.raise();
  }

  /** Waits for a life that has recovered; at once when the process is gone for good. */
  async up(): Promise<void> {
    while (!this.#isGone && !this.#alive.isRaised) await this.#alive.raised;
  }

  /**
   * Runs one call of the executor; when the process dies meanwhile, waits for the next life's recovery.
   *
   * @returns what the call gave, or `CRASHED` once the new life is up (never, when there is none).
   */
  async call<T>(act: (executor: Executor) => Promise<T>): Promise<T | typeof CRASHED> {
    const died = this.#died;
    const result = await Promise.race([act(this.executor).then((value) => ({ value })), died.raised]);
    if (result !== undefined) return result.value;
    await this.#alive.raised;
    return CRASHED;
  }

  /** The process dies now; a new life begins after `restartAfter`. */
  crash(unsynced: 'lost' | 'kept', restartAfter: DurationMs | 'never'): void {
    if (this.#executor === undefined) return;
    for (const client of this.#clients) client.kill();
    this.#journal.crash(unsynced);
    this.#journal = this.#journal.reopen();
    this.#executor = undefined;
    if (this.#alive.isRaised) this.#alive = new Signal();
    this.#isGone = restartAfter === 'never';
    this.#options.simulation.processEvent('crash', this.#incarnation);
    this.#died.raise();
    if (restartAfter === 'never') return;
    const { clock, simulation } = this.#options;
    clock.schedule(addMs(clock.now(), restartAfter), () => {
      simulation.processEvent('restart', this.#incarnation + 1);
      void this.start();
    });
  }

  /** A deploy: the executor ends its work in order and a new life starts over its journal. */
  async restart(downFor: number): Promise<void> {
    await this.stop();
    this.crash('kept', durationMs(downFor));
    await this.#alive.raised;
  }

  async stop(): Promise<void> {
    if (this.#executor === undefined) return;
    await Promise.race([this.#executor.stop(), this.#died.raised]);
  }
}

/** A promise that is resolved from outside, once. */
class Signal {
  readonly raised: Promise<void>;
  isRaised = false;
  #resolve: () => void = () => undefined;

  constructor() {
    this.raised = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  raise(): void {
    this.isRaised = true;
    this.#resolve();
  }
}
