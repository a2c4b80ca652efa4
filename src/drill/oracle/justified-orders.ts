import type { Side } from '../../core/units.js';
import type { FlowTrack } from './truth.js';
import type { Invariant, Probe, Scene, TapeOf } from './invariant.js';
import { btc, magnitude, orderText } from './words.js';

type Create = TapeOf<'request'>;

/** The legs of a close outside a flow leave together, or one after the other once the first has filled. */
const PAIR_MS = 15_000;

/**
 * I4, order by order against the truth at the moment of sending; one lot of slack, 1 % more for a buy by cost.
 * A hedge brings its leg to at most what the other one has executed or may still execute, or reduces delta. A rollback,
 * repair or recovery reduces delta and is no larger. A close outside a flow (by a monitor) comes with the other leg's.
 * What buys the perpetual back is reduce-only. Forced trades and orders that came too late, which nobody can have
 * expected, may be left out of delta for `unseenMs`.
 */
export const justifiedOrders: Invariant = {
  id: 'I4',
  name: 'justified-orders',
  promise: 'Hedges follow what has filled, rollbacks reduce delta and are no larger, perpetuals are closed reduce-only.',
  against: 'hedge, rollback, repair or recovery order, or perpetual bought back',
  watch(scene, probe) {
    const closings: Create[] = [];
    const partners: Create[] = [];
    return {
      on: {
        request: (event) => {
          if (event.method !== 'createOrder' || event.side === undefined) return;
          checkReduceOnly(probe, event);
          if (event.purpose === 'hedge') checkHedge(scene, probe, event);
          if (event.purpose === 'rollback' || event.purpose === 'repair' || event.purpose === 'recover') {
            partners.push(event);
            if (isClosing(scene, event) && !reduces(scene, event, event.side)) closings.push(event);
            else checkReducing(scene, probe, event);
          }
        },
      },
      end: () => {
        for (const closing of closings) checkPair(probe, closing, partners);
      },
    };
  },
};

function checkReduceOnly(probe: Probe, event: Create): void {
  if (event.leg !== 'perp' || event.side !== 'buy') return;
  probe.check(event.reduceOnly === true, () => ({
    at: event.t,
    tapeSeq: event.seq,
    expected: 'an order that buys the perpetual back is reduce-only',
    found: `${orderText(event)} is not`,
  }));
}

function slackOf({ context }: Scene, event: Create, wanted: bigint): bigint {
  return context.lot + (event.cost === undefined ? 0n : wanted / 100n);
}

/** Delta as it is, and without what nobody can have expected. */
function deltasSeen({ truth, context }: Scene, event: Create): readonly bigint[] {
  return truth.surprisesSince(event.t - context.budgets.unseenMs).map((surprise) => truth.delta - surprise);
}

function reduces(scene: Scene, event: Create, side: Side): boolean {
  const wanted = scene.truth.wantedOf(event);
  const slack = slackOf(scene, event, wanted);
  return deltasSeen(scene, event).some((delta) => (side === 'sell' ? delta > 0n : delta < 0n) && wanted <= magnitude(delta) + slack);
}

/** Takes off what is held, outside any flow and while the legs are even. */
function isClosing({ truth, context }: Scene, event: Create): boolean {
  if (event.flow !== 0 && event.purpose !== 'recover' && !truth.isFlattening) return false;
  if (event.leg === 'spot' ? event.side !== 'sell' : event.side !== 'buy') return false;
  const other = event.leg === 'spot' ? truth.pending('perp', 'buy') : truth.pending('spot', 'sell');
  return magnitude(truth.delta) < context.lot || other > 0n;
}

function checkReducing(scene: Scene, probe: Probe, event: Create): void {
  const { truth } = scene;
  const wanted = truth.wantedOf(event);
  probe.check(reduces(scene, event, event.side ?? 'buy'), () => ({
    at: event.t,
    tapeSeq: event.seq,
    expected: `a ${event.purpose} reduces the delta of ${btc(truth.delta)} and is no larger`,
    found: `${orderText(event)} of ${btc(wanted)}`,
    mark: 'rollback.qty-exceeds-delta',
  }));
}

/** @param partners - the orders that take off or even out; behind a first leg that has filled the second one evens out. */
function checkPair(probe: Probe, event: Create, partners: readonly Create[]): void {
  const partner = partners.some((other) => other.leg !== event.leg && Math.abs(other.t - event.t) <= PAIR_MS);
  probe.check(partner, () => ({
    at: event.t,
    tapeSeq: event.seq,
    expected: `an order that closes one leg of an even hedge comes with the other leg's within ${PAIR_MS} ms`,
    found: `${orderText(event)} came alone`,
    mark: 'rollback.qty-exceeds-delta',
  }));
}

function checkHedge(scene: Scene, probe: Probe, event: Create): void {
  const { truth } = scene;
  const flow = truth.flows.get(event.flow);
  const side = event.side ?? 'buy';
  if (flow === undefined) return;
  const wanted = truth.wantedOf(event);
  const own = forward(flow, event.leg) + truth.pending(event.leg, side);
  const otherLeg = event.leg === 'spot' ? 'perp' : 'spot';
  const other = forward(flow, otherLeg) + truth.pending(otherLeg, side === 'buy' ? 'sell' : 'buy');
  const follows = own + wanted <= other + slackOf(scene, event, wanted);
  probe.check(follows || reduces(scene, event, side), () => ({
    at: event.t,
    tapeSeq: event.seq,
    expected: `a hedge brings the ${event.leg} leg to at most the ${btc(other)} that the ${otherLeg} leg has filled or may still fill`,
    found: `${orderText(event)} of ${btc(wanted)} on top of ${btc(own)}`,
  }));
}

function forward({ net }: FlowTrack, leg: 'spot' | 'perp'): bigint {
  return leg === 'spot' ? net.spot : -net.perp;
}
