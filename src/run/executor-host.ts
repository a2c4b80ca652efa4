import { assert } from '../core/assert.js';
import type { RandomStreams } from '../core/random.js';
import { addMs, durationMs, type DurationMs, type EpochMs, type VenueId } from '../core/units.js';
import { LeaseKeeper } from '../executor/lease-keeper.js';
import type { ExchangeClient } from '../exchange/exchange-client.js';
import type { Executor, ExecutorFactory, ExecutorPorts, Lease, Notifier } from '../executor/ports.js';
import type { JournalEvent } from '../journal/journal-event.js';
import { MemoryJournal, type MemoryJournalOptions } from '../journal/memory-journal.js';
import type { Unsynced } from '../journal/simulated-disk.js';
import { ProcessLife } from '../sim/process-life.js';
import type { ProcessConnection } from '../sim/connect-options.js';
import type { Simulation } from '../sim/simulation.js';
import type { VirtualClock } from '../sim/virtual-clock.js';
import { SeededIds } from './id-source.js';
import type { Machine } from './machine.js';
import { ProcessInstance } from './process-instance.js';
import { requireMethods } from './require-methods.js';
import { Signal } from './signal.js';

/** What became of a call when the process died in it. */
export const CRASHED = Symbol('the process died during this call');

/** How long a lease lasts without being renewed. */
const LEASE_TERM_MS = 15_000;
/** A process that found the lease taken, or lost it, is started again after this. */
const LEASE_RETRY_MS = durationMs(5_000);

export interface ExecutorHostOptions {
  readonly clock: VirtualClock;
  readonly machine: Machine;
  readonly simulation: Simulation;
  /** Makes a process's clients, where they are not the simulation's own. */
  readonly connect?: ((venue: VenueId, options: ProcessConnection) => ExchangeClient) | undefined;
  readonly factory: ExecutorFactory;
  readonly policy: Readonly<Record<string, unknown>>;
  readonly seeds: RandomStreams;
  readonly notifier: Notifier;
  readonly onJournal?: ((event: JournalEvent) => void) | undefined;
  readonly onDurable?: ((event: JournalEvent) => void) | undefined;
}

/**
 * The process that an executor lives in, simulated: it gives the executor its ports, lets it die at any await (its
 * calls never settle and its memory is gone) and starts a new life over the same journal. A second instance may be
 * started beside it; the one that holds the lease is the one that is driven.
 */
export class ExecutorHost {
  readonly #options: ExecutorHostOptions;
  readonly #ids: SeededIds;
  readonly #appends = new WeakMap<JournalEvent, ReturnType<Simulation['stepPlace']>>();
  #journal: MemoryJournal;
  #incarnation = -1;
  /** The instance that is driven; undefined while none lives. */
  #driven: ProcessInstance | undefined;
  /** Others that live: twins that work all the same, and one that was taken over from. */
  #others: ProcessInstance[] = [];
  #capabilities: readonly string[] = [];
  /** Raised once a life has recovered; a life that dies before that leaves whoever waits to the next one. */
  #alive: Signal = new Signal();
  #isGone = false;

  constructor(options: ExecutorHostOptions) {
    this.#options = options;
    this.#ids = new SeededIds(options.seeds);
    this.#journal = new MemoryJournal({}, options.machine.disk);
  }

  /** Belief as it stands on the simulated disk, over all lives. */
  get journal(): MemoryJournal {
    return this.#journal;
  }

  /** The executor of the present life. */
  get executor(): Executor {
    assert(this.#driven?.executor !== undefined, 'the process runs');
    return this.#driven.executor;
  }

  get isAlive(): boolean {
    return this.#driven?.executor !== undefined;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  /** What the executor of the latest life declares, whether it still lives or not. */
  get capabilities(): readonly string[] {
    return this.#capabilities;
  }

  /** What the wall clock of the process shows at a true instant. */
  wallTime(at: EpochMs): EpochMs {
    return addMs(at, this.#options.machine.wall.offsetMs);
  }

  /** Begins the first life, or the next one after a crash: the executor recovers before anything else. */
  async start(): Promise<void> {
    const instance = this.#found();
    this.#journal = instance.journal;
    const isFree = await this.#takeLease(instance, 'main');
    const executor = this.#make(instance);
    if (!isFree && !(await this.#startsAnyway(instance))) {
      instance.kill('lost');
      this.#startAfter(LEASE_RETRY_MS);
      return;
    }
    this.#driven = instance;
    this.#options.clock.ambient = instance.life;
    if (isFree) await Promise.race([executor.start(), instance.gone.raised]);
    // A life that died in its recovery has not brought the process up: the next one will.
    if (instance.life.alive) this.#alive.raise();
  }

  /** Waits for a life that has recovered; at once when the process is gone for good. */
  async up(): Promise<void> {
    while (!this.#isGone && !this.#alive.isRaised) await this.#alive.raised;
  }

  /**
   * Runs one call of the executor; when the process dies meanwhile, waits for the next life's recovery. A second
   * instance that works in spite of the lease is driven alike: it has a strategy of its own that decides the same.
   *
   * @returns what the call gave, or `CRASHED` once the new life is up (never, when there is none).
   */
  async call<T>(act: (executor: Executor) => Promise<T>): Promise<T | typeof CRASHED> {
    if (this.#driven === undefined) await this.#alive.raised;
    const driven = this.#driven;
    assert(driven !== undefined, 'a process that is up is driven');
    for (const other of this.#others) void other.call(act).catch(() => undefined);
    const result = await driven.call(act);
    if (result !== undefined) return result.value;
    await this.#alive.raised;
    return CRASHED;
  }

  /** The process dies now; a new life begins after `restartAfter`. */
  crash(unsynced: Unsynced, restartAfter: DurationMs | 'never'): void {
    const dying = this.#driven;
    if (dying === undefined) return;
    this.#driven = undefined;
    if (this.#alive.isRaised) this.#alive = new Signal();
    this.#isGone = restartAfter === 'never';
    dying.kill(unsynced);
    this.#options.simulation.processEvent('crash', dying.life.incarnation);
    if (restartAfter !== 'never') this.#startAfter(restartAfter);
  }

  /** The event loop of the process stands still. */
  stall(forMs: number): void {
    const { clock } = this.#options;
    this.#driven?.life.stall(addMs(clock.now(), forMs));
  }

  /** Somebody starts a second instance over the same journal. It works if it gets the lease, or if it asks for none. */
  async startTwin(): Promise<void> {
    const { machine, simulation } = this.#options;
    const twin = this.#found();
    const isFree = machine.leases === undefined || (await this.#takeLease(twin, 'twin'));
    // Its clients recover what the other one has left.
    if (isFree) simulation.processEvent('takeover', twin.life.incarnation);
    this.#make(twin);
    if (!(await this.#startsAnyway(twin))) {
      twin.kill('lost');
      simulation.processEvent('refused', twin.life.incarnation);
      return;
    }
    if (isFree) this.#takeOver(twin);
    else this.#others.push(twin);
  }

  /** A deploy: the executor ends its work in order and a new life starts over its journal. */
  async restart(downFor: number): Promise<void> {
    await this.stop();
    this.crash('kept', durationMs(downFor));
    await this.#alive.raised;
  }

  async stop(): Promise<void> {
    for (const instance of [this.#driven, ...this.#others]) await instance?.call((executor) => executor.stop());
  }

  #takeOver(twin: ProcessInstance): void {
    const before = this.#driven;
    this.#driven = twin;
    this.#options.clock.ambient = twin.life;
    this.#alive.raise();
    if (before === undefined) return;
    // It may wake up again; whoever waits for it is told that another instance ended its work.
    this.#others.push(before);
    before.gone.raise();
  }

  /** The way of a supervisor: the process is started until one works, here or elsewhere. */
  #startAfter(delay: DurationMs): void {
    const { clock, simulation } = this.#options;
    clock.schedule(addMs(clock.now(), delay), () => {
      if (this.#driven !== undefined) return;
      simulation.processEvent('restart', this.#incarnation + 1);
      void this.start();
    });
  }

  /** Starts an executor that may have been told that the lease is taken. @returns whether it works all the same. */
  async #startsAnyway(instance: ProcessInstance): Promise<boolean> {
    const started = await instance.call((executor) =>
      executor.start().then(
        () => true,
        () => false,
      ),
    );
    return started?.value ?? false;
  }

  /** A new process: clients, clock and a way to the journal of its own. */
  #found(): ProcessInstance {
    const { simulation, clock, factory, machine } = this.#options;
    if (machine.disk.open()) simulation.note('the last record of the journal stood half written and was cut off');
    this.#incarnation += 1;
    const incarnation = this.#incarnation;
    const life = new ProcessLife(incarnation, clock, machine.wall);
    const connect = (venue: VenueId): ExchangeClient => {
      const options = { enableRateLimit: factory.enableRateLimit ?? false, incarnation, process: life, clock: life };
      return this.#options.connect?.(venue, options) ?? simulation.connect(venue, options);
    };
    const { leases } = machine;
    const mayWrite = leases === undefined ? undefined : (): boolean => leases.isNewest(instance.token);
    const journal = new MemoryJournal({ mayWrite, ...this.#journalSteps(incarnation) }, machine.disk);
    const instance: ProcessInstance = new ProcessInstance(life, journal, [connect('upbit'), connect('binance')]);
    return instance;
  }

  /** An append is a step of the process: before it is durable, and after it is and nobody knows yet. */
  #journalSteps(incarnation: number): Pick<MemoryJournalOptions, 'onAppend' | 'onDurable'> {
    const { simulation, onJournal, onDurable } = this.#options;
    const step = (event: JournalEvent, moment: 'before' | 'after'): void => {
      const leg = 'leg' in event ? event.leg : undefined;
      const name = `journal.append(${leg === undefined ? event.type : `${event.type},${leg}`})`;
      const place = this.#appends.get(event) ?? simulation.stepPlace(name, incarnation);
      this.#appends.set(event, place);
      simulation.step({ name: `${name}.${moment}`, point: `${place.point}.${moment}`, flow: place.flow, incarnation, leg });
    };
    return {
      onAppend: (event) => {
        onJournal?.(event);
        step(event, 'before');
      },
      onDurable: (event) => {
        onDurable?.(event);
        step(event, 'after');
      },
    };
  }

  /** @returns false when another instance holds the lease. */
  async #takeLease(instance: ProcessInstance, owner: string): Promise<boolean> {
    const { leases } = this.#options.machine;
    if (leases === undefined) return true;
    const keeper = new LeaseKeeper(leases, instance.life, { owner, termMs: LEASE_TERM_MS }, () => this.#lost(instance));
    instance.keeper = keeper;
    const isFree = await keeper.acquire();
    instance.token = keeper.token;
    return isFree;
  }

  /** Its lease has run out unseen. Where nobody has taken it, the process ends itself and is started again. */
  #lost(instance: ProcessInstance): void {
    const { leases } = this.#options.machine;
    if (this.#driven === instance && leases?.isNewest(instance.token) === true) this.crash('kept', LEASE_RETRY_MS);
  }

  #make(instance: ProcessInstance): Executor {
    const { factory, policy, notifier, machine } = this.#options;
    const [upbit, binance] = instance.clients;
    assert(upbit !== undefined && binance !== undefined, 'a process has a client for each venue');
    const lease: Lease = instance.keeper ?? { held: () => instance.life.alive };
    const ports: ExecutorPorts = {
      upbit,
      binance,
      clock: instance.life,
      journal: instance.journal,
      notifier,
      ids: this.#ids,
      lease,
      streams: machine.streams?.(instance.life),
    };
    const executor = factory(ports, policy);
    requireMethods('executor', executor, ['start', 'enter', 'exit', 'positions', 'stop']);
    instance.executor = executor;
    this.#capabilities = executor.capabilities ?? [];
    return executor;
  }
}
