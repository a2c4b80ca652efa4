import type { Report } from '../report-json.js';
import { markup, type Markup } from './markup.js';
import { type Cell, figureCell, krwCell, shareCell, table, TAIL_COLUMNS, tailsRow } from './parts.js';

/** What fills cost and how long they took. */
export function fillSection(report: Report, chart: Markup): Markup {
  const { fillQuality, hedgeQuality } = report;
  if (fillQuality.sent === 0)
    return markup`<h2>What fills cost and how long they took</h2>
      <p>No order was sent, so nothing was filled.</p>`;
  const outcomes = Object.entries(fillQuality.outcomes)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`);
  const legs = [['Upbit', fillQuality.spot] as const, ['Binance', fillQuality.perp] as const];
  const rates: Cell[][] = [
    ['Orders sent, by what became of them in truth', `${fillQuality.sent}${outcomes.length === 0 ? '' : ` (${outcomes.join(', ')})`}`],
    ['Filled in full, of orders accepted', shareCell(fillQuality.fillRateOrders)],
    ['Filled, of quantity asked', shareCell(fillQuality.fillRatioQuantity)],
    ['Refused, by what the answers proved', shareCell(fillQuality.rejectRate)],
    ['Outcome unknown to us at first', shareCell(fillQuality.unknownOutcomeRate)],
    ['Cancels that lost to a fill', shareCell(fillQuality.cancelRaceLossRate)],
    ['Duplicate orders (must be 0)', fillQuality.duplicateOrders],
    ...fillQuality.rejectsByCause.map(({ cause, count }): Cell[] => [`Refused: ${cause}`, count]),
  ];
  const times = legs.flatMap(([name, leg]) => [
    tailsRow(`${name}: answer seen, ms`, leg.ackClientMs, 0),
    tailsRow(`${name}: accepted in truth, ms`, leg.ackTrueMs, 0),
    tailsRow(`${name}: first fill, ms`, leg.firstFillMs, 0),
    tailsRow(`${name}: full fill, ms`, leg.fullFillMs, 0),
  ]);
  const costs = legs.flatMap(([name, leg]) => [
    tailsRow(`${name}: slippage, bps`, leg.slippageBps, 2),
    tailsRow(`${name}: quoted spread, bps`, leg.quotedSpreadBps, 2),
    tailsRow(`${name}: effective spread, bps`, leg.effectiveSpreadBps, 2),
    ...leg.markouts
      .filter((markout) => markout.adverseMarkoutBps.n > 0)
      .flatMap((markout) => [
        tailsRow(`${name}: realised spread, ${markout.horizonSeconds} s, bps`, markout.realizedSpreadBps, 2),
        tailsRow(`${name}: adverse markout, ${markout.horizonSeconds} s, bps`, markout.adverseMarkoutBps, 2),
      ]),
  ]);
  const pair = [
    tailsRow('Between the legs, ms', hedgeQuality.leggingMs, 0),
    tailsRow('Second leg against its mid at the first fill, bps', hedgeQuality.hedgeSlippageBps, 2),
    tailsRow('Premium got against decided, bps', hedgeQuality.premiumSlippageBps, 2),
    tailsRow('Unmatched share of the larger leg at the end', hedgeQuality.unmatched, 4),
    tailsRow('Unknown state, ms', fillQuality.unknownStateMs, 0),
  ];
  const shortfalls = legs.flatMap(([name, { shortfall }]): Cell[][] => [
    [
      `${name}, KRW`,
      ...[shortfall.delayKrw, shortfall.executionKrw, shortfall.opportunityKrw, shortfall.explicitKrw, shortfall.totalKrw].map((krw) => krwCell(krw)),
    ],
    [
      `${name}, bps`,
      ...[shortfall.delayBps, shortfall.executionBps, shortfall.opportunityBps, shortfall.explicitBps, shortfall.bps].map((bps) =>
        figureCell(bps, 2),
      ),
    ],
  ]);
  return markup`<h2>What fills cost and how long they took</h2>
    ${table(['<', ''], rates)}${chart}
    <h3>Times <span class="note">never: orders that did not come to that</span></h3>
    ${table(TAIL_COLUMNS, times)}
    <h3>Prices <span class="note">against the mid at arrival; positive is a cost</span></h3>
    ${table(TAIL_COLUMNS, costs)}
    <h3>Implementation shortfall <span class="note">against the mid of the decision, positive is a cost; bps of the intended leg</span></h3>
    ${table(['', 'delay', 'execution', 'opportunity', 'fees', 'total'], shortfalls)}
    <h3>The two legs together</h3>
    ${table(TAIL_COLUMNS, pair)}`;
}
