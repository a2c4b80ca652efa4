interface NotKept {
  readonly broken: readonly string[];
  readonly because: string;
  /** The first of the scenario's seeds with which it breaks. */
  readonly seed?: number;
  /** BTC that are naked at the end. */
  readonly left?: string;
}

/** Shipped scenarios that this executor does not keep, what breaks there, and why that stands. A leg is left naked where it says so, nowhere else. */
export const NOT_KEPT: Readonly<Record<string, NotKept>> = {
  'bugs/first-leg-partial': { broken: ['budget.maxUnhedged'], because: 'the scenario asks for spot first; this executor sends both legs at once' },
  'bugs/odd-partial': { broken: ['budget.maxUnhedged', 'budget.orders'], because: 'the same: spot first was asked for' },
  'late-fill-over-restart': {
    broken: ['outcome', 'final.spot', 'final.perp'],
    because: 'the same: with the short on, the late spot completes a hedge',
  },
  'bugs/hedge-mode': { broken: ['outcome', 'budget.orders'], because: 'it does not look at the position mode: the short is refused, the spot sold' },
  'museum/hummingbot-4316': { broken: ['outcome', 'budget.orders'], because: 'the same: position mode' },
  'monitor-max-hold': { broken: ['final.spot', 'final.perp'], because: 'how long to hold is left to whoever drives it' },
  'monitor-stop': { broken: ['final.spot', 'final.perp'], because: 'when to stop is left to whoever drives it' },
  'crash-hour': {
    broken: ['final.netDelta'],
    seed: 6,
    left: '0.05',
    because: 'naked at the end: an Upbit order arrives after 40 s where 15 s are assumed, and the run ends before the monitor comes round',
  },
  'stress/crash-of-both-venues': {
    broken: ['oracle.I3'],
    seed: 2,
    because: 'naked until a human comes: an order that a venue says nothing about for two minutes is given up and locked, not followed any further',
  },
  'kill-switch-during-entry': {
    broken: ['oracle.L6'],
    because: 'without a journal the oracle cannot see that a switch, and not the fault, ended it',
  },
};
