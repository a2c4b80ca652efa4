import { exclusionOf } from '../../faults/applicability.js';
import type { CallAction } from '../../faults/fault-action.js';
import type { CallPoint, FaultPoint, StepPoint } from './fault-point.js';
import { LONE_KINDS } from './lone-kinds.js';
import type { PlannedFault } from './planned-fault.js';
import { STEP_KINDS, stepFaults, type StepKind } from './step-kinds.js';

type Inject = PlannedFault['inject'];

/** What can happen at a call, once; windows begin with the call and last a while. */
export interface FaultKind {
  readonly name: string;
  /** Family of the fault taxonomy, such as R12. */
  readonly family: string;
  inject(point: CallPoint): Inject;
  /** It happens to the account at the venue while the call is on its way, not to the call. */
  readonly ofAccount?: true;
  /** Why this kind does not apply to that call; undefined: it does. */
  excluded(point: CallPoint): string | undefined;
}

const applies = (): undefined => undefined;
const isRead = ({ method }: CallPoint): boolean => method !== 'createOrder' && method !== 'cancelOrder' && !method.startsWith('set');
const onlyCreates = ({ method }: CallPoint): string | undefined => (method === 'createOrder' ? undefined : 'only an order can be executed');
const onlyMutating =
  (twin: string) =>
  (point: CallPoint): string | undefined =>
    isRead(point) ? `a read changes nothing at the venue: same observation as ${twin}` : undefined;

/** What the language itself says an action cannot happen to. */
const whereItCan =
  (action: CallAction) =>
  ({ method, venue, prepares }: CallPoint): string | undefined =>
    prepares === true ? "the client's own preparation of a later call: what it reads goes into a cache" : exclusionOf(action, method, venue);
const garbled = (name: string, mode: Extract<CallAction, { kind: 'garble' }>['mode']): FaultKind => ({
  name,
  family: 'R16',
  inject: () => ({ garble: { mode } }),
  excluded: whereItCan({ kind: 'garble', mode }),
});

/** How each venue refuses an order, by a code that it documents: only that proves a refusal. */
export const REFUSALS: Readonly<Record<CallPoint['venue'], (order: Pick<CallPoint, 'side' | 'reduceOnly'>) => Inject>> = {
  upbit: ({ side }) => ({
    reject: { http: 400, error: 'InsufficientFunds', code: side === 'sell' ? 'insufficient_funds_ask' : 'insufficient_funds_bid' },
  }),
  binance: ({ reduceOnly }) =>
    reduceOnly === true
      ? { reject: { http: 400, error: 'InvalidOrder', code: '-2022' } }
      : { reject: { http: 400, error: 'InsufficientFunds', code: '-2019' } },
};

/** Every kind of a single fault at a call, with what it does not apply to and why. */
export const FAULT_KINDS: readonly FaultKind[] = [
  { name: 'request-lost', family: 'R1', inject: () => ({ lose: { part: 'request', as: 'timeout' } }), excluded: applies },
  { name: 'request-reset', family: 'R1', inject: () => ({ lose: { part: 'request', as: 'reset' } }), excluded: applies },
  { name: 'request-4s-late', family: 'R2', inject: () => ({ delay: { part: 'request', by: '4s' } }), excluded: applies },
  { name: 'request-12s-late', family: 'R2', inject: () => ({ delay: { part: 'request', by: '12s' } }), excluded: onlyMutating('request-4s-late') },
  { name: 'reply-lost', family: 'R12', inject: () => ({ lose: { part: 'response', as: 'timeout' } }), excluded: onlyMutating('request-lost') },
  { name: 'reply-reset', family: 'R12', inject: () => ({ lose: { part: 'response', as: 'reset' } }), excluded: onlyMutating('request-reset') },
  { name: 'reply-4s-late', family: 'R13', inject: () => ({ delay: { part: 'response', by: '4s' } }), excluded: onlyMutating('request-4s-late') },
  { name: '503-unprocessed', family: 'R8', inject: () => ({ reject: { http: 503 } }), excluded: applies },
  { name: '503-processed', family: 'R9', inject: () => ({ reject: { http: 503, processed: true } }), excluded: onlyMutating('503-unprocessed') },
  { name: '429', family: 'R4', inject: () => ({ reject: { http: 429, retryAfter: '1s' } }), excluded: applies },
  { name: 'ban-20s', family: 'R5', inject: () => ({ ban: { for: '20s', extendOnHit: '10s' } }), excluded: applies },
  {
    name: 'unknown-1007',
    family: 'R9',
    inject: () => ({ reject: { http: 408, code: '-1007', processed: true } }),
    excluded: (point) => (point.venue === 'upbit' ? 'a code of Binance' : onlyMutating('503-unprocessed')(point)),
  },
  {
    name: 'overload-1008',
    family: 'R7',
    inject: () => ({ reject: { http: 503, code: '-1008' } }),
    excluded: ({ venue, reduceOnly }) => {
      if (venue === 'upbit') return 'a code of Binance';
      return reduceOnly === true ? 'reduce-only orders are spared by -1008' : undefined;
    },
  },
  { name: 'refused', family: 'R10', inject: (point) => REFUSALS[point.venue](point), excluded: onlyCreates },
  {
    name: 'not-found-3s',
    family: 'R22',
    inject: () => ({ notFound: { for: '3s' } }),
    excluded: ({ method }) => (method === 'fetchOrder' ? undefined : 'only a look-up of one order can deny it'),
  },
  {
    name: 'request-twice',
    family: 'R14',
    inject: () => ({ duplicate: { part: 'request', after: '1500ms' } }),
    excluded: onlyCreates,
  },
  garbled('reply-html', 'html-page'),
  garbled('reply-empty', 'empty-body'),
  garbled('reply-of-another', 'other-order'),
  garbled('reply-unseen-status', 'unmapped-status'),
  {
    name: 'stale-3s',
    family: 'R17',
    inject: () => ({ stale: { by: '3s' } }),
    excluded: whereItCan({ kind: 'stale', byMs: 3_000 }),
  },
  {
    name: 'fill-40-then-prevent',
    family: 'V14',
    inject: () => ({ fill: { fraction: 0.4, then: 'prevent' } }),
    excluded: onlyCreates,
  },
  { name: 'fill-40-then-end', family: 'V2', inject: () => ({ fill: { fraction: 0.4, then: 'expire' } }), excluded: onlyCreates },
  { name: 'fill-none', family: 'V6', inject: () => ({ fill: { fraction: 0, then: 'expire' } }), excluded: onlyCreates },
  { name: 'fill-slowly', family: 'V3', inject: () => ({ fill: { fraction: 1, pieces: 4, after: '4s' } }), excluded: onlyCreates },
  { name: 'fill-40-then-rest', family: 'V1', inject: () => ({ fill: { fraction: 0.4, then: 'rest' } }), excluded: onlyCreates },
  { name: 'stuck-5s', family: 'V18', inject: () => ({ stuck: { state: 'open', for: '5s' } }), excluded: onlyCreates },
  {
    name: 'cancel-crosses-fill',
    family: 'V20',
    inject: () => ({ cancelRace: { fillFraction: 0.5, report: 'not-open' } }),
    excluded: ({ method }) => (method === 'cancelOrder' ? undefined : 'only a cancel can cross a fill'),
  },
  {
    name: 'fill-after-cancel',
    family: 'V21',
    inject: () => ({ fillAfterCancel: { fraction: 0.2, after: '4s' } }),
    excluded: ({ method }) => (method === 'cancelOrder' ? undefined : 'only an order that was cancelled is corrected afterwards'),
  },
  { name: 'outage-30s', family: 'V9', inject: () => ({ outage: { for: '30s', as: 'timeout' } }), excluded: applies },
  {
    name: 'gap-100bp',
    family: 'V7',
    inject: () => ({ market: { gapBp: -100 } }),
    excluded: ({ method }) => (method === 'createOrder' ? undefined : 'a gap matters when an order is under way'),
  },
];

const byName = new Map<string, FaultKind | StepKind>([...FAULT_KINDS, ...LONE_KINDS, ...STEP_KINDS].map((kind) => [kind.name, kind]));

/** @throws Error for a name that is no kind. */
export function kindNamed(name: string): FaultKind | StepKind {
  const kind = byName.get(name);
  if (kind === undefined) throw new Error(`no fault kind ${name}`);
  return kind;
}

/** The kind's fault at exactly this call; the id tells the kind, so that a result can be read back to it. */
export function faultAt(point: CallPoint, kind: FaultKind, index = 1): PlannedFault {
  const venue = kind.ofAccount === true ? { venue: point.venue } : {};
  return { id: `${kind.name}-${index}`, when: { point: point.id, ...venue }, inject: kind.inject(point) };
}

/** The kind in the id of a planned fault. */
export const kindOfFault = (id: string): string => id.replace(/-\d+$/, '');

export interface Exclusion {
  readonly kind: string;
  readonly point: string;
  readonly reason: string;
}

/** Every applicable (point, kind), and what does not apply with its reason. */
export function applicable(points: readonly CallPoint[]): {
  readonly pairs: readonly { readonly point: CallPoint; readonly kind: FaultKind }[];
  readonly excluded: readonly Exclusion[];
} {
  const pairs: { readonly point: CallPoint; readonly kind: FaultKind }[] = [];
  const excluded: Exclusion[] = [];
  for (const point of points) {
    for (const kind of FAULT_KINDS) {
      const reason = kind.excluded(point);
      if (reason === undefined) pairs.push({ point, kind });
      else excluded.push({ kind: kind.name, point: point.id, reason });
    }
  }
  return { pairs, excluded };
}

/** One fault that a flow can be struck with, and the plan's faults that make it. */
export interface Single {
  readonly point: FaultPoint;
  readonly kind: string;
  readonly faults: readonly PlannedFault[];
}

/** Whether further faults are planned behind this one: not behind those that are watched for minutes, nor those of the process. */
export const isPaired = (fault: PlannedFault): boolean => FAULT_KINDS.some(({ name }) => name === kindOfFault(fault.id));

/** Every applicable single fault at these points of a run, and what does not apply with its reason. */
export function singleFaults(points: readonly FaultPoint[]): { readonly singles: readonly Single[]; readonly excluded: readonly Exclusion[] } {
  const calls = points.filter((point) => point.kind === 'call');
  const { pairs, excluded } = applicable(calls);
  const singles: Single[] = pairs.map(({ point, kind }) => ({ point, kind: kind.name, faults: [faultAt(point, kind)] }));
  const further: Exclusion[] = [];
  const take = <Point extends FaultPoint>(
    point: Point,
    kind: { readonly name: string; excluded(at: Point): string | undefined },
    faults: () => readonly PlannedFault[],
  ): void => {
    const reason = kind.excluded(point);
    if (reason === undefined) singles.push({ point, kind: kind.name, faults: faults() });
    else further.push({ kind: kind.name, point: point.id, reason });
  };
  for (const point of calls) for (const kind of LONE_KINDS) take(point, kind, () => [faultAt(point, kind)]);
  const steps: readonly StepPoint[] = points.filter((point) => point.kind === 'step');
  for (const point of steps) for (const kind of STEP_KINDS) take(point, kind, () => stepFaults(point, kind));
  return { singles, excluded: [...excluded, ...further] };
}
