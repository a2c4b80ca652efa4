import { figureText, grouped, shareText } from '../number-text.js';
import type { Report } from '../report-json.js';
import { escapeMarkdown, grid, TAIL_COLUMNS, tailsRow } from './grid.js';

/** What fills cost and how long they took. */
export function fillText({ fillQuality, hedgeQuality }: Report): string {
  const { spot, perp } = fillQuality;
  const outcomes = Object.entries(fillQuality.outcomes)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
  const legs = [['Upbit', spot] as const, ['Binance', perp] as const];
  const rates = [
    `${fillQuality.sent} orders sent, in truth: ${outcomes}.`,
    `Filled in full ${shareText(fillQuality.fillRateOrders)} of orders, ${shareText(fillQuality.fillRatioQuantity)} of quantity. By what the answers proved: refused ${shareText(fillQuality.rejectRate)}, unknown outcome ${shareText(fillQuality.unknownOutcomeRate)}.`,
    `Cancels ${fillQuality.cancels}, lost to a fill ${shareText(fillQuality.cancelRaceLossRate)}. Duplicate orders ${fillQuality.duplicateOrders} (must be 0).`,
    ...(fillQuality.rejectsByCause.length === 0
      ? []
      : [`Refusals: ${fillQuality.rejectsByCause.map(({ cause, count }) => `${escapeMarkdown(cause)} ${count}`).join(', ')}.`]),
  ];
  const times = [
    ...legs.flatMap(([name, leg]) => [
      tailsRow(`${name}: answer seen, ms`, leg.ackClientMs, 0),
      tailsRow(`${name}: first fill, ms`, leg.firstFillMs, 0),
      tailsRow(`${name}: full fill, ms`, leg.fullFillMs, 0),
      tailsRow(`${name}: slippage, bps`, leg.slippageBps, 2),
      tailsRow(`${name}: quoted spread, bps`, leg.quotedSpreadBps, 2),
      tailsRow(`${name}: effective spread, bps`, leg.effectiveSpreadBps, 2),
      ...leg.markouts
        .filter((markout) => markout.adverseMarkoutBps.n > 0)
        .flatMap((markout) => [
          tailsRow(`${name}: realised spread at ${markout.horizonSeconds} s, bps`, markout.realizedSpreadBps, 2),
          tailsRow(`${name}: adverse markout at ${markout.horizonSeconds} s, bps`, markout.adverseMarkoutBps, 2),
        ]),
    ]),
    tailsRow('unknown state, ms', fillQuality.unknownStateMs, 0),
    tailsRow('legging, ms', hedgeQuality.leggingMs, 0),
    tailsRow('hedge slippage, bps', hedgeQuality.hedgeSlippageBps, 2),
    tailsRow('premium slippage, bps', hedgeQuality.premiumSlippageBps, 2),
    tailsRow('unmatched share of the larger leg', hedgeQuality.unmatched, 4),
  ];
  const shortfalls = legs.flatMap(([name, { shortfall }]) => [
    [
      `${name}, KRW`,
      ...[shortfall.delayKrw, shortfall.executionKrw, shortfall.opportunityKrw, shortfall.explicitKrw, shortfall.totalKrw].map((krw) =>
        grouped(Number(krw)),
      ),
    ],
    [
      `${name}, bps of the intended leg`,
      ...[shortfall.delayBps, shortfall.executionBps, shortfall.opportunityBps, shortfall.explicitBps, shortfall.bps].map((bps) =>
        figureText(bps, 2, ''),
      ),
    ],
  ]);
  return [
    '## Fill quality',
    rates.join('\n'),
    grid(TAIL_COLUMNS, times),
    '`never` counts what never came to an end; `n` what did.',
    'Implementation shortfall against the mid of the decision; positive is a cost.',
    grid(['leg', 'delay', 'execution', 'opportunity', 'fees', 'total'], shortfalls),
  ].join('\n\n');
}
