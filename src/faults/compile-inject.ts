import { assert } from '../core/assert.js';
import { durationMs } from '../core/units.js';
import { ccxtErrors } from '../exchange/ccxt-errors.js';
import { compileDelay } from './compile-delay.js';
import type { Report } from './compile-delay.js';
import type { CallAction, DelayDistribution, InstantAction, Span } from './fault-action.js';
import { stageOf } from './fault-rule.js';
import type { FaultInject } from './fault-rule.js';
import { didYouMean } from './not-built.js';
import { parseDurationMs } from './scenario-time.js';
import type { InjectFile } from './scenario-schema.js';
import type { DistributionText } from './schema-scalars.js';

/** The one action of a fault; the schema has made sure that there is exactly one. */
export function compileInject(inject: InjectFile, report: Report): FaultInject {
  if (inject.outage !== undefined) {
    const { as, scope, for: length } = inject.outage;
    return { kind: 'window', action: { kind: 'outage', as, scope }, for: length === undefined ? undefined : span(length) };
  }
  if (inject.ban !== undefined) {
    return { kind: 'window', action: { kind: 'ban', extendOnHitMs: parseDurationMs(inject.ban.extendOnHit) }, for: span(inject.ban.for) };
  }
  if (inject.market !== undefined) {
    const { halt, gapBp, depthFactor, spreadBp, for: length } = inject.market;
    if (!halt && gapBp === 0 && depthFactor === 1 && spreadBp === undefined)
      report(['market'], 'changes nothing: give gapBp, depthFactor, spreadBp or halt');
    return { kind: 'window', action: { kind: 'market', halt, gapBp, depthFactor, spreadBp }, for: length === undefined ? undefined : span(length) };
  }
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
  return { kind: 'stuck', state: inject.stuck.state, for: span(inject.stuck.for) };
}

function compileReject(reject: NonNullable<InjectFile['reject']>, report: Report): CallAction {
  const { http, error, code, retryAfter, processed } = reject;
  if (http === undefined && error === undefined && code === undefined) report(['reject'], 'says nothing: give http, code or error');
  const names = Object.keys(ccxtErrors);
  if (error !== undefined && !names.includes(error)) report(['reject', 'error'], `ccxt has no error class "${error}"`, didYouMean(error, names));
  return { kind: 'reject', http, error, code, retryAfterMs: retryAfter === undefined ? undefined : parseDurationMs(retryAfter), processed };
}

function compileAccount(account: NonNullable<InjectFile['account']>, report: Report): InstantAction {
  if (Object.keys(account).length === 0)
    report(['account'], 'changes nothing: give balance, liquidate, adl, closedByHand, fundingRate, positionMode, leverage or key');
  for (const [asset, amount] of Object.entries(account.balance ?? {})) {
    if (!['KRW', 'BTC', 'USDT'].includes(asset)) report(['account', 'balance', asset], `no such asset: "${asset}"`, 'known: KRW, BTC, USDT');
    if (amount.startsWith('-')) report(['account', 'balance', asset], 'is the new total and never negative');
  }
  return { kind: 'account', ...account };
}

const span = (text: string): Span => (text === 'forever' ? 'forever' : durationMs(parseDurationMs(text)));
