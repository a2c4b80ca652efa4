import type { Btc } from '../core/money.js';
import { SmallExecutor } from './small/small-executor.js';
import { SOUND } from './small/decisions.js';
import type { Specimen } from './specimen.js';

/**
 * Sells and buys back everything at the first error of any call, and locks itself: of no use, and not even safe in a bad hour,
 * since what it cannot close by then stays as it is.
 */
class PanicExecutor extends SmallExecutor {
  override readonly name = 'panic';

  protected override async repair(flow: string, requested: Btc, completions: number): Promise<boolean> {
    if (this.orders.errors === 0) return super.repair(flow, requested, completions);
    await this.flatten(flow);
    return false;
  }
}

/** `--executor panic`. */
export const panicSpecimen: Specimen = {
  card: {
    id: 'panic',
    source: 'own: efficacy (L6), a single transient fault must not end a flow that could finish',
    wrong: 'flattens both legs and locks itself at the first error of any call',
    scenario: 'bugs/one-overload',
    alone: { scenario: 'families/r4-rate-limited', promise: 'outcome' },
  },
  factory: (ports, policy) => new PanicExecutor(ports, SOUND, policy),
};
