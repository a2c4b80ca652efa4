import { formatFixed } from '../../core/money.js';
import type { Leg } from '../../core/units.js';
import type { OrderFacts, RunFacts, TapeOf } from '../facts/fact-types.js';
import { venueName } from '../timeline/moments.js';
import type { BeliefStep } from './believed-position.js';

/** Where truth and belief part: a stretch in which the executor is sure of something that is not so. */
export interface Parting {
  readonly from: number;
  /** undefined: until the run ends. */
  readonly to: number | undefined;
  /** One sentence. */
  readonly text: string;
}

/** Shorter than this is the way of a message and no error. */
const SHORT_MS = 1_000;

/**
 * The stretches in which the journal is sure of a position that is not so. Orders that are open or in doubt are left
 * out on both sides: who waits for an answer knows that he does not know.
 */
export function partingsOfBelief(facts: RunFacts, belief: readonly BeliefStep[]): readonly Parting[] {
  const fills = fillsById(facts.orders);
  const partings: { from: number; to: number | undefined; text: string }[] = [];
  let open: (typeof partings)[number] | undefined;
  for (const { t, held, believed } of sideBySide(facts, belief)) {
    const known = { spot: held.spot, perp: held.perp };
    for (const id of believed?.open ?? []) {
      for (const { leg, sign, event } of fills.get(id) ?? []) if (event.t <= t) known[leg] -= BigInt(sign) * event.quantity;
    }
    const sure = believed?.sure ?? NOTHING;
    const isWrong = isFar(sure.spot, known.spot, facts.tolerance) || isFar(sure.perp, known.perp, facts.tolerance);
    if (isWrong && open === undefined) {
      open = { from: t, to: undefined, text: `the venues hold ${pair(known)}, the journal is sure of ${pair(sure)}` };
      partings.push(open);
    }
    if (!isWrong && open !== undefined) {
      open.to = t;
      open = undefined;
    }
  }
  const wrong = partings.filter(({ from, to }) => to === undefined || to - from >= SHORT_MS);
  return [...wrong, ...neverLearnt(facts, belief)].sort((a, b) => a.from - b.from);
}

/** Orders that filled and that the journal still has open when the run ends, long after any answer could come. */
function neverLearnt(facts: RunFacts, belief: readonly BeliefStep[]): readonly Parting[] {
  const open = new Set(belief.at(-1)?.open ?? []);
  return facts.orders.flatMap(({ request, fills }): readonly Parting[] => {
    const last = fills.at(-1);
    if (request.clientOrderId === undefined || !open.has(request.clientOrderId) || last === undefined || facts.to - last.t < LEARNT_BY_MS) return [];
    const filled = formatFixed(fills.reduce((sum, { event }) => sum + event.quantity, 0n));
    const venue = venueName(last.venue);
    return [
      { from: last.t, to: undefined, text: `${venue} ${last.side === 'buy' ? 'bought' : 'sold'} ${filled} BTC; the journal never learns of it` },
    ];
  });
}

/** A run ends after a quiet period at least as long. */
const LEARNT_BY_MS = 30_000;

const NOTHING = { spot: 0n, perp: 0n };

/** Less than a lot cannot be traded away; who is wrong by so little is not wrong. */
const isFar = (a: bigint, b: bigint, tolerance: bigint): boolean => (a > b ? a - b : b - a) > tolerance;

function fillsById(orders: readonly OrderFacts[]): ReadonlyMap<string, OrderFacts['fills']> {
  const fills = new Map<string, OrderFacts['fills']>();
  for (const { request, fills: own } of orders) {
    if (request.clientOrderId !== undefined) fills.set(request.clientOrderId, [...(fills.get(request.clientOrderId) ?? []), ...own]);
  }
  return fills;
}

interface Instant {
  readonly t: number;
  readonly held: Readonly<Record<Leg, bigint>>;
  readonly believed: BeliefStep | undefined;
}

/** Truth and belief at every instant at which one of them changes. */
function sideBySide({ positions }: RunFacts, belief: readonly BeliefStep[]): readonly Instant[] {
  const times = [...new Set([...belief.map(({ t }) => t), ...positions.map(({ t }) => t)])].sort((a, b) => a - b);
  let [nextHeld, nextBelieved] = [0, 0];
  return times.map((t) => {
    while ((positions[nextHeld]?.t ?? Number.POSITIVE_INFINITY) <= t) nextHeld += 1;
    while ((belief[nextBelieved]?.t ?? Number.POSITIVE_INFINITY) <= t) nextBelieved += 1;
    return { t, held: positions[nextHeld - 1] ?? NOTHING, believed: belief[nextBelieved - 1] };
  });
}

const pair = ({ spot, perp }: { readonly spot: bigint; readonly perp: bigint }): string => `${signed(spot)} spot / ${signed(perp)} perp BTC`;

const signed = (amount: bigint): string => `${amount > 0n ? '+' : ''}${formatFixed(amount)}`;

/**
 * For an executor without a journal: the first order that a venue took although the executor was told of an error, or
 * of nothing. What it made of that only its next orders show.
 */
export function partingOfAnswer(facts: RunFacts): Parting | undefined {
  const misled = facts.orders.filter((order) => order.accepted !== undefined && order.answer?.ok !== true);
  const dated = misled.map((order) => ({ order, from: Math.max(order.answer?.t ?? facts.to, order.accepted?.t ?? 0) }));
  const [first] = dated.sort((a, b) => a.from - b.from);
  if (first === undefined) return undefined;
  const { order, from } = first;
  const executed = order.fills.reduce((sum, { event }) => sum + event.quantity, 0n);
  const took = `${venueName(order.request.venue)} took the ${order.accepted?.side ?? 'order'}`;
  const filled = executed === 0n ? '' : ` and filled ${formatFixed(executed)} BTC`;
  return { from, to: undefined, text: `${took}${filled}; the executor was told ${toldOf(order)}` };
}

const toldOf = ({ answer }: OrderFacts): string => (answer === undefined ? 'nothing' : toldText(answer));

function toldText({ error, http, code }: TapeOf<'answer'>): string {
  const wire = [http === undefined ? [] : [`HTTP ${http}`], code === undefined ? [] : [code]].flat().join(' ');
  return `${error ?? 'an error'}${wire === '' ? '' : ` (${wire})`}`;
}
