import { addMs, type VenueId } from '../core/units.js';
import type { ProcessAction } from '../faults/fault-action.js';
import type { HaltLevel } from '../journal/journal-event.js';
import type { SimulatedStreams } from '../sim/simulated-streams.js';
import type { VirtualClock } from '../sim/virtual-clock.js';
import type { AlarmChannel } from './alarm-channel.js';
import type { ExecutorHost } from './executor-host.js';
import type { Machine } from './machine.js';

export interface ProcessFaultsOptions {
  readonly clock: VirtualClock;
  readonly machine: Machine;
  readonly host: ExecutorHost;
  readonly alarms: AlarmChannel;
  /** Somebody throws the kill switch; undefined: releases it. */
  readonly operate: (level: HaltLevel | undefined) => void;
  /** Absent when the world has no streams: a fault on them never fires then. */
  readonly streams: SimulatedStreams | undefined;
  readonly met: (fault: string, what: string) => void;
}

/** Carries out what a scenario's faults do to the process under test, its machine and what it is connected with. */
export class ProcessFaults {
  readonly #options: ProcessFaultsOptions;

  constructor(options: ProcessFaultsOptions) {
    this.#options = options;
  }

  apply(fault: string, action: ProcessAction, venue: VenueId | undefined): void {
    const { clock, machine, host, alarms, streams } = this.#options;
    switch (action.kind) {
      case 'stall':
        host.stall(action.forMs);
        return;
      case 'clock':
        machine.wall.jump(action.jumpMs);
        if (action.driftPpm !== undefined) machine.wall.drift(action.driftPpm);
        return;
      case 'twin':
        clock.schedule(addMs(clock.now(), action.startAfterMs), () => void host.startTwin());
        return;
      case 'operator': {
        const { operate } = this.#options;
        operate(action.level);
        if (action.resumeAfterMs !== undefined) clock.schedule(addMs(clock.now(), action.resumeAfterMs), () => operate(undefined));
        return;
      }
      case 'disk':
        this.#disk(fault, action);
        return;
      case 'stream':
        if (venue !== undefined) streams?.strike(fault, action, venue);
        return;
      case 'alarm':
        alarms.strike(fault, action);
    }
  }

  #disk(fault: string, action: Extract<ProcessAction, { kind: 'disk' }>): void {
    const { clock, machine, met } = this.#options;
    const { error, for: length } = action;
    if (error === 'old-backup') {
      machine.disk.restoreBackup(length === 'forever' ? 0 : length, () => met(fault, 'a process found a backup instead of its journal'));
      return;
    }
    const heal = machine.disk.fail(error, () => met(fault, 'an append'));
    if (length !== 'forever') clock.schedule(addMs(clock.now(), length), heal);
  }
}
