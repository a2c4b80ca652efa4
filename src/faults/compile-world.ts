import { epochMs } from '../core/units.js';
import type { EpochMs, VenueId } from '../core/units.js';
import { CLIENT_METHODS } from './client-methods.js';
import { compileDelay } from './compile-delay.js';
import type { Report } from './compile-delay.js';
import { compileRules } from './compile-inject.js';
import { scaleDelay } from './delay.js';
import type { DelayDistribution } from './fault-action.js';
import { didYouMean } from './not-built.js';
import { parseDurationMs, parseInstant } from './scenario-time.js';
import { compileStress } from './stress/stress-file.js';
import type { ScenarioFile } from './scenario-schema.js';
import type { LatencyFile, VenueFile } from './world-schema.js';
import type { DistributionText } from './schema-scalars.js';
import type { LatencyModel, ReadKind, StaticBook, VenueWorld, World } from './world.js';

const READ_KINDS: readonly ReadKind[] = ['order', 'openOrders', 'trades', 'balance', 'positions'];
const NONE: DelayDistribution = { kind: 'fixed', ms: 0 };
const INSTRUMENT = { upbit: { kind: 'spot', symbol: 'BTC/KRW' }, binance: { kind: 'linear-perp', symbol: 'BTC/USDT:USDT' } } as const;
const ASSETS: Readonly<Record<VenueId, readonly string[]>> = { upbit: ['KRW', 'BTC'], binance: ['USDT'] };
/** A Monday morning in Korea, for drills whose file names no time. */
const DEFAULT_START = '2025-03-03T01:00:00Z';

/** @param trades - the run's data drive the market, so that no book is needed. */
export function compileWorld(file: Pick<ScenarioFile, 'world' | 'clock'>, trades: boolean, report: Report): World {
  const startText = file.clock?.start ?? DEFAULT_START;
  const start: EpochMs | undefined = parseInstant(startText);
  if (start === undefined) report(['clock', 'start'], `there is no such instant: "${startText}"`);
  const silent = file.world === undefined;
  if (silent) report(['world'], 'missing; venues need balances, latency and books', INCLUDE_HINT);
  const tell: Report = silent ? () => undefined : report;
  const venue = (name: VenueId): VenueWorld =>
    compileVenue(name, file.world?.venues?.[name] ?? {}, (path, problem, hint) => tell(['world', 'venues', name, ...path], problem, hint));
  const books = trades ? undefined : compileBooks(file.world, tell);
  if (!trades && file.world?.usdKrw === undefined) tell(['world', 'usdKrw'], 'missing; a drill without data needs the rate', INCLUDE_HINT);
  return {
    start: start ?? epochMs(0),
    venues: { upbit: venue('upbit'), binance: venue('binance') },
    books,
    usdKrw: file.world?.usdKrw,
    stress: file.world?.stress === undefined ? undefined : compileStress(file.world.stress),
    streams: file.world?.streams,
  };
}

const INCLUDE_HINT = 'include lib/venues.yaml#calm or give it';

function compileVenue(name: VenueId, file: VenueFile, report: Report): VenueWorld {
  checkVenue(name, file, report);
  return {
    ...accountOf(file),
    latency: compileLatency(file.latency ?? '0ms', report),
    timeoutMs: parseDurationMs(file.timeout ?? '10s'),
    ...compileLag(name, file.visibilityLag, report),
    idReuse: file.idReuse ?? (name === 'upbit' ? 'never' : 'after-close'),
    matchingDelay: file.matchingDelay === undefined ? NONE : compileDelay(file.matchingDelay, report, ['matchingDelay']),
    ack: file.ack ?? 'full',
    recvWindowMs: file.recvWindow === undefined ? undefined : parseDurationMs(file.recvWindow),
    clockSkewMs: parseDurationMs(file.clockSkew ?? '0ms'),
    errorBody: file.errorBody ?? 'json',
    overloadSparesReduceOnly: file.overloadSparesReduceOnly ?? true,
    rules: compileRules(file.rules ?? {}, ['rules'], report),
  };
}

/** One lag of all reads, or one of each sort; a sort that is not named shows everything at once. */
function compileLag(name: VenueId, file: VenueFile['visibilityLag'], report: Report): Pick<VenueWorld, 'visibilityLag' | 'visibilityLags'> {
  if (file === undefined) return { visibilityLag: NONE };
  if (typeof file === 'string' || !READ_KINDS.some((kind) => kind in file)) {
    return { visibilityLag: compileDelay(file as DistributionText, report, ['visibilityLag']) };
  }
  const kinds = file as Partial<Record<ReadKind, DistributionText>>;
  if (name === 'upbit' && kinds.positions !== undefined) report(['visibilityLag', 'positions'], 'upbit has no positions');
  if (name === 'upbit' && kinds.trades !== undefined) report(['visibilityLag', 'trades'], 'ccxt.upbit lists no trades; they stand in the order');
  const lags = READ_KINDS.flatMap((kind) => {
    const text = kinds[kind];
    return text === undefined ? [] : [[kind, compileDelay(text, report, ['visibilityLag', kind])] as const];
  });
  return { visibilityLag: NONE, visibilityLags: Object.fromEntries(lags) };
}

/** What the account holds and how it is set up. */
function accountOf(file: VenueFile): Pick<VenueWorld, 'balances' | 'positionMode' | 'marginMode' | 'leverage'> {
  return {
    balances: file.balances ?? {},
    positionMode: file.positionMode ?? 'oneway',
    marginMode: file.marginMode ?? 'isolated',
    leverage: file.leverage ?? 1,
  };
}

function checkVenue(name: VenueId, file: VenueFile, report: Report): void {
  const instrument = INSTRUMENT[name];
  if (file.kind !== undefined && file.kind !== instrument.kind) report(['kind'], `${name} is ${instrument.kind}; other kinds are not built yet`);
  if (file.symbol !== undefined && file.symbol !== instrument.symbol) {
    report(['symbol'], `${name} trades ${instrument.symbol}; other symbols are not built yet`);
  }
  if (file.balances === undefined) report(['balances'], 'missing', INCLUDE_HINT);
  for (const asset of Object.keys(file.balances ?? {})) {
    if (!ASSETS[name].includes(asset)) report(['balances', asset], `${name} holds ${ASSETS[name].join(' and ')} here`);
  }
  if (file.latency === undefined) report(['latency'], 'missing', INCLUDE_HINT);
}

/** A single distribution is the round trip: each direction draws by itself from half of it. */
function compileLatency(file: LatencyFile, report: Report): LatencyModel {
  const both = (text: Parameters<typeof compileDelay>[0], path: readonly PropertyKey[]): DelayDistribution =>
    scaleDelay(compileDelay(text, report, path), 0.5);
  if (typeof file === 'string' || !('request' in file || 'response' in file || 'methods' in file)) {
    const half = both(file as Parameters<typeof compileDelay>[0], ['latency']);
    return { request: { '*': half }, response: { '*': half } };
  }
  const oneWay = (direction: 'request' | 'response'): DelayDistribution => {
    const text = file[direction];
    if (text === undefined) report(['latency', direction], 'missing; give both directions, or one distribution for the round trip');
    return text === undefined ? NONE : compileDelay(text, report, ['latency', direction]);
  };
  const request: Record<string, DelayDistribution> = { '*': oneWay('request') };
  const response: Record<string, DelayDistribution> = { '*': oneWay('response') };
  for (const [method, text] of Object.entries(file.methods ?? {})) {
    const path = ['latency', 'methods', method];
    if (!CLIENT_METHODS.includes(method)) report(path, `no such method: "${method}"`, didYouMean(method, CLIENT_METHODS));
    if (typeof text === 'string' || !('request' in text || 'response' in text)) {
      const half = both(text as Parameters<typeof compileDelay>[0], path);
      request[method] = half;
      response[method] = half;
    } else {
      if (text.request !== undefined) request[method] = compileDelay(text.request, report, [...path, 'request']);
      if (text.response !== undefined) response[method] = compileDelay(text.response, report, [...path, 'response']);
    }
  }
  return { request, response };
}

function compileBooks(world: ScenarioFile['world'], report: Report): Readonly<Record<VenueId, StaticBook>> {
  const book = (name: VenueId): StaticBook => {
    const file = world?.venues?.[name]?.book;
    if (file === undefined) report(['world', 'venues', name, 'book'], 'missing; a drill without data needs a book', INCLUDE_HINT);
    return file ?? { mid: '1', spreadBp: 0, depth: '1' };
  };
  return { upbit: book('upbit'), binance: book('binance') };
}
