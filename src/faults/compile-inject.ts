import { assert } from '../core/assert.js';
import { durationMs } from '../core/units.js';
import { ccxtErrors } from '../exchange/ccxt-errors.js';
import { transportEffect } from '../exchange/transport-fault.js';
import { compileDelay } from './compile-delay.js';
import type { Report } from './compile-delay.js';
import { STALE_MAX_MS } from './fault-action.js';
import type { CallAction, DelayDistribution, InstantAction } from './fault-action.js';
import { stageOf } from './fault-rule.js';
import type { FaultInject } from './fault-rule.js';
import { didYouMean } from './not-built.js';
import { parseDurationMs, parseSpan } from './scenario-time.js';
import type { InjectFile } from './scenario-schema.js';
import type { DistributionText } from './schema-scalars.js';

/**
 * The one action of a fault; the schema has made sure that there is exactly one.
 *
 * @param onFx - the fault strikes the USD/KRW quote, where `market` means the quote's own freeze or jump.
 */
export function compileInject(inject: InjectFile, onFx: boolean, report: Report): FaultInject {
  const window = compileWindow(inject, onFx, report);
  if (window !== undefined) return window;
  if (inject.account !== undefined) return { kind: 'instant', action: compileAccount(inject.account, report) };
  if (inject.crash !== undefined) {
    const { restartAfter, unsynced } = inject.crash;
    return {
      kind: 'instant',
      action: { kind: 'crash', restartAfter: restartAfter === 'never' ? 'never' : durationMs(parseDurationMs(restartAfter)), unsynced },
    };
  }
  const action = compileCallAction(inject, report);
  return { kind: 'call', stage: stageOf(action), action };
}

function compileOutage({ as, scope, for: length }: NonNullable<InjectFile['outage']>, report: Report): FaultInject {
  const lasts = length === undefined ? undefined : typeof length === 'string' ? parseSpan(length) : compileDelay(length, report, ['outage', 'for']);
  if (typeof lasts === 'object' && lasts.kind === 'empirical' && lasts.mode === 'sequential')
    report(['outage', 'for', 'empirical', 'mode'], 'how long an outage lasts is drawn by its place in the run; use bootstrap');
  return { kind: 'window', action: { kind: 'outage', as, scope }, for: lasts };
}

/** What lasts for a while; undefined for everything else. */
function compileWindow(inject: InjectFile, onFx: boolean, report: Report): FaultInject | undefined {
  if (inject.outage !== undefined) return compileOutage(inject.outage, report);
  if (inject.ban !== undefined) {
    return { kind: 'window', action: { kind: 'ban', extendOnHitMs: parseDurationMs(inject.ban.extendOnHit) }, for: parseSpan(inject.ban.for) };
  }
  if (inject.link !== undefined) {
    const { gilbertElliott, for: length } = inject.link;
    const { lossGood, lossBad } = gilbertElliott;
    if (lossGood === 0 && lossBad === 0) report(['link', 'gilbertElliott'], 'loses nothing: give lossGood or lossBad');
    return { kind: 'window', action: { kind: 'link', ...gilbertElliott }, for: length === undefined ? undefined : parseSpan(length) };
  }
  if (inject.market !== undefined && onFx) return compileFx(inject.market, report);
  if (inject.market !== undefined) {
    const { halt, gapBp, depthFactor, spreadBp, for: length } = inject.market;
    if (!halt && gapBp === 0 && depthFactor === 1 && spreadBp === undefined)
      report(['market'], 'changes nothing: give gapBp, depthFactor, spreadBp or halt');
    return {
      kind: 'window',
      action: { kind: 'market', halt, gapBp, depthFactor, spreadBp },
      for: length === undefined ? undefined : parseSpan(length),
    };
  }
  return undefined;
}

function compileGarble({ mode, field, status }: NonNullable<InjectFile['garble']>, report: Report): CallAction {
  if (field !== undefined && mode !== 'missing-field') report(['garble', 'field'], `only missing-field drops a field, the mode is ${mode}`);
  if (status !== undefined && mode !== 'unmapped-status') report(['garble', 'status'], `only unmapped-status has a status, the mode is ${mode}`);
  return { kind: 'garble', mode, field, status };
}

const DRIP_DEFAULT: DelayDistribution = { kind: 'fixed', ms: 30_000 };

function compileTransport({ mode, processed, over }: NonNullable<InjectFile['transport']>, report: Report): CallAction {
  if (over !== undefined && mode !== 'slow-drip') report(['transport', 'over'], `only slow-drip takes its time, the mode is ${mode}`);
  const { kind } = transportEffect(mode);
  if (!processed && (kind === 'whole' || kind === 'text'))
    report(['transport', 'processed'], `${mode} brings an answer of the venue's, which must have seen the request`);
  return { kind: 'transport', mode, processed, over: over === undefined ? DRIP_DEFAULT : compileDelay(over, report, ['transport', 'over']) };
}

function compileCallAction(inject: InjectFile, report: Report): CallAction {
  const delay = (text: DistributionText | undefined, path: readonly PropertyKey[]): DelayDistribution | undefined =>
    text === undefined ? undefined : compileDelay(text, report, path);
  if (inject.lose !== undefined) {
    if (inject.lose.as === 'dns' && inject.lose.part === 'response')
      report(['lose', 'as'], 'a name that does not resolve loses the request, not the response');
    return { kind: 'lose', part: inject.lose.part, as: inject.lose.as };
  }
  if (inject.delay !== undefined) return { kind: 'delay', part: inject.delay.part, by: compileDelay(inject.delay.by, report, ['delay', 'by']) };
  if (inject.reject !== undefined) return compileReject(inject.reject, report);
  if (inject.duplicate !== undefined) {
    const { part, after } = inject.duplicate;
    return { kind: 'duplicate', part, after: compileDelay(after, report, ['duplicate', 'after']) };
  }
  if (inject.garble !== undefined) return compileGarble(inject.garble, report);
  if (inject.transport !== undefined) return compileTransport(inject.transport, report);
  if (inject.stale !== undefined) {
    const byMs = parseDurationMs(inject.stale.by);
    if (byMs > STALE_MAX_MS) report(['stale', 'by'], `states are remembered for 24 h, found ${inject.stale.by}`);
    return { kind: 'stale', byMs };
  }
  if (inject.fillAfterCancel !== undefined) {
    const { fraction, after } = inject.fillAfterCancel;
    return { kind: 'fillAfterCancel', fraction, after: compileDelay(after, report, ['fillAfterCancel', 'after']) };
  }
  if (inject.notFound !== undefined) return { kind: 'notFound', forMs: parseDurationMs(inject.notFound.for) };
  if (inject.fill !== undefined) {
    const { fraction, pieces, after, then, thenAfter, slipBp } = inject.fill;
    if (then === 'rest' && thenAfter !== undefined) report(['fill', 'thenAfter'], 'then: rest has no end that could come later');
    if (fraction === 1 && then !== 'rest' && then !== 'fill') report(['fill', 'then'], `nothing is left to ${then} after a fraction of 1`);
    return {
      kind: 'fill',
      fraction,
      pieces,
      after: delay(after, ['fill', 'after']),
      then,
      thenAfter: delay(thenAfter, ['fill', 'thenAfter']),
      slipBp,
    };
  }
  if (inject.cancelRace !== undefined) return { kind: 'cancelRace', ...inject.cancelRace };
  assert(inject.stuck !== undefined, 'an inject has one of the actions of its schema');
  return { kind: 'stuck', state: inject.stuck.state, for: parseSpan(inject.stuck.for) };
}

/** Of a market fault, what a quote can have. */
function compileFx(market: NonNullable<InjectFile['market']>, report: Report): FaultInject {
  const { halt, gapBp, depthFactor, spreadBp, for: length } = market;
  if (depthFactor !== 1) report(['market', 'depthFactor'], 'a quote has no depth', 'fx knows halt (frozen) and gapBp');
  if (spreadBp !== undefined) report(['market', 'spreadBp'], 'a quote has no spread', 'fx knows halt (frozen) and gapBp');
  if (!halt && gapBp === 0) report(['market'], 'changes nothing: give halt (frozen) or gapBp');
  return { kind: 'window', action: { kind: 'fx', frozen: halt, gapBp }, for: length === undefined ? undefined : parseSpan(length) };
}

function compileReject(reject: NonNullable<InjectFile['reject']>, report: Report): CallAction {
  const { http, error, code, retryAfter, processed, items } = reject;
  if (items !== 'all')
    report(['reject', 'items'], 'no call of the executor carries several orders, so none can be refused in part', 'refuse one of the calls with nth');
  if (http === undefined && error === undefined && code === undefined) report(['reject'], 'says nothing: give http, code or error');
  const names = Object.keys(ccxtErrors);
  if (error !== undefined && !names.includes(error)) report(['reject', 'error'], `ccxt has no error class "${error}"`, didYouMean(error, names));
  return { kind: 'reject', http, error, code, retryAfterMs: retryAfter === undefined ? undefined : parseDurationMs(retryAfter), processed };
}

function compileAccount(account: NonNullable<InjectFile['account']>, report: Report): InstantAction {
  if (Object.keys(account).length === 0)
    report(['account'], 'changes nothing: give balance, liquidate, adl, closedByHand, fundingRate, positionMode, leverage, key or rules');
  if (account.rules !== undefined && Object.keys(account.rules).length === 0) report(['account', 'rules'], 'changes nothing');
  for (const [asset, amount] of Object.entries(account.balance ?? {})) {
    if (!['KRW', 'BTC', 'USDT'].includes(asset)) report(['account', 'balance', asset], `no such asset: "${asset}"`, 'known: KRW, BTC, USDT');
    if (amount.startsWith('-')) report(['account', 'balance', asset], 'is the new total and never negative');
  }
  const rules = account.rules && compileRules(account.rules, ['account', 'rules'], report);
  return { kind: 'account', ...account, rules };
}

/** Rules that a scenario sets: amounts, and whole parts per million. */
export function compileRules(
  rules: Readonly<Record<string, string | undefined>>,
  path: readonly PropertyKey[],
  report: Report,
): Readonly<Record<string, string>> {
  const given = Object.entries(rules).filter((entry): entry is [string, string] => entry[1] !== undefined);
  for (const [name, text] of given) {
    if (text.startsWith('-')) report([...path, name], `is never negative, found ${text}`);
    if (name.endsWith('Ppm') && !/^\d+$/.test(text)) report([...path, name], `expected whole parts per million, found "${text}"`);
    if (name.endsWith('Step') && /^0(\.0+)?$/.test(text)) report([...path, name], 'a step is above 0');
  }
  return Object.fromEntries(given);
}
