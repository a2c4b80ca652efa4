import type { ExchangeClient } from '../exchange/exchange-client.js';
import type { Executor } from '../executor/ports.js';
import type { LeaseKeeper } from '../executor/lease-keeper.js';
import type { MemoryJournal } from '../journal/memory-journal.js';
import type { Unsynced } from '../journal/simulated-disk.js';
import type { ProcessLife } from '../sim/process-life.js';
import { Signal } from './signal.js';

/** One process over the journal's disk: the one that the drill drives, or a second one beside it. */
export class ProcessInstance {
  readonly life: ProcessLife;
  readonly journal: MemoryJournal;
  readonly clients: readonly ExchangeClient[];
  /** It died, or another instance has taken its work over. */
  readonly gone = new Signal();
  /** Absent where nothing in a scenario could take a lease away. */
  keeper: LeaseKeeper | undefined;
  /** The token it was given; the journal's store asks whether it is still the newest. */
  token: number | undefined;
  executor: Executor | undefined;

  constructor(life: ProcessLife, journal: MemoryJournal, clients: readonly ExchangeClient[]) {
    this.life = life;
    this.journal = journal;
    this.clients = clients;
  }

  /** Nothing answers it any more, no timer of it fires, and its last appends end as `unsynced` says. */
  kill(unsynced: Unsynced): void {
    this.life.kill();
    this.keeper?.stop();
    this.journal.crash(unsynced);
    this.gone.raise();
  }

  /** Runs one call once the event loop turns; undefined: the process was gone before it had ended. */
  async call<T>(act: (executor: Executor) => Promise<T>): Promise<{ readonly value: T } | undefined> {
    const { executor } = this;
    if (executor === undefined) return undefined;
    const acted = this.life.turn().then(async () => ({ value: await act(executor) }));
    return Promise.race([acted, this.gone.raised.then(() => undefined)]);
  }
}
