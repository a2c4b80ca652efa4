import type { RandomStreams, StreamKey } from '../../core/random.js';
import { epochMs } from '../../core/units.js';
import type { EpochMs, VenueId } from '../../core/units.js';
import type { CallAction, WindowAction } from '../fault-action.js';
import type { ActiveWindow, FaultHost, FaultTally, FaultTarget, Fired, ProcessStep, TruthEvent, VenueCall } from '../fault-session.js';
import type { Trigger } from '../fault-rule.js';
import type { ScenarioFaultSession } from '../scenario-faults.js';
import { marketAt, serverErrorAt, slowAt, stretchedMs, takenShare } from './stress-effects.js';
import { StressOutages } from './stress-outages.js';
import { StressProcess, STRESS_STEP_MS } from './stress-process.js';
import type { StressLevels, VolatilityAt } from './stress-process.js';
import type { StressSpec } from './stress-spec.js';

const FAULT = 'stress';
/** The tape says when a level has moved by this much, at the request that meets it. */
const TOLD_STEP = 0.1;

/** A session and the stress that it stands under. */
export interface StressedSession extends ScenarioFaultSession {
  readonly process: StressProcess;
  readonly outages: StressOutages;
}

/**
 * A fault session under stress: a scenario's own faults come first, and what the venue's level brings acts where they
 * leave room. Nothing is drawn from a stream that others share, and no timer is set: a level acts when somebody asks.
 *
 * @param seeds - the run's; the spec's own seed goes before it.
 */
export function stressedSession(
  inner: ScenarioFaultSession,
  spec: StressSpec,
  seeds: RandomStreams,
  start: EpochMs,
  volatility: VolatilityAt,
): StressedSession {
  return new Stressed(inner, spec, seeds, start, volatility);
}

class Stressed implements StressedSession {
  readonly process: StressProcess;
  readonly outages: StressOutages;
  readonly #inner: ScenarioFaultSession;
  readonly #errorKey: StreamKey;
  readonly #loadKeys: Readonly<Record<VenueId, StreamKey>>;
  /** The effects of the step that was asked about last, by venue. */
  readonly #effects = new Map<VenueId, { readonly step: number; readonly windows: readonly ActiveWindow[] }>();
  readonly #met = new Set<ActiveWindow>();
  #host: FaultHost | undefined;
  #told: StressLevels = { common: 0, upbit: 0, binance: 0 };
  #struckUntil: number | undefined;

  constructor(inner: ScenarioFaultSession, spec: StressSpec, seeds: RandomStreams, start: EpochMs, volatility: VolatilityAt) {
    this.#inner = inner;
    this.process = new StressProcess(spec, seeds, start, volatility);
    this.outages = new StressOutages(this.process, seeds);
    this.#errorKey = seeds.key('stress/5xx');
    this.#loadKeys = { upbit: seeds.key('stress/load/upbit'), binance: seeds.key('stress/load/binance') };
  }

  start(host: FaultHost): void {
    this.#host = host;
    this.#inner.start(host);
  }

  judge(call: VenueCall): readonly Fired<CallAction>[] {
    this.#tell(call);
    const fired = this.#inner.judge(call);
    const isTaken = fired.some(({ action }) => action.kind === 'reject' || (action.kind === 'lose' && action.part === 'request'));
    if (isTaken) return fired;
    const reject = serverErrorAt(call.venue, this.process.levels(call.at)[call.venue], this.#errorKey, call.point, call.mutating);
    if (reject === undefined) return fired;
    this.#strike(call.at);
    this.#host?.fired(
      FAULT,
      'reject',
      'gateway',
      call.request,
      `${reject.code ?? reject.error ?? reject.http ?? ''}${reject.processed ? ', carried out' : ''}`,
    );
    return [...fired, { fault: FAULT, action: reject }];
  }

  windows(venue: FaultTarget, at: EpochMs): readonly ActiveWindow[] {
    const inner = this.#inner.windows(venue, at);
    // The FX quote is nobody's venue: stress does not reach them.
    if (venue !== 'upbit' && venue !== 'binance') return inner;
    const level = this.process.levels(at)[venue];
    // An outage outlives the level that brought it.
    const outages = this.outages.at(venue, at);
    if (level === 0 && outages.length === 0) return inner;
    const halts = outages.filter(({ window }) => window.action.kind === 'market');
    for (const { window } of halts) this.#meet(window, undefined);
    return [...inner, ...outages.map(({ window }) => window), ...this.#effectsAt(venue, level, at)];
  }

  hit(window: ActiveWindow, at: EpochMs, request: number): void {
    if (!this.#isOurs(window)) this.#inner.hit(window, at, request);
    else this.#meet(window, request);
  }

  met(id: string, what: string): void {
    this.#inner.met(id, what);
  }

  stretch(venue: VenueId, purpose: string, ms: number, at: EpochMs): number {
    const level = this.process.levels(at)[venue];
    return level === 0 ? ms : stretchedMs(venue, purpose, ms, level);
  }

  taken(venue: VenueId, rule: string, windowMs: number, at: EpochMs): number {
    const window = epochMs(Math.floor(at / windowMs) * windowMs);
    return takenShare(this.process.levels(window)[venue], this.#loadKeys[venue], rule, windowMs, at);
  }

  observe(event: TruthEvent): void {
    this.#inner.observe(event);
  }

  step(step: ProcessStep): void {
    this.#inner.step(step);
  }

  tally(): readonly FaultTally[] {
    return this.#inner.tally();
  }

  watch(trigger: Trigger, act: (at: EpochMs) => void): void {
    this.#inner.watch(trigger, act);
  }

  lastStruckAt(): EpochMs | undefined {
    const struck = [this.#inner.lastStruckAt(), this.#struckUntil].filter((at) => at !== undefined);
    return struck.length === 0 ? undefined : epochMs(Math.max(...struck));
  }

  #effectsAt(venue: VenueId, level: number, at: EpochMs): readonly ActiveWindow[] {
    const step = Math.floor(at / STRESS_STEP_MS);
    const known = this.#effects.get(venue);
    if (known?.step === step) return known.windows;
    const span = { from: epochMs(step * STRESS_STEP_MS), until: epochMs((step + 1) * STRESS_STEP_MS) };
    const actions: readonly (WindowAction | undefined)[] = [
      marketAt(venue, level),
      slowAt(venue, level, 'request'),
      slowAt(venue, level, 'response'),
    ];
    const windows = actions.flatMap((action) => (action === undefined ? [] : [{ fault: FAULT, action, ...span }]));
    this.#effects.set(venue, { step, windows });
    return windows;
  }

  #isOurs(window: ActiveWindow): boolean {
    return (
      this.outages.at('upbit', window.from).some((outage) => outage.window === window) ||
      this.outages.at('binance', window.from).some((outage) => outage.window === window)
    );
  }

  /** An outage counts once somebody meets it. */
  #meet(window: ActiveWindow, request: number | undefined): void {
    this.#strike(window.until ?? window.from);
    if (this.#met.has(window)) return;
    this.#met.add(window);
    const until = window.until === undefined ? '' : ` until ${window.until}`;
    this.#host?.fired(
      window.fault,
      window.action.kind,
      'window',
      request,
      request === undefined ? `matching stops${until}` : `met by request ${request}${until}`,
    );
  }

  #strike(until: number): void {
    this.#struckUntil = Math.max(this.#struckUntil ?? 0, until);
  }

  /** Writes the levels down when a request meets others than the last one that was told of. */
  #tell(call: VenueCall): void {
    const now = this.process.levels(call.at);
    const moved = Math.max(Math.abs(now.upbit - this.#told.upbit), Math.abs(now.binance - this.#told.binance));
    if (moved < TOLD_STEP) return;
    this.#told = now;
    const text = (level: number): string => level.toFixed(2);
    this.#host?.fired(
      FAULT,
      'stress',
      'world',
      undefined,
      `level ${text(now.upbit)} on upbit and ${text(now.binance)} on binance, ${text(now.common)} in common`,
    );
  }
}
