import { createHash } from 'node:crypto';
import { formatFixed, negate, toNumber } from '../../core/money.js';
import { encodeJournalRecord } from '../../journal/journal-codec.js';
import { encodeTapeEvent } from '../../sim/tape-codec.js';
import { holdUsdtGain, noTradeGain } from '../alternatives.js';
import type { Analysis } from '../analysis.js';
import { money, moneyMaybe, round, roundMaybe, roundTails } from '../figures.js';
import { DAY_MS, kst, utc } from '../instants.js';
import { tailsOf } from '../metrics/tails.js';
import { type Maybe, isNotAvailable, mapMaybe, notAvailable } from '../not-available.js';
import type { Summary } from '../report-json.js';
import type { EpisodeReport } from '../rollback-episodes.js';
import type { Waterfall } from '../waterfall.js';
import { fillRatio, sendCertainties } from './fill-quality-section.js';

/** Episodes that something had to be done about; legs that merely filled one after the other are not. */
export const isRollback = (episode: EpisodeReport): boolean => episode.kind !== 'legging';

export function summarySection(analysis: Analysis): Summary {
  const { input, facts } = analysis;
  const { run } = facts;
  return {
    runId: input.runId,
    version: run?.version ?? 'unknown',
    seed: run?.seed ?? 'unknown',
    mode: run?.mode ?? 'unknown',
    executor: run?.executor ?? 'unknown',
    scenario: input.scenario?.name ?? run?.scenario ?? null,
    data: { name: input.data.name, hash: input.data.hash, synthetic: input.data.synthetic },
    period: {
      fromMs: facts.from,
      toMs: facts.to,
      fromUtc: utc(facts.from),
      toUtc: utc(facts.to),
      fromKst: kst(facts.from),
      toKst: kst(facts.to),
      days: round((facts.to - facts.from) / DAY_MS, 7),
    },
    trades: tradesOf(analysis),
    earned: earnedOf(analysis),
    fills: fillsOf(analysis),
    rollbacks: rollbacksOf(analysis),
    naked: nakedOf(analysis),
    faultsFired: facts.faults.length,
    verdict: input.scenario === undefined ? null : { ...input.scenario, findings: [...input.scenario.findings] },
    hashes: {
      tape: hashOf(input.tape.map((event) => encodeTapeEvent(event))),
      journal: hashOf(input.journal.map((record) => encodeJournalRecord(record))),
    },
  };
}

/** SHA-256 of the lines with their line feeds, as the files on disk. */
function hashOf(lines: readonly string[]): string {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest('hex');
}

function tradesOf({ input, facts, flows }: Analysis): Summary['trades'] {
  const outcomes: Record<string, number> = {};
  for (const name of flows.map((flow) => flow.outcome).sort()) outcomes[name] = (outcomes[name] ?? 0) + 1;
  const last = facts.positions.at(-1);
  const spot = last === undefined ? 0n : last.spot;
  const short = last === undefined ? 0n : negate(last.perp);
  const matched = spot < short ? spot : short;
  return {
    entries: flows.filter((flow) => flow.kind === 'enter').length,
    exits: flows.filter((flow) => flow.kind === 'exit').length,
    outcomes,
    openAtEndBtc: formatFixed(matched > 0n ? matched : 0n),
    note: flows.length === 0 ? (input.whyNoTrade ?? 'no entry was asked for') : null,
  };
}

/** A figure of the waterfall, or the reason why there is no waterfall. */
const pick = (waterfall: Maybe<Waterfall>, figure: (parts: Waterfall) => number): Maybe<number> => mapMaybe(waterfall, figure);

function earnedOf({ facts, waterfall, flows, equity }: Analysis): Summary['earned'] {
  const entered = flows.filter((flow) => flow.kind === 'enter').reduce((sum, flow) => sum + flow.intendedNotionalKrw, 0);
  const net = pick(waterfall, (parts) => parts.total);
  const noTrade = noTradeGain(facts);
  const against = isNotAvailable(net) ? net : mapMaybe(noTrade, (gain) => net - gain);
  return {
    netKrw: moneyMaybe(net),
    netBps:
      entered > 0
        ? roundMaybe(
            mapMaybe(net, (krw) => (krw / entered) * 10_000),
            4,
          )
        : notAvailable('nothing was entered'),
    premiumKrw: moneyMaybe(pick(waterfall, (parts) => parts.premium)),
    fundingKrw: moneyMaybe(pick(waterfall, (parts) => parts.funding)),
    fxKrw: moneyMaybe(pick(waterfall, (parts) => parts.fxHedge + parts.fxCollateral)),
    btcLegsKrw: moneyMaybe(pick(waterfall, (parts) => parts.btcLegs)),
    noTradeKrw: moneyMaybe(noTrade),
    againstNoTradeKrw: moneyMaybe(against),
    holdUsdtKrw: moneyMaybe(holdUsdtGain(facts)),
    capitalKrw: isNotAvailable(waterfall) ? waterfall : money(equity.at(-1)?.capitalKrw ?? 0),
  };
}

function fillsOf({ facts, journal, waterfall, orders, flows }: Analysis): Summary['fills'] {
  const traded = flows.reduce((sum, flow) => sum + flow.intendedNotionalKrw, 0);
  const cost = pick(waterfall, (parts) => -(parts.delay + parts.legging + parts.spread + parts.impact + parts.fees));
  const slippages = orders.flatMap(({ slippageBps }) => (typeof slippageBps === 'number' ? [slippageBps] : []));
  const certainties = sendCertainties(facts, journal);
  return {
    orders: facts.orders.length,
    fillRatio: roundMaybe(fillRatio(facts), 6),
    costKrw: moneyMaybe(cost),
    costBps:
      traded > 0
        ? roundMaybe(
            mapMaybe(cost, (krw) => (krw / traded) * 10_000),
            4,
          )
        : notAvailable('nothing was traded'),
    feesKrw: moneyMaybe(pick(waterfall, (parts) => -parts.fees)),
    slippageBps: roundTails(tailsOf(slippages), 4),
    unknownOutcomes: certainties.filter((certainty) => certainty === 'unknown').length,
    refused: certainties.filter((certainty) => certainty === 'refused').length,
  };
}

function rollbacksOf({ waterfall, episodes }: Analysis): Summary['rollbacks'] {
  const rollbacks = episodes.filter(isRollback);
  const unwound = rollbacks.filter((episode) => episode.unwoundBtc > 0);
  return {
    episodes: rollbacks.length,
    unwound: rollbacks.filter((episode) => episode.kind === 'unwind').length,
    completed: rollbacks.filter((episode) => episode.kind === 'complete').length,
    left: rollbacks.filter((episode) => episode.kind === 'left').length,
    costKrw: moneyMaybe(pick(waterfall, (parts) => -parts.rollback)),
    worstKrw: unwound.length === 0 ? notAvailable('nothing was unwound') : money(Math.max(...unwound.map((episode) => episode.costKrw))),
    proven: rollbacks.filter((episode) => episode.provenWithinDeadline).length,
    escalated: rollbacks.filter((episode) => episode.escalated).length,
  };
}

function nakedOf({ facts, episodes }: Analysis): Summary['naked'] {
  const sum = (figure: (episode: EpisodeReport) => number): number => episodes.reduce((total, episode) => total + figure(episode), 0);
  const most = (figure: (episode: EpisodeReport) => number): number => episodes.reduce((peak, episode) => Math.max(peak, figure(episode)), 0);
  const last = facts.positions.at(-1);
  return {
    episodes: episodes.length,
    seconds: round(
      sum(({ exposure }) => exposure.seconds),
      3,
    ),
    longestSeconds: round(
      most(({ exposure }) => exposure.seconds),
      3,
    ),
    btcSeconds: round(
      sum(({ exposure }) => exposure.btcSeconds),
      6,
    ),
    krwSeconds: round(
      sum(({ exposure }) => exposure.krwSeconds),
      0,
    ),
    peakKrw: money(most(({ exposure }) => exposure.peakKrw)),
    driftKrw: money(sum(({ exposure }) => exposure.driftKrw)),
    residualEndBtc: formatFixed(last?.residual ?? 0n),
    stillNaked: Math.abs(toNumber(last?.residual ?? 0n)) > toNumber(facts.tolerance),
  };
}
