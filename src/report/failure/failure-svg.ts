import { abs, formatFixed, fixed, negate, toNumber, type Btc } from '../../core/money.js';
import type { VenueId } from '../../core/units.js';
import { markup, type Markup, raw } from '../html/markup.js';
import { krwText } from '../number-text.js';
import { type Call, fateOf } from '../timeline/calls.js';
import { briefly, sweeps } from '../timeline/moments.js';
import { type TimelineScale, timelineScale } from '../timeline/timeline-scale.js';
import type { FailureStory } from './failure-story.js';
import { sinceStart } from './failure-story.js';
import { LabelPlaces, widthOf } from './label-places.js';
import { promiseName } from './failure-input.js';

const NAMES_WIDTH = 92;
const RIGHT_PAD = 16;
const FLAGS = { top: 4, height: 16, levels: 3 };
const NUMBERS = 70;
const NAKED = { top: 82, bottom: 124 };
const LANES: Readonly<Record<VenueId, number>> = { upbit: 160, binance: 210 };
const EXECUTOR = 306;
const BELIEVED = { top: 362, bottom: 402 };
const HEIGHT = 412;
/** Room for one row, and for the whole picture. */
const ROW_PX = 31;
const WIDTHS = { min: 960, max: 1_700 };

/** The names of the lanes; they stay in place while the picture beside them is scrolled. */
export function laneNames(story: FailureStory): Markup {
  const name = (y: number, title: string, what: string): Markup =>
    markup`<text x="0" y="${y}" class="name">${title}</text><text x="0" y="${y + 13}" class="soft">${what}</text>`;
  return markup`<svg class="names" width="${NAMES_WIDTH}" height="${HEIGHT}" aria-hidden="true">
    <text x="0" y="${NUMBERS}" class="soft">row</text>
    ${name((NAKED.top + NAKED.bottom) / 2, 'Naked', 'truth')}${name(LANES.upbit, 'Upbit', 'truth')}${name(LANES.binance, 'Binance', 'truth')}
    ${name(EXECUTOR, 'Executor', story.belief === undefined ? 'its orders' : 'belief')}
    ${name((BELIEVED.top + BELIEVED.bottom) / 2, 'Naked', story.belief === undefined ? 'belief: unknown' : 'as believed')}
  </svg>`;
}

/**
 * Truth above (what is unhedged, one lane a venue), belief below, calls as arrows between them. A band marks where
 * the two part, a flag each promise that broke. Numbers lead to the rows of the table.
 */
export function failureSvg(story: FailureStory): Markup {
  const width = Math.min(WIDTHS.max, Math.max(WIDTHS.min, story.rows.length * ROW_PX));
  const rowed = new Set(story.rows.map(({ t }) => t));
  const instants = [
    story.from,
    story.to,
    ...rowed,
    ...story.calls.flatMap(({ request, arrivedAt, answer }) => [request.t, arrivedAt ?? request.t, answer?.t ?? request.t]),
    ...story.facts.positions.map(({ t }) => t),
  ].filter((t) => t >= story.from && t <= story.to);
  const scale = timelineScale(instants, rowed, 14, width - RIGHT_PAD - 30);
  const drawing: Drawing = { story, scale, right: width - RIGHT_PAD };
  return markup`<svg class="picture" width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${summaryOf(story)}">
    ${arrowHeads()}${bands(drawing)}${guides(drawing)}${areas(drawing)}
    <line x1="0" x2="${width - RIGHT_PAD}" y1="${LANES.upbit}" y2="${LANES.upbit}" class="lane" /><line x1="0" x2="${width - RIGHT_PAD}" y1="${LANES.binance}" y2="${LANES.binance}" class="lane" /><line x1="0" x2="${width - RIGHT_PAD}" y1="${EXECUTOR}" y2="${EXECUTOR}" class="lane" />
    ${orderBars(drawing)}${arrows(drawing)}${fills(drawing)}${faults(drawing)}${decisions(drawing)}${flags(drawing)}
  </svg>`;
}

interface Drawing {
  readonly story: FailureStory;
  readonly scale: TimelineScale;
  readonly right: number;
}

const fix = (value: number): string => value.toFixed(1);

/** The picture in words, for who does not see it; the table below tells all of it. */
function summaryOf({ partings, first, from, input }: FailureStory): string {
  const [parting] = partings;
  const parts = parting === undefined ? '' : ` Truth and belief part at ${sinceStart({ from }, parting.from)}: ${parting.text}.`;
  const broken = first === undefined ? '' : ` ${promiseName(first)} breaks${first.at === undefined ? '' : ` at ${sinceStart({ from }, first.at)}`}.`;
  return `Two lanes, truth above and belief below, of ${input.scenario} with ${input.executor}.${parts}${broken} The table below tells the same.`;
}

function arrowHeads(): Markup {
  const head = (id: string, kind: string): string =>
    `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.8 7.5 4 0 7.2z" class="${kind}"/></marker>`;
  const hatch = `<pattern id="doubt" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6" class="hatch"/></pattern>`;
  return raw(`<defs>${head('there', 'head-there')}${head('back', 'head-back')}${hatch}</defs>`);
}

/** Stretches in which truth and belief are apart. */
function bands({ story, scale, right }: Drawing): Markup {
  return markup`${story.partings.map(({ from, to, text }) => {
    const [x1, x2] = [scale.x(from), to === undefined ? right : scale.x(Math.min(to, story.to))];
    return markup`<rect x="${fix(x1)}" y="${NUMBERS + 6}" width="${fix(Math.max(2, x2 - x1))}" height="${HEIGHT - NUMBERS - 6}" class="apart"><title>${text}</title></rect><line x1="${fix(x1)}" x2="${fix(x1)}" y1="${NUMBERS - 10}" y2="${HEIGHT}" class="part-line" />`;
  })}`;
}

function guides({ story, scale }: Drawing): Markup {
  const numbers = new Map<number, number[]>();
  story.rows.forEach((row, index) => numbers.set(row.t, [...(numbers.get(row.t) ?? []), index + 1]));
  const places = new LabelPlaces(1);
  return markup`${[...numbers].map(([t, rows]) => {
    const x = scale.x(t);
    const label = rows.length > 1 ? `${rows[0] ?? ''}–${rows.at(-1) ?? ''}` : String(rows[0]);
    const isFree = places.take(x - widthOf(label) / 2, label, 3) !== undefined;
    return markup`<line x1="${fix(x)}" x2="${fix(x)}" y1="${NUMBERS + 5}" y2="${HEIGHT}" class="guide" />${isFree && markup`<text x="${fix(x)}" y="${NUMBERS}" class="label number">${label}</text>`}`;
  })}`;
}

/** What was unhedged, and what the journal took for unhedged, at one scale: the eye compares the two. */
function areas(drawing: Drawing): Markup {
  const { story, scale, right } = drawing;
  const truth = story.facts.positions.map(({ t, residual }) => ({ t, size: toNumber(abs(residual)), inDoubt: false }));
  const belief = story.belief?.map(({ t, spot, perp, inDoubt }) => ({ t, size: toNumber(abs(fixed<Btc>(spot + perp))), inDoubt }));
  const peak = Math.max(
    0,
    ...clipped(drawing, truth).map(({ size }) => size),
    ...(belief === undefined ? [] : clipped(drawing, belief)).map(({ size }) => size),
  );
  const most = clipped(drawing, truth).find(({ size }) => size === peak && size > 0);
  const worth = story.facts.prices.upbit.nearest(most?.t ?? story.from) ?? 0;
  const label = `${formatFixed(BigInt(Math.round(peak * 1e8)))} BTC naked, ${krwText(peak * worth)}`;
  const x = most === undefined ? 0 : Math.max(0, Math.min(scale.x(most.t) + 4, right - widthOf(label)));
  const unknown = markup`<rect x="0" y="${BELIEVED.top}" width="${right}" height="${BELIEVED.bottom - BELIEVED.top}" class="unknown" /><text x="12" y="${(BELIEVED.top + BELIEVED.bottom) / 2 + 4}" class="soft">Unknown: this executor keeps no journal of its orders. Above stands what it ordered and what it was told.</text>`;
  return markup`${stepArea(drawing, truth, NAKED, peak, 'naked')}${most !== undefined && markup`<text x="${fix(x)}" y="${NAKED.top + 9}" class="label">${label}</text>`}
    ${belief === undefined ? unknown : stepArea(drawing, belief, BELIEVED, peak, 'believed')}`;
}

interface SizeStep {
  readonly t: number;
  readonly size: number;
  readonly inDoubt: boolean;
}

/** Steps of the window, with what holds at its start. */
function clipped({ story }: Drawing, steps: readonly SizeStep[]): readonly SizeStep[] {
  const before = steps.findLast(({ t }) => t <= story.from);
  return [{ t: story.from, size: before?.size ?? 0, inDoubt: before?.inDoubt ?? false }, ...steps.filter(({ t }) => t > story.from && t <= story.to)];
}

function stepArea(drawing: Drawing, all: readonly SizeStep[], { top, bottom }: { top: number; bottom: number }, peak: number, kind: string): Markup {
  const { scale, right } = drawing;
  const steps = clipped(drawing, all);
  const y = (size: number): number => (peak === 0 ? bottom : bottom - (size / peak) * (bottom - top - 14));
  const path = steps
    .map(({ t, size }, index) => `${index === 0 ? `M${fix(scale.x(t))} ${bottom}V` : `H${fix(scale.x(t))}V`}${fix(y(size))}`)
    .join('');
  const doubts = steps.flatMap((step, index) => {
    if (!step.inDoubt) return [];
    const [x1, x2] = [scale.x(step.t), index + 1 < steps.length ? scale.x(steps[index + 1]?.t ?? step.t) : right];
    return [
      markup`<rect x="${fix(x1)}" y="${top}" width="${fix(x2 - x1)}" height="${bottom - top}" fill="url(#doubt)"><title>in doubt: it knows that it does not know</title></rect>`,
    ];
  });
  return markup`<path d="${path}H${fix(right)}V${bottom}z" class="${kind}" />${doubts}<line x1="0" x2="${right}" y1="${bottom}" y2="${bottom}" class="lane" />`;
}

/** An order from its acceptance to its end. */
function orderBars({ story, scale, right }: Drawing): Markup {
  return markup`${story.facts.orders.map(({ accepted, ended, request }) => {
    if (accepted === undefined || accepted.t > story.to || (ended?.t ?? story.to) < story.from) return '';
    const x1 = scale.x(Math.max(story.from, accepted.t));
    const x2 = ended === undefined ? right : scale.x(ended.t);
    const y = LANES[request.venue];
    return markup`<line x1="${fix(x1)}" x2="${fix(Math.max(x1 + 2, x2))}" y1="${y}" y2="${y}" class="order"><title>order ${ended?.status ?? 'still open at the end'}</title></line>`;
  })}`;
}

function arrows({ story, scale }: Drawing): Markup {
  return markup`${story.calls.map((call) => callArrow(call, scale, story.to))}`;
}

function callArrow(call: Call, scale: TimelineScale, end: number): Markup {
  const { request, arrivedAt, answer } = call;
  const lane = LANES[request.venue];
  const sent = scale.x(request.t);
  const told = scale.x(Math.min(end, answer?.t ?? end));
  const fate = fateOf(call);
  if (arrivedAt === undefined && fate === 'request lost') return lost(sent, EXECUTOR, told, lane, 'request lost');
  const arrived = scale.x(Math.min(end, arrivedAt ?? request.t));
  const there = markup`<line x1="${fix(sent)}" y1="${EXECUTOR - 5}" x2="${fix(arrived)}" y2="${lane + 8}" class="there" marker-end="url(#there)" />`;
  if (fate === 'reply lost') return markup`${there}${lost(arrived, lane + 8, told, EXECUTOR, 'reply lost')}`;
  return markup`${there}<line x1="${fix(arrived)}" y1="${lane + 8}" x2="${fix(told)}" y2="${EXECUTOR - 6}" class="back" marker-end="url(#back)" />`;
}

/** Half the way, then a cross. */
function lost(x1: number, y1: number, x2: number, y2: number, what: string): Markup {
  const x = x1 + Math.min(60, Math.max(10, (x2 - x1) * 0.45));
  const y = y1 + (y2 - y1) * 0.5;
  return markup`<line x1="${fix(x1)}" y1="${fix(y1)}" x2="${fix(x)}" y2="${fix(y)}" class="lost" /><path d="M${fix(x - 5)} ${fix(y - 5)}l10 10m0-10l-10 10" class="cross" /><text x="${fix(x + 9)}" y="${fix(y + 4)}" class="label alarm">${what}</text>`;
}

function fills({ story, scale }: Drawing): Markup {
  const places = { upbit: new LabelPlaces(2), binance: new LabelPlaces(2) };
  return markup`${sweeps(story.input.tape).map((event) => {
    if (event.type !== 'fill' || event.t < story.from || event.t > story.to) return '';
    const x = scale.x(event.t);
    const y = LANES[event.venue];
    const label = briefly(event.side === 'buy' ? event.quantity : negate(event.quantity)).replace('-', '−');
    const level = places[event.venue].take(x - 6, label);
    return markup`<circle cx="${fix(x)}" cy="${y}" r="6" class="${event.side}"><title>${event.side} ${formatFixed(event.quantity)} BTC</title></circle>${
      level !== undefined && markup`<text x="${fix(x - 6)}" y="${y - 11 - level * 12}" class="label strong">${label}</text>`
    }`;
  })}`;
}

function faults({ story, scale }: Drawing): Markup {
  const moments = story.rows.flatMap(({ truth }) => (truth?.fault === true ? [truth] : []));
  return markup`${moments.map(({ t, venue, text }) => {
    // What strikes no venue's call (the market, the process) stands between the lanes.
    const y = venue === undefined ? (LANES.binance + EXECUTOR) / 2 : LANES[venue];
    return markup`<path d="M${fix(scale.x(t))} ${y - 9}l9 9-9 9-9-9z" class="fault"><title>${text}</title></path>`;
  })}`;
}

/** What the executor decided, sent and was told, in words under its lane where there is room. */
function decisions({ story, scale, right }: Drawing): Markup {
  const places = new LabelPlaces(3);
  return markup`${story.rows.map(({ belief, arrow, t }) => {
    if (belief === undefined) return '';
    const x = scale.x(t);
    const isBad = belief.weight >= 8 && arrow !== 'sent' && belief.ends !== true;
    const label = shortened(belief.text);
    const isLabelled = belief.weight >= 5 || (belief.weight >= 3 && arrow === 'sent');
    const left = Math.max(0, Math.min(x - 4, right - widthOf(label)));
    const level = isLabelled ? places.take(left, label) : undefined;
    return markup`<rect x="${fix(x - 4)}" y="${EXECUTOR - 4}" width="8" height="8" class="${isBad ? 'bad' : 'mark'}"><title>${belief.text}</title></rect>${
      level !== undefined &&
      markup`<text x="${fix(left)}" y="${EXECUTOR + 18 + level * 13}" class="${isBad ? 'label alarm' : 'label'}">${label}</text>`
    }`;
  })}`;
}

/** Without what the arrow says already: where it went, and what for. */
function shortened(text: string): string {
  const brief = text
    .replace(/^(orders|sends|knows|presumes): |^intends |^told: \w+ [\w-]+:? /, '')
    .replace(/^ends: ([\w-]+).*/, 'ends $1')
    .replace(/ on (Upbit|Binance)| \(\w+\)| BTC/g, '');
  return brief.length > 26 ? `${brief.slice(0, 24)}…` : brief;
}

/** A flag for each promise at the instant at which it broke, and one where truth and belief part. */
function flags({ story, scale, right }: Drawing): Markup {
  const places = new LabelPlaces(FLAGS.levels);
  return markup`${story.rows.map(({ t, broken, parting }) => {
    if (broken === undefined && parting === undefined) return '';
    const text = broken === undefined ? 'truth and belief part' : broken.name === '' ? broken.id : promiseName(broken);
    const width = widthOf(text) + 12;
    const at = scale.x(t);
    const x = Math.max(0, Math.min(at, right - width));
    const level = places.take(x, text, 18) ?? FLAGS.levels - 1;
    const y = FLAGS.top + level * (FLAGS.height + 2);
    const kind = broken === undefined ? 'part-flag' : 'flag';
    return markup`${broken !== undefined && markup`<line x1="${fix(at)}" x2="${fix(at)}" y1="${y}" y2="${HEIGHT}" class="break-line" />`}<rect x="${fix(x)}" y="${y}" width="${fix(width)}" height="${FLAGS.height}" rx="3" class="${kind}" /><text x="${fix(x + 6)}" y="${y + 12}" class="flag-text">${text}</text>`;
  })}`;
}
