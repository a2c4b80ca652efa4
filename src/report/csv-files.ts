import { formatFixed } from '../core/money.js';
import type { Analysis } from './analysis.js';
import { csvText } from './csv.js';
import { round } from './figures.js';
import { kst, utc } from './instants.js';
import { certaintyOfSend } from './metrics/order-outcome.js';
import type { Maybe } from './not-available.js';
import { MARKOUT_HORIZONS_MS, type OrderReport } from './order-reports.js';

/** A figure that is not available is an empty cell; the report says why. */
const or = (value: Maybe<number> | undefined, decimals: number): number | undefined =>
  typeof value === 'number' ? round(value, decimals) : undefined;
const exact = (amount: bigint | undefined): string | undefined => (amount === undefined ? undefined : formatFixed(amount));

const ORDER_HEAD = [
  'request',
  'flow',
  'sent_utc',
  'sent_kst',
  'venue',
  'leg',
  'purpose',
  'side',
  'type',
  'client_order_id',
  'order_id',
  'asked_btc',
  'asked_cost_quote',
  'limit_price_quote',
  'executed_btc',
  'outcome',
  'answer_proves',
  'error',
  'code',
  'ack_client_ms',
  'ack_true_ms',
  'first_fill_ms',
  'full_fill_ms',
  'arrival_mid_quote',
  'average_price_quote',
  'fee_quote',
  'slippage_bps',
  'effective_spread_bps',
  'quoted_spread_bps',
  ...MARKOUT_HORIZONS_MS.flatMap((horizon) => [
    `realized_spread_${horizon / 1_000}s_bps`,
    `price_impact_${horizon / 1_000}s_bps`,
    `markout_${horizon / 1_000}s_bps`,
  ]),
];

/** One row an order attempt, whether it arrived or not. */
export function ordersCsv(analysis: Analysis): string {
  return csvText(
    ORDER_HEAD,
    analysis.orders.map((report) => orderRow(analysis, report)),
  );
}

function orderRow({ journal }: Analysis, report: OrderReport): (string | number | undefined)[] {
  const { order, times } = report;
  const { request, accepted } = order;
  return [
    request.request,
    request.flow,
    utc(request.t, true),
    kst(request.t, true),
    request.venue,
    request.leg,
    request.purpose,
    request.side,
    request.orderType,
    request.clientOrderId,
    accepted?.orderId,
    exact(request.quantity),
    exact(request.cost),
    exact(request.price),
    formatFixed(order.executed),
    report.outcome,
    certaintyOfSend(order, journal.attempts.get(request.clientOrderId ?? '')),
    order.answer?.error,
    order.answer?.code ?? order.refused?.code,
    times.ackClientMs,
    times.ackTrueMs,
    times.firstFillMs,
    times.fullFillMs,
    accepted?.mid,
    or(report.averagePrice, 8),
    round(report.fee, 8),
    or(report.slippageBps, 4),
    or(report.effectiveSpreadBps, 4),
    or(report.quotedSpreadBps, 4),
    ...MARKOUT_HORIZONS_MS.flatMap((horizon) => {
      const markout = report.markouts.find((found) => found.horizonMs === horizon);
      return [or(markout?.realizedSpreadBps, 4), or(markout?.priceImpactBps, 4), or(markout?.markoutBps, 4)];
    }),
  ];
}

const FILL_HEAD = [
  'utc',
  'kst',
  'flow',
  'venue',
  'leg',
  'purpose',
  'side',
  'order_id',
  'trade_id',
  'price_quote',
  'quantity_btc',
  'quote_amount',
  'fee',
  'fee_asset',
  'mid_quote',
  'best_bid_quote',
  'best_ask_quote',
  'arrival_mid_quote',
  'usd_krw',
  'delay_krw',
  'legging_krw',
  'spread_krw',
  'impact_krw',
  'fees_krw',
  'fx_krw',
  'rolled_back_share',
];

/** One row a fill; costs in KRW, positive hurts, before they are split by the share that was rolled back. */
export function fillsCsv({ costs }: Analysis): string {
  return csvText(
    FILL_HEAD,
    costs.map(({ fill, kept, rolledBack, usdKrw, rolledBackShare }) => {
      const { event } = fill;
      return [
        utc(fill.t, true),
        kst(fill.t, true),
        fill.flow,
        fill.venue,
        fill.leg,
        fill.purpose,
        fill.side,
        event.orderId,
        event.tradeId,
        formatFixed(event.price),
        formatFixed(event.quantity),
        formatFixed(event.quote),
        formatFixed(event.fee),
        event.feeAsset,
        fill.mid,
        event.bestBid,
        event.bestAsk,
        fill.arrivalMid,
        usdKrw,
        ...(['delay', 'legging', 'spread', 'impact', 'fees', 'fx'] as const).map((part) => round(kept[part] + rolledBack[part], 4)),
        round(rolledBackShare, 6),
      ];
    }),
  );
}

const ROLLBACK_HEAD = [
  'start_utc',
  'start_kst',
  'end_utc',
  'end_kst',
  'flow',
  'kind',
  'naked_seconds',
  'naked_btc_seconds',
  'naked_krw_seconds',
  'peak_naked_krw',
  'naked_drift_krw_gain',
  'residual_start_btc',
  'residual_end_btc',
  'detection_lag_ms',
  'proven_after_ms',
  'proven_after_detection_ms',
  'proven_within_deadline',
  'escalated',
  'unwound_btc',
  'cost_krw',
  'cost_bps_of_unwound',
  'cost_delay_krw',
  'cost_legging_krw',
  'cost_spread_krw',
  'cost_impact_krw',
  'cost_fees_krw',
  'cost_fx_krw',
  'funding_while_naked_krw_cost',
];

/** One row an episode of residual delta above tolerance, legs that merely filled one after the other included. */
export function rollbacksCsv({ episodes }: Analysis): string {
  return csvText(
    ROLLBACK_HEAD,
    episodes.map((episode) => {
      const { exposure, cost } = episode;
      return [
        utc(episode.start, true),
        kst(episode.start, true),
        episode.end === undefined ? undefined : utc(episode.end, true),
        episode.end === undefined ? undefined : kst(episode.end, true),
        episode.flow,
        episode.kind,
        round(exposure.seconds, 3),
        round(exposure.btcSeconds, 6),
        round(exposure.krwSeconds, 0),
        round(exposure.peakKrw, 0),
        round(exposure.driftKrw, 2),
        round(episode.residualStartBtc, 8),
        round(episode.residualEndBtc, 8),
        or(episode.detectionLagMs, 0),
        or(episode.provenAfterMs, 0),
        or(episode.provenAfterDetectionMs, 0),
        episode.provenWithinDeadline,
        episode.escalated,
        round(episode.unwoundBtc, 8),
        round(episode.costKrw, 2),
        or(episode.costBps, 4),
        ...(['delay', 'legging', 'spread', 'impact', 'fees', 'fx'] as const).map((part) => round(cost[part], 2)),
        round(episode.fundingKrw, 2),
      ];
    }),
  );
}
