import type { ExploredRun } from '../explored-run.js';
import type { CallPoint } from '../fault-point.js';
import type { Plan, PlannedFault } from '../planned-fault.js';
import { callsOf } from './singles.js';

/** A deadline, grace or time-out of the executor or of a venue. */
export interface TimeBound {
  readonly name: string;
  readonly ms: number;
}

interface Stretched {
  readonly name: string;
  readonly inject: (ms: number) => PlannedFault['inject'];
  appliesTo(point: CallPoint): boolean;
}

const STRETCHED: readonly Stretched[] = [
  {
    name: 'request-delay',
    inject: (ms) => ({ delay: { part: 'request', by: `${ms}ms` } }),
    appliesTo: ({ method }) => method === 'createOrder' || method === 'cancelOrder',
  },
  {
    name: 'reply-delay',
    inject: (ms) => ({ delay: { part: 'response', by: `${ms}ms` } }),
    appliesTo: ({ method }) => ['createOrder', 'cancelOrder', 'fetchOrder'].includes(method),
  },
  { name: 'not-found', inject: (ms) => ({ notFound: { for: `${ms}ms` } }), appliesTo: ({ method }) => method === 'fetchOrder' },
  { name: 'stuck', inject: (ms) => ({ stuck: { state: 'open', for: `${ms}ms` } }), appliesTo: ({ method }) => method === 'createOrder' },
  {
    name: 'outage',
    inject: (ms) => ({ outage: { for: `${ms}ms`, as: 'timeout' } }),
    appliesTo: ({ method }) => method === 'createOrder' || method === 'cancelOrder',
  },
];

/** Every bound at one millisecond less, exactly, one more and twice: where fixed delays look past the edge. */
export function boundaries(clean: ExploredRun, bounds: readonly TimeBound[]): readonly Plan[] {
  const { flow, seed } = clean.plan;
  return callsOf(clean).flatMap((point) =>
    STRETCHED.filter((stretched) => stretched.appliesTo(point)).flatMap(({ name, inject }) =>
      bounds.flatMap((bound) =>
        [bound.ms - 1, bound.ms, bound.ms + 1, bound.ms * 2].map((ms): Plan => ({
          level: 'boundaries',
          flow,
          seed,
          faults: [{ id: `${name}-${bound.name}-${ms}`, when: { point: point.id }, inject: inject(ms) }],
        })),
      ),
    ),
  );
}
