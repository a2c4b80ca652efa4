import { fixedFromNumber } from '../../core/money.js';
import type { Leg } from '../../core/units.js';
import type { TapeEvent } from '../../sim/tape-event.js';
import { worth } from './exact.js';
import type { TapeOf } from './invariant.js';

/** What a rollback cost, exactly: what was paid less what was got, fees included. */
interface FlowFigures {
  /** Executed along the flow's direction, rolled-back quantity included, 1e-8 BTC. */
  readonly executed: Readonly<Record<Leg, bigint>>;
  /** Quote money of it, 1e-8 KRW or USDT. */
  readonly quote: Readonly<Record<Leg, bigint>>;
  /** 1e-8 KRW; a flow of which a part was undone counts that part of what it had paid. */
  readonly rollbackKrw: bigint;
}

/** The figures of a report that follow from the fills alone. */
export interface RecomputedFigures {
  readonly sent: number;
  readonly outcomes: Readonly<Record<'filled' | 'partial' | 'unfilled' | 'refused' | 'never arrived', number>>;
  readonly cancels: number;
  /** By flow number. */
  readonly flows: ReadonlyMap<number, FlowFigures>;
}

/** A buy by cost that spent this many thousandths of its cost is whole: the rest buys no step. */
const WHOLE_PERMILLE = 999n;

/**
 * I16: fill quality and rollback cost worked out anew from the tape, without any code of the report. Money in other
 * money is taken at the USD/KRW rate in force at each fill, as the report does. (The report's floating-point figures
 * agree to its last printed digit.)
 */
export function recomputedFigures(tape: readonly TapeEvent[]): RecomputedFigures {
  const outcomes = { filled: 0, partial: 0, unfilled: 0, refused: 0, 'never arrived': 0 };
  const creates = tape.filter((event): event is TapeOf<'request'> => event.type === 'request' && event.method === 'createOrder');
  const arrived = new Set(tape.flatMap((event) => (event.type === 'arrived' ? [event.request] : [])));
  const accepted = new Map(tape.flatMap((event) => (event.type === 'order.accepted' ? [[event.request, event] as const] : [])));
  const fills = tape.filter((event) => event.type === 'fill');
  for (const { request } of creates) {
    const order = accepted.get(request);
    const mine = order === undefined ? [] : fills.filter(({ venue, orderId }) => venue === order.venue && orderId === order.orderId);
    outcomes[order === undefined ? (arrived.has(request) ? 'refused' : 'never arrived') : outcomeOf(order, mine)] += 1;
  }
  const rates = ratesOf(tape);
  const begins = tape.filter((event) => event.type === 'flow.begin');
  const flows = new Map(
    begins.map((begin) => [
      begin.flow,
      figuresOf(
        begin,
        fills.filter(({ flow }) => flow === begin.flow),
        rates,
      ),
    ]),
  );
  const cancels = tape.filter((event) => event.type === 'request' && event.method === 'cancelOrder').length;
  return { sent: creates.length, outcomes, cancels, flows };
}

function outcomeOf(order: TapeOf<'order.accepted'>, fills: readonly TapeOf<'fill'>[]): 'filled' | 'partial' | 'unfilled' {
  const executed = fills.reduce((sum, { quantity }) => sum + quantity, 0n);
  if (executed === 0n) return 'unfilled';
  const spent = fills.reduce((sum, { quote }) => sum + quote, 0n);
  const isWhole = order.quantity === undefined ? spent * 1_000n >= (order.cost ?? 0n) * WHOLE_PERMILLE : executed >= order.quantity;
  return isWhole ? 'filled' : 'partial';
}

type Rates = readonly { readonly t: number; readonly usdKrw: number }[];

/** In the order of time; marks may be written down late. Of one instant the last that was written holds. */
function ratesOf(tape: readonly TapeEvent[]): Rates {
  const rates = tape.flatMap((event) =>
    (event.type === 'mark' || event.type === 'flow.begin') && event.usdKrw !== undefined ? [{ t: event.t, usdKrw: event.usdKrw }] : [],
  );
  return rates.sort((a, b) => a.t - b.t);
}

function figuresOf(begin: TapeOf<'flow.begin'>, fills: readonly TapeOf<'fill'>[], rates: Rates): FlowFigures {
  const executed = { spot: 0n, perp: 0n };
  const quote = { spot: 0n, perp: 0n };
  let rollbackKrw = 0n;
  for (const leg of ['spot', 'perp'] as const) {
    const forward = (begin.kind === 'enter') === (leg === 'spot') ? 'buy' : 'sell';
    const along = fills.filter((fill) => fill.leg === leg && fill.side === forward);
    const against = fills.filter((fill) => fill.leg === leg && fill.side !== forward);
    const sizeOf = (some: readonly TapeOf<'fill'>[]): bigint => some.reduce((sum, fill) => sum + fill.quantity, 0n);
    const paidFor = (some: readonly TapeOf<'fill'>[]): bigint => some.reduce((sum, fill) => sum + paidKrw(fill, rates), 0n);
    executed[leg] = sizeOf(along);
    quote[leg] = along.reduce((sum, fill) => sum + fill.quote, 0n);
    const undone = sizeOf(against) < executed[leg] ? sizeOf(against) : executed[leg];
    if (undone > 0n) rollbackKrw += (paidFor(along) * undone) / executed[leg] + paidFor(against);
  }
  return { executed, quote, rollbackKrw };
}

/** KRW that a fill took out of the account, its fee included; negative for what a sale brought. */
function paidKrw(fill: TapeOf<'fill'>, rates: Rates): bigint {
  const paid = (fill.side === 'buy' ? fill.quote : 0n - fill.quote) + fill.fee;
  if (fill.feeAsset === 'KRW') return paid;
  const rate = fixedFromNumber(rates.findLast(({ t }) => t <= fill.t)?.usdKrw ?? rates[0]?.usdKrw ?? 0);
  return paid < 0n ? -worth(rate, -paid) : worth(rate, paid);
}
