import { callName } from './fault-point.js';
import type { StepPoint } from './fault-point.js';
import type { PlannedFault } from './planned-fault.js';

/** What can happen to the process, its disk or its streams at one of its awaits, once. */
export interface StepKind {
  readonly name: string;
  /** Family of the fault taxonomy, such as P5. */
  readonly family: string;
  inject(point: StepPoint): PlannedFault['inject'];
  /** Where the fault is one of a stream: whose. */
  readonly venueOf?: (point: StepPoint) => 'upbit' | 'binance' | undefined;
  /** A second fault of the same cause, which hangs on the first. */
  readonly then?: (first: string) => PlannedFault;
  /** Why this kind does not apply to that step; undefined: it does. */
  excluded(point: StepPoint): string | undefined;
}

/** Whether the process is about to write to its journal. */
export const isAppend = ({ name }: StepPoint): boolean => name.startsWith('journal.append(') && name.endsWith('.before');
const isIntent = ({ name }: StepPoint): boolean => name.startsWith('journal.append(intent') && name.endsWith('.before');
const isInFlight = ({ name }: StepPoint): boolean => /\.(createOrder|cancelOrder)\.sent$/.test(name);

const ofDisk = (point: StepPoint): string | undefined => (isAppend(point) ? undefined : 'only a write meets the disk');

/** The process or its operator: what matters is an order that is about to leave, or is on its way. */
const aroundOrders = (point: StepPoint): string | undefined =>
  isIntent(point) || isInFlight(point) ? undefined : 'no order is about to leave or on its way: the next one finds the same as at its own intent';

const whileInFlight = (point: StepPoint): string | undefined =>
  isInFlight(point) ? undefined : 'nothing is on its way that could be answered meanwhile: same observation as a later start';

const venueOf = (point: StepPoint): 'upbit' | 'binance' | undefined => (callName(point)?.startsWith('upbit.') === true ? 'upbit' : 'binance');

const ofStream = (name: string, action: NonNullable<PlannedFault['inject']['stream']>): StepKind => ({
  name,
  family: STREAM_FAMILIES[action.action],
  inject: () => ({ stream: action }),
  venueOf,
  excluded: (point) => {
    if (point.hasStreams !== true) return 'the flow uses no streams';
    return isInFlight(point) ? undefined : 'streams tell of orders: the next message follows the next order';
  },
});

const STREAM_FAMILIES = {
  disconnect: 'S1',
  'key-expired': 'S2',
  gap: 'S3',
  reorder: 'S4',
  duplicate: 'S5',
  stale: 'S6',
  mute: 'S7',
  'bad-snapshot': 'S10',
} as const;

const halt = (level: 'opening' | 'flatten' | 'freeze', resumeAfter: string): StepKind => ({
  name: `halt-${level}`,
  family: 'P12',
  inject: () => ({ operator: { halt: level, resumeAfter } }),
  excluded: aroundOrders,
});

/** Every kind of a single fault at a step of the process, with what it does not apply to and why. */
export const STEP_KINDS: readonly StepKind[] = [
  { name: 'disk-busy-1s', family: 'P5', inject: () => ({ disk: { error: 'SQLITE_BUSY', for: '1s' } }), excluded: ofDisk },
  { name: 'disk-full-20s', family: 'P5', inject: () => ({ disk: { error: 'ENOSPC', for: '20s' } }), excluded: ofDisk },
  { name: 'disk-stalls-60s', family: 'P5', inject: () => ({ disk: { error: 'stalled', for: '60s' } }), excluded: ofDisk },
  { name: 'torn-write', family: 'P5', inject: () => ({ disk: { error: 'torn-write' } }), excluded: ofDisk },
  halt('opening', '40s'),
  halt('flatten', '40s'),
  halt('freeze', '40s'),
  { name: 'stall-4s', family: 'P7', inject: () => ({ stall: { for: '4s' } }), excluded: whileInFlight },
  { name: 'lease-runs-out', family: 'P8', inject: () => ({ stall: { for: '20s' } }), excluded: aroundOrders },
  {
    name: 'lease-taken',
    family: 'P8',
    inject: () => ({ stall: { for: '60s' } }),
    then: (fault) => ({ id: 'lease-taken-2', when: { at: { event: 'fault.fired', fault, plus: '20s' } }, inject: { twin: { startAfter: '0ms' } } }),
    excluded: aroundOrders,
  },
  ofStream('stream-disconnected', { action: 'disconnect', for: '20s' }),
  ofStream('stream-key-expired', { action: 'key-expired', for: '20s' }),
  ofStream('stream-message-lost', { action: 'gap', count: 1 }),
  ofStream('stream-reordered', { action: 'reorder', count: 3 }),
  ofStream('stream-doubled', { action: 'duplicate', count: 3 }),
  ofStream('stream-stale-5s', { action: 'stale', for: '5s' }),
  ofStream('stream-nonsense', { action: 'bad-snapshot', count: 2 }),
];

/** The kind's fault at exactly this step, and what hangs on it. */
export function stepFaults(point: StepPoint, kind: StepKind): readonly PlannedFault[] {
  const id = `${kind.name}-1`;
  const venue = kind.venueOf?.(point);
  const first: PlannedFault = { id, when: { point: point.id, ...(venue === undefined ? {} : { venue }) }, inject: kind.inject(point) };
  return kind.then === undefined ? [first] : [first, kind.then(id)];
}
