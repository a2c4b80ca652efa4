import type { StreamClient } from '../executor/ports.js';
import { SimulatedDisk } from '../journal/simulated-disk.js';
import { MemoryLeaseStore } from '../sim/memory-lease-store.js';
import { WallClock } from '../sim/process-life.js';
import type { ClientProcess } from '../sim/client-call.js';
import type { VirtualClock } from '../sim/virtual-clock.js';

export interface MachineOptions {
  readonly clock: VirtualClock;
  /** Whether instances have to keep a lease: only where a fault could take one away, since renewals are timers. */
  readonly hasLease: boolean;
  /** Gives a process its stream; absent when the world has none. */
  readonly streams?: ((process: ClientProcess) => StreamClient) | undefined;
}

/** What outlives the process under test: the wall clock, the journal's disk, the lease row, the streams. */
export class Machine {
  readonly wall: WallClock;
  readonly disk: SimulatedDisk;
  readonly leases: MemoryLeaseStore | undefined;
  readonly streams: MachineOptions['streams'];

  constructor({ clock, hasLease, streams }: MachineOptions) {
    this.wall = new WallClock(clock);
    this.disk = new SimulatedDisk([], () => clock.now());
    this.leases = hasLease ? new MemoryLeaseStore(() => clock.monotonic()) : undefined;
    this.streams = streams;
  }
}
