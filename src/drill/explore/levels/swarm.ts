import { RandomStreams, type Uniform } from '../../../core/random.js';
import { legOfVenue } from '../../../core/units.js';
import { hasCall } from '../../../faults/applicability.js';
import { FAULT_KINDS, type FaultKind } from '../fault-kinds.js';
import type { CallPoint } from '../fault-point.js';
import type { Plan, PlannedFault } from '../planned-fault.js';

const VENUES = ['upbit', 'binance'] as const;
/** Where a family strikes when it strikes by chance; reads that only set up a flow are left to the singles. */
const METHODS = ['createOrder', 'fetchOrder', 'cancelOrder', 'fetchBalance', 'fetchPositions'] as const;
const OMIT = 0.5;
const RULES_MAX = 8;
/** Everything heals after this much of a run. */
const HEAL_AFTER = '20m';

const sampleCall = (venue: (typeof VENUES)[number], method: string, side: 'buy' | 'sell'): CallPoint => ({
  kind: 'call',
  id: '',
  venue,
  method,
  purpose: 'open',
  leg: legOfVenue(venue),
  side,
});

/** Families that a swarm can draw: those of a kind that applies to any of its calls. */
export const SWARM_FAMILIES: readonly string[] = [
  ...new Set(
    FAULT_KINDS.filter((kind) => VENUES.some((venue) => METHODS.some((method) => kind.excluded(sampleCall(venue, method, 'buy')) === undefined))).map(
      ({ family }) => family,
    ),
  ),
];

/**
 * A random plan for a random world: a random half of the fault kinds, with wildly different chances, on random
 * calls, until everything heals. Which flow of `flows` runs is part of the draw.
 *
 * @param flows - ids of the swarm's flow variants, one for each sort of world.
 */
export function swarmPlan(flows: readonly string[], seed: number): Plan {
  const uniform = new RandomStreams(seed).stream('swarm-plan');
  const flow = pick(flows, uniform);
  const families = FAULT_KINDS.filter(() => uniform() >= OMIT);
  const count = 1 + Math.floor(uniform() * RULES_MAX);
  const faults: PlannedFault[] = [];
  for (let index = 1; index <= count && families.length > 0; index += 1) {
    const fault = chanceFault(pick(families, uniform), index, uniform);
    if (fault !== undefined) faults.push(fault);
  }
  return { level: 'swarm', flow, seed, faults, shuffled: true };
}

function chanceFault(kind: FaultKind, index: number, uniform: Uniform): PlannedFault | undefined {
  const venue = pick(VENUES, uniform);
  const method = pick(METHODS, uniform);
  const side = uniform() < 0.5 ? 'buy' : 'sell';
  // Weights over three orders of magnitude: most rules strike seldom, some nearly always.
  const probability = Math.round(10 ** (-2.5 + 2.5 * uniform()) * 1e6) / 1e6;
  const times = 1 + Math.floor(uniform() * 5);
  const sample = sampleCall(venue, method, side);
  if (!hasCall(venue, method) || kind.excluded(sample) !== undefined) return undefined;
  const isSided = kind.name === 'refused';
  return {
    id: `${kind.name}-${index}`,
    when: { venue, method, probability, until: HEAL_AFTER, ...(isSided ? { side, reduceOnly: false } : {}) },
    inject: kind.inject(sample),
    limit: { times },
    required: false,
  };
}

function pick<T>(values: readonly T[], uniform: Uniform): T {
  const value = values[Math.floor(uniform() * values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}
