import { normalFromUniform, pickWeighted, uniformAt } from '../../core/random.js';
import type { RandomStreams, StreamKey, Weighted } from '../../core/random.js';
import { epochMs } from '../../core/units.js';
import type { EpochMs, VenueId } from '../../core/units.js';
import type { WindowAction } from '../fault-action.js';
import type { ActiveWindow } from '../fault-session.js';
import type { StressProcess } from './stress-process.js';

/** An outage or halt of one venue that stress brought about. */
export interface StressOutage {
  readonly venue: VenueId;
  /** Both venues went down for one reason (the crowd, the network, a cloud's zone). */
  readonly isCommon: boolean;
  readonly window: ActiveWindow & { readonly until: EpochMs };
}

const SLOT_MS = 60_000;
const HOUR_SLOTS = 60;
/** Half of what happens at a level is felt by both venues at once. */
const COMMON_SHARE = 0.5;
/**
 * Lengths: the median is an assumption, the 99 % point and the cap are the full stops on record that name their length (Binance
 * USD-M 2025-08-29, 25 min). Longer ones are announced or known as maintenance: those are the outage calendars' business.
 */
const LENGTH = { p50Ms: 60_000, p99Ms: 25 * 60_000, capMs: 30 * 60_000 } as const;
const Z99 = 2.326_347_874_040_841;
const FAULT = 'stress-outage';

const down = (as: Extract<WindowAction, { kind: 'outage' }>['as'], scope: 'all' | 'orders'): WindowAction => ({ kind: 'outage', as, scope });
const HALT: WindowAction = { kind: 'market', halt: true, gapBp: 0, depthFactor: 1 };

/**
 * What a client sees of an outage. Upbit's failures are documented as answers that do not come and as a 500 that names
 * maintenance; on 2025-01-03 matching stopped while the API lived. Binance's as 503, as time-outs, and on 2025-04-15 and
 * 2025-08-29 as order entry alone that is dead. The weights are assumptions.
 */
const KINDS: Readonly<Record<VenueId, Weighted<WindowAction>>> = {
  upbit: [
    [0.4, down('timeout', 'all')],
    [0.25, down('maintenance', 'all')],
    [0.15, down('html-page', 'all')],
    [0.1, down('timeout', 'orders')],
    [0.1, HALT],
  ],
  binance: [
    [0.35, down('timeout', 'all')],
    [0.35, down('http503', 'all')],
    [0.3, down('timeout', 'orders')],
  ],
};

/** The outages of a stressed run: a function of seed and time that grows more likely with the cube of a venue's level. */
export class StressOutages {
  readonly #process: StressProcess;
  readonly #keys: Readonly<Record<'common' | VenueId, StreamKey>>;
  readonly #slots: Readonly<Record<VenueId, Map<number, readonly StressOutage[]>>> = { upbit: new Map(), binance: new Map() };

  constructor(process: StressProcess, seeds: RandomStreams) {
    this.#process = process;
    this.#keys = { common: seeds.key('stress/outages'), upbit: seeds.key('stress/outages/upbit'), binance: seeds.key('stress/outages/binance') };
  }

  /** Those that hold at `at`, the earliest first. */
  at(venue: VenueId, at: EpochMs): readonly StressOutage[] {
    return this.#begunIn(venue, at - LENGTH.capMs, at).filter(({ window }) => window.from <= at && at < window.until);
  }

  /** Those that begin in [from, to). */
  between(venue: VenueId, from: EpochMs, to: EpochMs): readonly StressOutage[] {
    return this.#begunIn(venue, from, to).filter(({ window }) => window.from >= from && window.from < to);
  }

  #begunIn(venue: VenueId, from: number, to: number): StressOutage[] {
    const found: StressOutage[] = [];
    for (let slot = Math.floor(from / SLOT_MS); slot <= Math.floor(to / SLOT_MS); slot += 1) found.push(...this.#inSlot(venue, slot));
    return found.sort((a, b) => a.window.from - b.window.from);
  }

  #inSlot(venue: VenueId, slot: number): readonly StressOutage[] {
    const known = this.#slots[venue].get(slot);
    if (known !== undefined) return known;
    const levels = this.#process.levels(epochMs(slot * SLOT_MS));
    const { outagesPerHour } = this.#process.spec.arrivals;
    const begun = (of: 'common' | VenueId, share: number): readonly StressOutage[] => {
      const chance = (share * outagesPerHour * levels[of] ** 3) / HOUR_SLOTS;
      return uniformAt(this.#keys[of], `${slot}`) < chance ? [this.#outage(venue, of, slot)] : [];
    };
    const outages = [...begun('common', COMMON_SHARE), ...begun(venue, 1 - COMMON_SHARE)];
    this.#slots[venue].set(slot, outages);
    return outages;
  }

  #outage(venue: VenueId, of: 'common' | VenueId, slot: number): StressOutage {
    const key = this.#keys[of];
    const from = slot * SLOT_MS + Math.floor(uniformAt(key, `${slot}/at`) * SLOT_MS);
    const z = normalFromUniform(uniformAt(key, `${slot}/length`));
    const length = Math.min(LENGTH.capMs, LENGTH.p50Ms * (LENGTH.p99Ms / LENGTH.p50Ms) ** (z / Z99));
    const action = pickWeighted(KINDS[venue], uniformAt(key, `${slot}/kind/${venue}`));
    return {
      venue,
      isCommon: of === 'common',
      window: { fault: FAULT, action, from: epochMs(from), until: epochMs(from + Math.max(1, Math.round(length))) },
    };
  }
}
