import type { Purpose } from '../../core/purpose.js';
import type { Leg, VenueId } from '../../core/units.js';

/** One place where the outside world can answer differently, named by its position in the run and not by its time. */
export type FaultPoint = CallPoint | StepPoint;

/** A request of the executor. */
export interface CallPoint {
  readonly kind: 'call';
  /** `e<incarnation>/f<flow>/<purpose>/<venue>.<method>#<n>` */
  readonly id: string;
  readonly venue: VenueId;
  readonly method: string;
  readonly purpose: Purpose;
  readonly leg: Leg;
  readonly side?: 'buy' | 'sell' | undefined;
  readonly orderType?: string | undefined;
  readonly reduceOnly?: boolean | undefined;
  /** The client's own preparation of a later call: its answer only fills a cache. */
  readonly prepares?: true | undefined;
  /** What the order asks for, in 1e-8 BTC; absent for one by cost. */
  readonly quantity?: number | undefined;
  /** The account was short when the call left. */
  readonly holdsShort?: true | undefined;
}

/** A moment before or after an await of the executor at which its process can die. */
export interface StepPoint {
  readonly kind: 'step';
  /** A call point or `e<incarnation>/f<flow>/journal.append(<type>)#<n>`, then `.pre .sent .got .before .after`. */
  readonly id: string;
  /** As a scenario's `when.step` says it. */
  readonly name: string;
  readonly incarnation: number;
  /** The flow hears of its orders by streams, too. */
  readonly hasStreams?: true | undefined;
}

/** The flow of a point's name: `f1`, `f0` outside any. */
export const flowOf = (point: string): string | undefined => point.split('/')[1];

/** The part of a point's name that says in which stage of which flow it lies: `f1/hedge`. */
export function phaseOf(point: string): string {
  const [, flow = '', purpose = ''] = point.split('/');
  return purpose.startsWith('journal.') ? `${flow}/journal` : `${flow}/${purpose}`;
}

/** `upbit.createOrder` of a step of a call; undefined for one of the journal. */
export const callName = ({ name }: StepPoint): string | undefined => (name.startsWith('journal.') ? undefined : name.slice(0, name.lastIndexOf('.')));
