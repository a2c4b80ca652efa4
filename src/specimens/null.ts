import { fixed, type Btc } from '../core/money.js';
import type { Executor, FlowResult, OpenPosition } from '../executor/ports.js';
import type { Specimen } from './specimen.js';

const NOTHING = fixed<Btc>(0n);

/** Does nothing at all. A suite that only looks for damage would pass it, so it measures whether the suite asks for a hedge. */
class NullExecutor implements Executor {
  readonly name = 'null';

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  positions(): readonly OpenPosition[] {
    return [];
  }

  enter(): Promise<FlowResult> {
    return Promise.resolve({ outcome: 'aborted', spot: NOTHING, perp: NOTHING, residual: NOTHING, reason: 'never trades' });
  }

  exit(): Promise<FlowResult> {
    return Promise.resolve({ outcome: 'flat', spot: NOTHING, perp: NOTHING, residual: NOTHING, reason: 'holds nothing' });
  }
}

/** `--executor null`. */
export const nullSpecimen: Specimen = {
  card: {
    id: 'null',
    source: 'own: a test suite that does nothing must not pass',
    wrong: 'never sends an order, so that nothing can go wrong and nothing is earned',
    scenario: 'duel-lost-reply',
    alone: { scenario: 'families/s5-doubled', promise: 'final.spot' },
  },
  factory: () => new NullExecutor(),
};
