import type { Engine } from './engine.js';

/** What the executor lends to its background work. */
export interface Supervisor {
  readonly engine: Engine;
  /** Runs `work` while no flow runs; flows wait for it and it for flows. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
  /** Counts flows that began: holdings read across a change of it say nothing. */
  readonly flowsBegun: number;
  /** Whether a flow runs now. */
  readonly isBusy: boolean;
  nextFlowId(kind: string): string;
  /** Positions changed without `enter` or `exit` having been called. */
  positionsChanged(): void;
}

/** Whether background work may go on: a process that lost its lease, or that died in a drill, must not. */
export const mayWork = ({ tasks, lease }: Engine): boolean => !tasks.stopping && lease.held();
