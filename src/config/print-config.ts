import { createHash } from 'node:crypto';
import { basename, isAbsolute } from 'node:path';

import { stringify } from 'yaml';

import { formatFixed } from '../core/money.js';
import { formatInstant } from '../faults/scenario-time.js';
import type { ResolvedConfig, StrategyChoice } from './resolve-config.js';
import type { VenueSettings } from './venue-world.js';

/**
 * The config as a `hedge.yaml` with nothing left to default: keys in one fixed order, so that equal configs print
 * equal bytes. Resolving it again gives the same config. An absolute path is cut to its last part, since the text
 * must not depend on the machine (design decision 7); a relative one stands as it was given.
 */
export function printConfig(config: ResolvedConfig): string {
  return stringify(plainConfig(config), { lineWidth: 0, version: '1.2', aliasDuplicateObjects: false });
}

/** SHA-256 of `printConfig`, in hex. */
export function configHash(config: ResolvedConfig): string {
  return createHash('sha256').update(printConfig(config)).digest('hex');
}

function plainConfig(config: ResolvedConfig): object {
  const { data, limits } = config;
  return {
    mode: config.mode,
    seed: config.seed,
    executor: portable(config.executor),
    ...given('scenario', portable(config.scenario)),
    ...given('stress', config.stress),
    strategy: plainStrategy(config.strategy),
    entry: { amountKrw: formatFixed(config.entry.amount), marginBp: bpOf(config.entry.margin) },
    policy: Object.fromEntries(Object.entries(config.policy).sort(([a], [b]) => (a < b ? -1 : 1))),
    venues: { upbit: plainVenue(config.venues.upbit, false), binance: plainVenue(config.venues.binance, true) },
    limits: {
      ...given('exposureKrwMax', limits.exposureMax === undefined ? undefined : formatFixed(limits.exposureMax)),
      ...given('entriesPerDayMax', limits.entriesPerDayMax),
      ...given('lossPerDayKrwMax', limits.lossPerDayMax === undefined ? undefined : formatFixed(limits.lossPerDayMax)),
    },
    data: {
      ...given('file', portable(data.file)),
      ...given('upbit', portable(data.upbit)),
      ...given('perp', portable(data.perp)),
      ...given('funding', portable(data.funding)),
      ...given('fx', portable(data.fx)),
      ...given('usdtKrw', portable(data.usdtKrw)),
      ...given('upbitBook', portable(data.upbitBook)),
      ...given('perpBook', portable(data.perpBook)),
      companions: data.useCompanions,
      ...given('from', data.from === undefined ? undefined : formatInstant(data.from)),
      ...given('to', data.to === undefined ? undefined : formatInstant(data.to)),
    },
    report: { sensitivity: config.report.sensitivity },
  };
}

function plainStrategy(strategy: StrategyChoice): object {
  if (strategy.use === 'file') return { use: portable(strategy.file), options: strategy.options };
  const { options } = strategy;
  return {
    use: 'z-score',
    window: duration(options.windowMs),
    entry: options.entry,
    exit: options.exit,
    stopBp: options.stop === undefined ? 0 : bpOf(options.stop),
    cooldown: duration(options.cooldownMs),
    holdMax: duration(options.holdMsMax),
    positionsMax: options.positionsMax,
    trigger: options.trigger,
    premium: options.premium,
    fxInWindow: options.fxInWindow,
    samplesMin: options.samplesMin,
    fxAgeMax: duration(options.fxAgeMsMax),
    fxLiveAgeMax: duration(options.fxLiveAgeMsMax),
    fxJumpBp: bpOf(options.fxJumpMax),
  };
}

function plainVenue(venue: VenueSettings, isBinance: boolean): object {
  return {
    balances: venue.balances,
    latency: venue.latency,
    timeout: duration(venue.timeoutMs),
    ...given('takerFeePpm', venue.takerFeePpm),
    visibilityLag: venue.visibilityLag,
    matchingDelay: venue.matchingDelay,
    ...(isBinance ? { marginMode: venue.marginMode, positionMode: venue.positionMode, leverage: venue.leverage } : {}),
  };
}

function given<T>(key: string, value: T | undefined): Record<string, T> {
  return value === undefined ? {} : { [key]: value };
}

function portable<T extends string | undefined>(path: T): T {
  return (path !== undefined && isAbsolute(path) ? basename(path) : path?.replaceAll('\\', '/')) as T;
}

/** Fractions are stored, basis points are written; a thousandth of one is kept. */
const bpOf = (fraction: number): number => Math.round(fraction * 10_000_000) / 1_000;

/** The largest unit that says it exactly: `48h`, `90m`, `2500ms`. */
function duration(ms: number): string {
  const units = [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const;
  const unit = units.find(([, size]) => ms > 0 && ms % size === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`;
}
