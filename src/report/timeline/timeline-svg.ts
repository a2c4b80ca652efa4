import { abs, formatFixed, negate, toNumber } from '../../core/money.js';
import type { VenueId } from '../../core/units.js';
import type { TapeEvent } from '../../sim/tape-event.js';
import { PALETTE } from '../charts/palette.js';
import type { RunFacts, TapeOf } from '../facts/fact-types.js';
import { markup, type Markup, raw } from '../html/markup.js';
import { durationText, krwText } from '../number-text.js';
import { type Call, callsOf, isRead } from './calls.js';
import { briefly, type Moment, sweeps } from './moments.js';
import type { TimelineRow } from './timeline-rows.js';
import { type TimelineScale, timelineScale } from './timeline-scale.js';

const WIDTH = 860;
const LEFT = 92;
const RIGHT = WIDTH - 24;
const LANES: Readonly<Record<VenueId, number>> = { upbit: 62, binance: 112 };
const OTHER_CALLS_MAX = 12;
const BELIEF = 196;
const STRIP = { top: 232, bottom: 278 };
const HEIGHT = 308;

/**
 * The picture of an episode: truth above (one lane a venue), belief below, calls as arrows between them and the
 * unhedged quantity at the foot. What got lost ends in a cross. Numbers lead to the rows of the table beside it.
 */
export function timelineSvg(
  facts: RunFacts,
  tape: readonly TapeEvent[],
  rows: readonly TimelineRow[],
  window: { readonly from: number; readonly to: number },
): Markup {
  const events = sweeps(tape.filter((event) => event.t >= window.from && event.t <= window.to));
  const rowed = new Set(rows.map((row) => row.t));
  const called = callsOf(events);
  const calls = worthDrawing(called, rowed);
  const fills = events.filter((event) => event.type === 'fill');
  const drawn = [window.from, window.to, ...rowed, ...fills.map((fill) => fill.t), ...calls.flatMap(timesOf)].filter(
    (t) => t >= window.from && t <= window.to,
  );
  const scale = timelineScale(drawn, rowed, LEFT + 14, RIGHT - 8);
  return markup`<svg
    class="timeline"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    role="img"
    aria-label="Truth and belief over the worst episode; the table below tells the same"
  >
    ${marker()}${lanes()}${numbers(rows, scale)}${strip(facts, scale, window)}
    ${calls.map((call) => callArrow(call, scale))}${fills.map((fill) => fillMark(fill, scale))}
    ${rows.flatMap((row) => [row.truth, row.belief]).map((moment) => (moment === undefined ? '' : momentMark(moment, scale)))}
    <text x="${LEFT + 8}" y="${HEIGHT - 8}" class="tl-soft">
      ${durationText(window.to - window.from)} from left to right, long waits drawn short. ● bought ○ sold ◇ fault ✕ lost ■ decided (red: in doubt or
      repairing)${called.length > calls.length && ` ${called.length - calls.length} more calls are not drawn.`}
    </text>
  </svg>`;
}

const fix = (value: number): string => value.toFixed(1);

function marker(): Markup {
  const head = (id: string, color: string): string =>
    `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.8 7.5 4 0 7.2z" fill="${color}"/></marker>`;
  return raw(`<defs>${head('tl-there', PALETTE.blue)}${head('tl-back', PALETTE.soft)}</defs>`);
}

function lanes(): Markup {
  const lane = (y: number, name: string, what: string): Markup =>
    markup`<line x1="${LEFT}" x2="${RIGHT}" y1="${y}" y2="${y}" class="tl-lane" /><text x="8" y="${y - 1}" class="tl-name">${name}</text
      ><text x="8" y="${y + 12}" class="tl-soft">${what}</text>`;
  const foot = (STRIP.top + STRIP.bottom) / 2;
  return markup`${lane(LANES.upbit, 'Upbit', 'truth')}${lane(LANES.binance, 'Binance', 'truth')}${lane(BELIEF, 'Executor', 'belief')}
    <text x="8" y="${foot}" class="tl-name">Naked</text><text x="8" y="${foot + 13}" class="tl-soft">truth</text>`;
}

function numbers(rows: readonly TimelineRow[], scale: TimelineScale): Markup {
  const seen = new Map<number, number[]>();
  rows.forEach((row, index) => seen.set(row.t, [...(seen.get(row.t) ?? []), index + 1]));
  return markup`${[...seen].map(([t, indices]) => {
    const x = fix(scale.x(t));
    const label = indices.length > 2 ? `${indices[0]}-${indices.at(-1)}` : indices.join(',');
    return markup`<line x1="${x}" x2="${x}" y1="24" y2="${STRIP.bottom}" class="tl-guide" /><text x="${x}" y="18" class="tl-number">${label}</text>`;
  })}`;
}

/** Calls that the numbers speak of and the first few others: an executor that tries for an hour would fill the picture. */
function worthDrawing(calls: readonly Call[], rowed: ReadonlySet<number>): readonly Call[] {
  let others = 0;
  return calls.filter((call) => isRead(call) || timesOf(call).some((t) => rowed.has(t)) || (others += 1) <= OTHER_CALLS_MAX);
}

/** Reads are only ticks on the lane and share the room of what stands around them. */
const timesOf = (call: Call): readonly number[] =>
  isRead(call) ? [] : [call.request.t, call.arrivedAt ?? call.request.t, call.answer?.t ?? call.request.t];

function callArrow(call: Call, scale: TimelineScale): Markup {
  const lane = LANES[call.request.venue];
  const sent = scale.x(call.request.t);
  if (isRead(call)) return markup`<line x1="${fix(sent)}" x2="${fix(sent)}" y1="${BELIEF - 5}" y2="${BELIEF}" class="tl-read" />`;
  const doubt = call.answer?.ok === false ? markup`<circle cx="${fix(scale.x(call.answer.t))}" cy="${BELIEF}" r="7" class="tl-doubt" />` : markup``;
  if (call.arrivedAt === undefined) return markup`${doubt}${lost(sent, BELIEF, scale.x(call.answer?.t ?? call.request.t), lane)}`;
  const arrived = scale.x(call.arrivedAt);
  const there = markup`<line x1="${fix(sent)}" y1="${BELIEF}" x2="${fix(arrived)}" y2="${lane + 7}" class="tl-there" marker-end="url(#tl-there)" />`;
  if (call.answer === undefined) return markup`${there}${lost(arrived, lane, arrived + 40, BELIEF)}`;
  const told = scale.x(call.answer.t);
  // A time-out or a broken line is not an answer of the venue: what it sent never came.
  if (!call.answer.ok && call.answer.http === undefined && call.answer.code === undefined)
    return markup`${doubt}${there}${lost(arrived, lane, told, BELIEF)}`;
  return markup`${there}<line x1="${fix(arrived)}" y1="${lane + 7}" x2="${fix(told)}" y2="${BELIEF - 2}" class="tl-back" marker-end="url(#tl-back)" />`;
}

/** Half the way, then a cross. */
function lost(x1: number, y1: number, x2: number, y2: number): Markup {
  const x = x1 + Math.min(60, Math.max(14, (x2 - x1) * 0.45));
  const y = y1 + (y2 - y1) * 0.5;
  return markup`<line x1="${fix(x1)}" y1="${fix(y1)}" x2="${fix(x)}" y2="${fix(y)}" class="tl-lost" /><path
      d="M${fix(x - 5)} ${fix(y - 5)}l10 10m0-10l-10 10"
      class="tl-cross"
    />`;
}

function fillMark(fill: TapeOf<'fill'>, scale: TimelineScale): Markup {
  const x = fix(scale.x(fill.t));
  const y = LANES[fill.venue];
  const label = briefly(fill.side === 'buy' ? fill.quantity : negate(fill.quantity)).replace('-', '−');
  return markup`<circle cx="${x}" cy="${y}" r="6" class="${fill.side === 'buy' ? 'tl-buy' : 'tl-sell'}"
      ><title>${fill.side} ${formatFixed(fill.quantity)} BTC</title></circle
    ><text x="${x}" y="${y - 10}" class="tl-fill">${label}</text>`;
}

function momentMark(moment: Moment, scale: TimelineScale): Markup | string {
  const x = scale.x(moment.t);
  if (moment.lane === 'belief')
    return markup`<rect x="${fix(x - 4)}" y="${BELIEF - 4}" width="8" height="8" class="${moment.weight >= 8 ? 'tl-alarm' : 'tl-belief'}"
      ><title>${moment.text}</title></rect
    >`;
  if (moment.fault !== true) return '';
  // What strikes no venue's call (the market, the process) stands between the lanes.
  const y = moment.venue === undefined ? (LANES.binance + BELIEF) / 2 : LANES[moment.venue];
  return markup`<path d="M${fix(x)} ${y - 9}l9 9-9 9-9-9z" class="tl-fault"><title>${moment.text}</title></path>`;
}

/** The unhedged quantity as a step area; upwards whichever sign, its largest size written on it. */
function strip(facts: RunFacts, scale: TimelineScale, window: { readonly from: number; readonly to: number }): Markup {
  const before = facts.positions.findLast((step) => step.t <= window.from);
  const steps = [
    { t: window.from, size: toNumber(abs(before?.residual ?? 0n)) },
    ...facts.positions
      .filter((step) => step.t > window.from && step.t <= window.to)
      .map((step) => ({ t: step.t, size: toNumber(abs(step.residual)) })),
  ];
  const peak = Math.max(...steps.map((step) => step.size));
  const base = markup`<line x1="${LEFT}" x2="${RIGHT}" y1="${STRIP.bottom}" y2="${STRIP.bottom}" class="tl-lane" />`;
  if (peak === 0) return base;
  const y = (size: number): number => STRIP.bottom - (size / peak) * (STRIP.bottom - STRIP.top - 12);
  const path = steps
    .map((step, index) => `${index === 0 ? `M${fix(scale.x(step.t))} ${STRIP.bottom}V` : `H${fix(scale.x(step.t))}V`}${fix(y(step.size))}`)
    .join('');
  const most = steps.find((step) => step.size === peak);
  const worth = peak * (facts.prices.upbit.nearest(most?.t ?? window.from) ?? 0);
  return markup`<path d="${path}H${fix(scale.x(window.to))}V${STRIP.bottom}z" class="tl-naked" />${base}<text
      x="${fix(Math.min(scale.x(most?.t ?? window.from) + 4, RIGHT - 180))}"
      y="${STRIP.top + 6}"
      class="tl-soft"
      >${formatFixed(toFixed(peak))} BTC, ${krwText(worth)}</text
    >`;
}

const toFixed = (btc: number): bigint => BigInt(Math.round(btc * 1e8));
