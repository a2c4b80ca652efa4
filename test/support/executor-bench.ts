import type { Clock } from '../../src/clock/clock.js';
import { parseFixed, formatFixed, type Btc } from '../../src/core/money.js';
import { durationMs, epochMs } from '../../src/core/units.js';
import type { ExchangeClient } from '../../src/exchange/exchange-client.js';
import type { EnterRequest, Executor, ExecutorPorts, FlowResult, StreamNews } from '../../src/executor/ports.js';
import { createReferenceExecutor } from '../../src/executor/reference-executor.js';
import type { JournalEvent } from '../../src/journal/journal-event.js';
import { MemoryJournal } from '../../src/journal/memory-journal.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';
import { ScriptedVenue } from './scripted-venue.js';

export const btc = (text: string): Btc => parseFixed<Btc>(text);
export const START = epochMs(Date.UTC(2026, 0, 5, 3));

/** Everything around one executor over scripted venues, on virtual time. */
export class Bench {
  readonly clock: VirtualClock;
  readonly upbit: ScriptedVenue;
  readonly binance: ScriptedVenue;
  readonly notified: string[] = [];
  notifierFails = false;
  leaseHeld = true;
  /** Says "look again" to an executor that has a stream. */
  wakeUp: ((news?: StreamNews) => void) | undefined;
  readonly withStream: boolean;
  journal: MemoryJournal;
  executor: Executor;
  #policy: Readonly<Record<string, unknown>>;
  #ids = 0;
  #life = 0;

  constructor(policy: Readonly<Record<string, unknown>> = {}, journal = new MemoryJournal(), withStream = false) {
    this.#policy = policy;
    this.withStream = withStream;
    this.clock = new VirtualClock(START, { maxVirtualMs: 86_400_000 });
    this.upbit = new ScriptedVenue('upbit', this.clock);
    this.binance = new ScriptedVenue('binance', this.clock);
    this.journal = journal;
    this.executor = this.#make();
  }

  get ports(): ExecutorPorts {
    const life = (this.#life += 1);
    const isAlive = (): boolean => life === this.#life;
    return {
      upbit: mortal(this.upbit.client, isAlive),
      binance: mortal(this.binance.client, isAlive),
      clock: mortalClock(this.clock, isAlive),
      journal: this.journal,
      notifier: {
        notify: ({ code }) => {
          if (this.notifierFails) return Promise.reject(new Error('the channel is down'));
          this.notified.push(code);
          return Promise.resolve();
        },
      },
      ids: { next: (prefix) => `${prefix}-${(this.#ids += 1)}` },
      streams: this.withStream ? { onWakeUp: (listener) => void (this.wakeUp = listener) } : undefined,
      lease: { held: () => this.leaseHeld && isAlive() },
    };
  }

  /** Starts, does `act`, stops; fails when anything is left unhandled. */
  run<T>(act: (bench: this) => Promise<T>): Promise<T> {
    return this.clock.run(async () => {
      await this.executor.start();
      const result = await act(this);
      await this.executor.stop();
      return result;
    });
  }

  /** The process dies at this instant: nothing answers it any more, and its last append is lost or kept. */
  crash(unsynced: 'lost' | 'kept'): void {
    this.#life += 1;
    this.journal.crash(unsynced);
  }

  /** A new process over what the old one left on disk. */
  async restart(journal: MemoryJournal = this.journal.reopen({}), policy = this.#policy): Promise<void> {
    this.#policy = policy;
    this.journal = journal;
    this.executor = this.#make();
    await this.executor.start();
  }

  enter(quantity = '0.05', extra: Partial<EnterRequest> = {}): Promise<FlowResult> {
    return this.executor.enter({
      quantity: btc(quantity),
      decidedAt: this.clock.now(),
      upbitPrice: this.upbit.mid,
      binancePrice: this.binance.mid,
      usdKrw: 1_450,
      premium: 0.001,
      ...extra,
    });
  }

  exit(positionIds: readonly string[] = []): Promise<FlowResult> {
    return this.executor.exit({ positionIds, decidedAt: this.clock.now(), reason: 'target' });
  }

  wait(ms: number): Promise<void> {
    return this.clock.sleep(durationMs(ms));
  }

  events<T extends JournalEvent['type']>(type: T): Extract<JournalEvent, { type: T }>[] {
    return this.journal
      .records()
      .map(({ event }) => event)
      .filter((event) => event.type === type) as Extract<JournalEvent, { type: T }>[];
  }

  get marks(): string[] {
    return this.events('mark').map(({ mark }) => mark);
  }

  get alerts(): string[] {
    return this.events('alert').map(({ alert }) => alert);
  }

  /** Both holdings in truth: `spot/perp`. */
  get held(): string {
    return `${this.upbit.held.BTC}/${this.binance.held.position}`;
  }

  #make(): Executor {
    return createReferenceExecutor(this.ports, this.#policy);
  }
}

/** The clock of a process that can die: it then wakes nobody up any more. */
const mortalClock = (clock: Clock, isAlive: () => boolean): Clock => ({
  now: () => clock.now(),
  monotonic: () => clock.monotonic(),
  sleep: async (delay, signal) => {
    await clock.sleep(delay, signal);
    if (!isAlive()) await new Promise<never>(() => undefined);
  },
});

/** A client of a process that can die: its calls then never settle (a thrown error would be caught by the code under test). */
function mortal(client: ExchangeClient, isAlive: () => boolean): ExchangeClient {
  const never = (): Promise<never> => new Promise(() => undefined);
  return new Proxy(client, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]): Promise<unknown> => {
        if (!isAlive()) return never();
        const answer = (member as (...given: readonly unknown[]) => Promise<unknown>)(...args);
        return answer.then(
          (value) => (isAlive() ? value : never()),
          (error: unknown) => (isAlive() ? Promise.reject(error as Error) : never()),
        );
      };
    },
  });
}

/** A result as short text: `hedged 0.05/-0.05`. */
export const short = ({ outcome, spot, perp }: FlowResult): string => `${outcome} ${formatFixed(spot)}/${formatFixed(perp)}`;
