import { toNumber } from '../../core/money.js';
import type { Leg } from '../../core/units.js';
import type { Analysis } from '../analysis.js';
import type { RunFacts } from '../facts/fact-types.js';
import type { JournalFacts } from '../facts/journal-facts.js';
import { money, round, roundMaybe, roundTails } from '../figures.js';
import { cancelsLost, certaintyOfSend, duplicateOrders, outcomeOf } from '../metrics/order-outcome.js';
import type { Shortfall } from '../metrics/shortfall.js';
import { timeTails, unknownStateTails } from '../metrics/order-timing.js';
import { tailsOf } from '../metrics/tails.js';
import { type Maybe, notAvailable } from '../not-available.js';
import { MARKOUT_HORIZONS_MS } from '../order-reports.js';
import type { Report } from '../report-json.js';

type FillQuality = Report['fillQuality'];

/** What each send's answer proved to the client, in order of sending. */
export function sendCertainties(facts: RunFacts, journal: JournalFacts): readonly ('accepted' | 'refused' | 'unknown')[] {
  return facts.orders.map((order) => certaintyOfSend(order, journal.attempts.get(order.request.clientOrderId ?? '')));
}

/** Executed over asked quantity, over orders the venues accepted (Rule 605 counts shares the same way). */
export function fillRatio(facts: RunFacts): Maybe<number> {
  const accepted = facts.orders.filter((order) => order.accepted !== undefined && order.intended !== undefined);
  const asked = accepted.reduce((sum, order) => sum + (order.intended ?? 0), 0);
  const executed = accepted.reduce((sum, order) => sum + Math.min(toNumber(order.executed), order.intended ?? 0), 0);
  return asked > 0 ? executed / asked : notAvailable('no order was accepted');
}

export function fillQualitySection(analysis: Analysis): FillQuality {
  const { facts, journal } = analysis;
  const sent = facts.orders.length;
  const outcomes: Record<string, number> = {};
  for (const outcome of ['filled', 'partial', 'unfilled', 'refused', 'never arrived'] as const)
    outcomes[outcome] = facts.orders.filter((order) => outcomeOf(order) === outcome).length;
  const certainties = sendCertainties(facts, journal);
  const share = (part: number, whole: number, none: string): Maybe<number> => (whole === 0 ? notAvailable(none) : round(part / whole, 6));
  const accepted = facts.orders.filter((order) => order.accepted !== undefined).length;
  return {
    sent,
    outcomes,
    fillRateOrders: share(outcomes['filled'] ?? 0, accepted, 'no order was accepted'),
    fillRatioQuantity: roundMaybe(fillRatio(facts), 6),
    rejectRate: share(certainties.filter((certainty) => certainty === 'refused').length, sent, 'no order was sent'),
    rejectsByCause: rejectsByCause(facts, certainties),
    unknownOutcomeRate: share(certainties.filter((certainty) => certainty === 'unknown').length, sent, 'no order was sent'),
    unknownStateMs: roundTails(unknownStateTails(journal.attempts), 0),
    cancels: facts.cancels.length,
    cancelRaceLossRate: share(cancelsLost(facts.cancels, facts.orders), facts.cancels.length, 'nothing was cancelled'),
    duplicateOrders: duplicateOrders(facts.orders, journal.attempts),
    spot: legQuality(analysis, 'spot'),
    perp: legQuality(analysis, 'perp'),
  };
}

function rejectsByCause(facts: RunFacts, certainties: readonly string[]): FillQuality['rejectsByCause'] {
  const counts = new Map<string, number>();
  facts.orders.forEach((order, index) => {
    if (certainties[index] !== 'refused') return;
    const code = order.answer?.code ?? order.refused?.code;
    const cause = `${order.request.venue} ${order.answer?.error ?? 'refused'}${code === undefined ? '' : ` ${code}`}`;
    counts.set(cause, (counts.get(cause) ?? 0) + 1);
  });
  const rows = [...counts].map(([cause, count]) => ({ cause, count }));
  return rows.sort((a, b) => b.count - a.count || (a.cause < b.cause ? -1 : 1));
}

function legQuality({ facts, orders, flows }: Analysis, leg: Leg): FillQuality['spot'] {
  const mine = orders.filter(({ order }) => order.request.leg === leg);
  const numbers = (values: readonly Maybe<number>[]): readonly number[] => values.filter((value) => typeof value === 'number');
  const sent = mine.map(({ order }) => order);
  const at = (horizonMs: number) => mine.flatMap(({ markouts }) => markouts.filter((markout) => markout.horizonMs === horizonMs));
  const legs = flows.flatMap((flow) => flow.legs.filter((report) => report.leg === leg));
  const sum = (part: keyof Shortfall): number => legs.reduce((total, report) => total + report.shortfall[part], 0);
  const notional: number = legs.reduce((total, report, index) => total + report.intendedBtc * report.decisionMid * rateOf(facts, leg, index), 0);
  const bps = (part: keyof Shortfall): Maybe<number> =>
    notional > 0 ? round((sum(part) / notional) * 10_000, 4) : notAvailable('nothing was traded');
  return {
    ackClientMs: roundTails(timeTails(sent, 'ackClientMs'), 0),
    ackTrueMs: roundTails(timeTails(sent, 'ackTrueMs'), 0),
    firstFillMs: roundTails(timeTails(sent, 'firstFillMs'), 0),
    fullFillMs: roundTails(timeTails(sent, 'fullFillMs'), 0),
    slippageBps: roundTails(tailsOf(numbers(mine.map((report) => report.slippageBps))), 4),
    quotedSpreadBps: roundTails(tailsOf(numbers(mine.map((report) => report.quotedSpreadBps))), 4),
    effectiveSpreadBps: roundTails(tailsOf(numbers(mine.map((report) => report.effectiveSpreadBps))), 4),
    markouts: MARKOUT_HORIZONS_MS.map((horizonMs) => ({
      horizonSeconds: horizonMs / 1_000,
      realizedSpreadBps: roundTails(tailsOf(at(horizonMs).map((markout) => markout.realizedSpreadBps)), 4),
      priceImpactBps: roundTails(tailsOf(at(horizonMs).map((markout) => markout.priceImpactBps)), 4),
      adverseMarkoutBps: roundTails(tailsOf(at(horizonMs).map((markout) => -markout.markoutBps)), 4),
    })),
    shortfall: {
      delayKrw: money(sum('delay')),
      executionKrw: money(sum('execution')),
      opportunityKrw: money(sum('opportunity')),
      explicitKrw: money(sum('explicit')),
      totalKrw: money(sum('total')),
      delayBps: bps('delay'),
      executionBps: bps('execution'),
      opportunityBps: bps('opportunity'),
      explicitBps: bps('explicit'),
      bps: bps('total'),
    },
  };
}

function rateOf(facts: RunFacts, leg: Leg, flowIndex: number): number {
  return leg === 'spot' ? 1 : (facts.flows[flowIndex]?.begin.usdKrw ?? 0);
}
