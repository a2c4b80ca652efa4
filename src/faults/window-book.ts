import { epochMs } from '../core/units.js';
import type { EpochMs } from '../core/units.js';
import type { WindowAction } from './fault-action.js';
import type { ActiveWindow, FaultTarget } from './fault-session.js';

/** One window of a fault over a venue; `until` may grow. */
export interface OpenWindow {
  readonly fault: string;
  readonly venue: FaultTarget;
  readonly from: EpochMs;
  until: EpochMs | undefined;
  /** The call that opened it: its own answer does not extend a ban. */
  readonly opener: number | undefined;
  hits: number;
  view: ActiveWindow;
}

const NONE: readonly ActiveWindow[] = [];
/** From so many windows on, those that ended long ago are forgotten: years of outages stay cheap to ask. */
const KEPT_MAX = 64;
const FORGOTTEN_MS = 7 * 86_400_000;

/** The windows over venues and quote, future ones and those of the last week included. */
export class WindowBook {
  readonly #windows: Record<FaultTarget, OpenWindow[]> = { upbit: [], binance: [], fx: [] };
  readonly #ofView = new WeakMap<ActiveWindow, OpenWindow>();

  /** @param now - windows that ended long before it may be forgotten. */
  add(
    fault: string,
    action: WindowAction,
    venue: FaultTarget,
    span: { readonly from: EpochMs; readonly until: EpochMs | undefined },
    opener: number | undefined,
    now: EpochMs,
  ): OpenWindow {
    const { from, until } = span;
    const view: ActiveWindow = { fault, action, from, until };
    const window: OpenWindow = { fault, venue, from, until, opener, hits: 0, view };
    this.#ofView.set(view, window);
    const windows = this.#windows[venue];
    if (windows.length >= KEPT_MAX) this.#windows[venue] = windows.filter(({ until: end }) => end === undefined || end > now - FORGOTTEN_MS);
    this.#windows[venue].push(window);
    return window;
  }

  /** Windows with `from <= at < until`, in the order they were opened. */
  at(venue: FaultTarget, at: EpochMs): readonly ActiveWindow[] {
    let active: ActiveWindow[] | undefined;
    for (const window of this.#windows[venue]) {
      if (window.from <= at && (window.until === undefined || at < window.until)) (active ??= []).push(window.view);
    }
    return active ?? NONE;
  }

  /** How many windows of `fault` are open over `venue` at `at`. */
  openCount(fault: string, venue: FaultTarget, at: EpochMs): number {
    return this.at(venue, at).filter((window) => window.fault === fault).length;
  }

  of(view: ActiveWindow): OpenWindow | undefined {
    return this.#ofView.get(view);
  }

  extend(window: OpenWindow, byMs: number): void {
    if (window.until === undefined || byMs === 0) return;
    window.until = epochMs(window.until + byMs);
    // A view is a snapshot: a holder of the old one still finds the window by it.
    window.view = { ...window.view, until: window.until };
    this.#ofView.set(window.view, window);
  }
}
