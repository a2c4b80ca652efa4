import { z } from 'zod';

/** Raised when a field changes its meaning or goes away; new fields do not raise it. */
export const SCHEMA_VERSION = 1;

const krw = z.string().regex(/^-?\d+\.\d\d$/);
const na = z.object({ na: z.string() });
const maybe = <T extends z.ZodType>(schema: T): z.ZodUnion<readonly [T, typeof na]> => z.union([schema, na]);
const gain = (text: string): z.ZodUnion<readonly [typeof krw, typeof na]> => maybe(krw).describe(`KRW, positive earned: ${text}`);
const cost = (text: string): z.ZodUnion<readonly [typeof krw, typeof na]> => maybe(krw).describe(`KRW, positive is a cost: ${text}`);
const count = z.int().min(0);
const share = z.number().min(0).max(1);
const figure = z.number().nullable();
const instant = z.int().describe('ms since 1970, UTC');

const tails = z.object({
  n: count,
  censored: count.describe('cases that never came to an end'),
  mean: figure,
  p50: figure,
  p95: figure,
  p99: figure,
  max: figure,
});
const tailsOf = (text: string): typeof tails => tails.describe(`${text}; quantiles are nearest-rank`);

const verdictWord = z.enum(['passed', 'failed', 'not judged']);
const verdict = z.object({
  name: z.string(),
  verdict: verdictWord,
  control: verdictWord.optional().describe('the same executor and seed with the faults removed'),
  findings: z.array(z.string()),
});

export const summarySchema = z.object({
  runId: z.string(),
  version: z.string(),
  seed: z.string(),
  mode: z.string(),
  executor: z.string(),
  scenario: z.string().nullable(),
  data: z.object({ name: z.string(), hash: z.string(), synthetic: z.boolean() }),
  period: z.object({
    fromMs: instant,
    toMs: instant,
    fromUtc: z.string(),
    toUtc: z.string(),
    fromKst: z.string(),
    toKst: z.string(),
    days: z.number(),
  }),
  trades: z.object({
    entries: count,
    exits: count,
    outcomes: z.record(z.string(), count).describe('flows by how they ended'),
    openAtEndBtc: z.string().describe('the matched hedge still on at the end'),
    note: z.string().nullable().describe('why there was no trade, where the run says so'),
  }),
  earned: z.object({
    netKrw: gain('everything, by the ledger'),
    netBps: maybe(z.number()).describe('of the notional of one leg, summed over entries'),
    premiumKrw: gain('change of the premium on the hedged quantity, at the mids of the decisions'),
    fundingKrw: gain('funding of the short'),
    fxKrw: gain('USD/KRW moved: the dollar side of the hedge and the USDT at Binance'),
    btcLegsKrw: gain('BTC that was not hedged between flows'),
    noTradeKrw: gain('the same money left alone'),
    againstNoTradeKrw: gain('the run minus the same money left alone'),
    holdUsdtKrw: gain('the same KRW held as USDT on Upbit over the same times, before fees'),
    capitalKrw: maybe(krw).describe('KRW paid in at both venues, USDT at the rate of that moment'),
  }),
  fills: z.object({
    orders: count,
    fillRatio: maybe(share).describe('executed quantity / asked quantity, over orders the venues accepted'),
    costKrw: cost('delay, legging, spread, impact and fees of what stayed on'),
    costBps: maybe(z.number()).describe('of the notional of one leg, summed over flows'),
    feesKrw: cost('fees in it'),
    slippageBps: tailsOf('slippage of an order against the mid at its arrival, bps, positive is a cost'),
    unknownOutcomes: count,
    refused: count,
  }),
  rollbacks: z.object({
    episodes: count.describe('residual above tolerance that was unwound, completed by a repair, or left'),
    unwound: count,
    completed: count,
    left: count,
    costKrw: cost('unwinding, both ways'),
    worstKrw: cost('the dearest unwinding'),
    proven: count.describe('proven within tolerance before the deadline'),
    escalated: count,
  }),
  naked: z.object({
    episodes: count,
    seconds: z.number(),
    longestSeconds: z.number(),
    btcSeconds: z.number(),
    krwSeconds: z.number(),
    peakKrw: maybe(krw),
    driftKrw: gain('what the unhedged quantity made or lost while it was naked'),
    residualEndBtc: z.string(),
    stillNaked: z.boolean(),
  }),
  faultsFired: count,
  verdict: verdict.nullable(),
  hashes: z.object({ tape: z.string(), journal: z.string() }),
});

const shortfall = z.object({
  delayKrw: krw.describe('the mid moved from decision to arrival at the venue'),
  executionKrw: krw.describe('average price against the mid at arrival'),
  opportunityKrw: krw.describe('what was not filled, at the mid when the flow ended'),
  explicitKrw: krw.describe('fees'),
  totalKrw: krw,
  delayBps: maybe(z.number()),
  executionBps: maybe(z.number()),
  opportunityBps: maybe(z.number()),
  explicitBps: maybe(z.number()),
  bps: maybe(z.number()).describe('the total; all of the intended notional of the leg'),
});

const legQuality = z.object({
  ackClientMs: tailsOf('request sent until the client held a positive answer, ms'),
  ackTrueMs: tailsOf('request sent until the venue accepted, ms'),
  firstFillMs: tailsOf('request sent until first fill, ms'),
  fullFillMs: tailsOf('request sent until filled in full, ms'),
  slippageBps: tailsOf('against the mid at arrival, bps'),
  quotedSpreadBps: tailsOf('(ask - bid) / mid when an order began to trade, bps'),
  effectiveSpreadBps: tailsOf('twice the slippage, bps'),
  markouts: z.array(
    z.object({
      horizonSeconds: z.number(),
      realizedSpreadBps: tailsOf('2 s (average price - mid later) / arrival mid, bps'),
      priceImpactBps: tailsOf('effective minus realised spread, bps'),
      adverseMarkoutBps: tailsOf('minus the markout, so positive is bad, bps'),
    }),
  ),
  shortfall: shortfall.describe('implementation shortfall over all flows, positive is a cost'),
});

const parts = z.object({ delayKrw: krw, leggingKrw: krw, spreadKrw: krw, impactKrw: krw, feesKrw: krw, fxKrw: krw });

const episode = z.object({
  startMs: instant,
  endMs: instant.nullable(),
  flow: count.nullable(),
  kind: z.enum(['legging', 'complete', 'unwind', 'left']),
  seconds: z.number(),
  btcSeconds: z.number(),
  krwSeconds: z.number(),
  peakKrw: krw,
  driftKrw: krw.describe('signed gain of the naked quantity'),
  residualStartBtc: z.number(),
  residualEndBtc: z.number(),
  detectionLagMs: maybe(z.number()),
  provenAfterMs: maybe(z.number()).describe('from one-legged in truth'),
  provenAfterDetectionMs: maybe(z.number()).describe('from when the executor knew'),
  provenWithinDeadline: z.boolean(),
  escalated: z.boolean(),
  unwoundBtc: z.number(),
  costKrw: krw,
  costBps: maybe(z.number()),
  parts: parts.describe('KRW, positive is a cost; delay and legging are the drift while naked'),
  fundingKrw: krw.describe('funding the naked part paid meanwhile; beside the cost, in the funding of the waterfall'),
});

const flow = z.object({
  flow: count,
  kind: z.enum(['enter', 'exit']),
  beginMs: instant,
  endMs: instant.nullable(),
  outcome: z.string(),
  quantityBtc: z.number(),
  spotBtc: z.number(),
  perpBtc: z.number(),
  matchingRatio: share,
  targetPremium: z.number().describe('when it was decided, at USD/KRW'),
  targetPremiumAtUsdtKrw: maybe(z.number()).describe('the same at KRW-USDT on Upbit; the two may differ in sign'),
  capturedPremium: maybe(z.number()),
  premiumSlippageBps: maybe(z.number()).describe('positive is a cost both ways'),
  leggingMs: maybe(z.number()),
  hedgeSlippageBps: maybe(z.number()),
  keptKrw: krw.describe('cost of what stayed on'),
  keptParts: parts,
  rollbackKrw: krw,
});

const successRate = z.object({
  successes: count,
  n: count,
  rate: share,
  low: share.describe('Wilson 95 %'),
  high: share,
  failureBoundRuleOfThree: share.nullable().describe('3/n when no failure was seen'),
});

const table = z.object({
  title: z.string(),
  note: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
});

export const reportSchema = z.object({
  schemaVersion: z.literal(SCHEMA_VERSION),
  summary: summarySchema,
  waterfall: maybe(
    z.object({
      parts: z.array(z.object({ part: z.string(), krw: krw, bps: maybe(z.number()) })),
      totalKrw: krw.describe('the ledger; the parts add up to it'),
      totalBps: maybe(z.number()).describe('every bps here is of the same notional: of one leg, summed over flows'),
    }),
  ),
  rates: z.object({
    usdKrwStart: maybe(z.number()),
    usdKrwEnd: maybe(z.number()).describe('values everything in USDT at the end'),
    usdtKrwStart: maybe(z.number()).describe('KRW-USDT on Upbit, where the data has it'),
    usdtKrwEnd: maybe(z.number()),
  }),
  alternatives: z.object({ noTradeKrw: gain('no trade'), holdUsdtKrw: gain('USDT on Upbit') }),
  fillQuality: z.object({
    sent: count,
    outcomes: z.record(z.string(), count).describe('sends by what became of them in truth'),
    fillRateOrders: maybe(share).describe('filled in full / accepted'),
    fillRatioQuantity: maybe(share),
    rejectRate: maybe(share).describe('proven refusals / sends'),
    rejectsByCause: z.array(z.object({ cause: z.string(), count })),
    unknownOutcomeRate: maybe(share),
    unknownStateMs: tailsOf('from the answer that gave no certainty until the outcome was settled, ms'),
    cancels: count,
    cancelRaceLossRate: maybe(share),
    duplicateOrders: count.describe('must be 0'),
    spot: legQuality,
    perp: legQuality,
  }),
  hedgeQuality: z.object({
    leggingMs: tailsOf('between the first fills of the two legs, ms'),
    hedgeSlippageBps: tailsOf('second leg against its mid at the first fill of the first leg, bps'),
    premiumSlippageBps: tailsOf('premium captured against premium decided on, bps'),
    unmatched: tailsOf('1 - leg matching ratio at the end of a flow'),
  }),
  exposure: z.object({
    toleranceBtc: z.string(),
    seconds: tailsOf('length of an episode, s'),
    btcSeconds: tailsOf('integral of |residual| over an episode, BTC s'),
    krwSeconds: tailsOf('the same at the Upbit mid, KRW s'),
    peakKrw: tailsOf('largest naked notional of an episode, KRW'),
  }),
  rollback: z.object({
    deadlineMs: count,
    success: maybe(successRate),
    split: z
      .object({ driftKrw: krw, spreadKrw: krw, impactKrw: krw, feesKrw: krw, fxKrw: krw, fundingKrw: krw })
      .describe('KRW, positive is a cost; all unwinding of the run. Funding stands beside the sum, in the funding of the waterfall'),
    belowToleranceKrw: krw.describe('the share of it that belongs to no episode: what was undone never reached the tolerance'),
    costKrw: tailsOf('cost of an unwinding, KRW'),
    costBps: tailsOf('cost of an unwinding, bps of what was unwound'),
    expectedShortfallKrw: maybe(krw).describe('mean of the worst 5 % of unwindings, at least one'),
    provenAfterMs: tailsOf('one-legged in truth until proven within tolerance, ms'),
    provenAfterDetectionMs: tailsOf('the executor knew until proven within tolerance, ms'),
    detectionLagMs: tailsOf('one-legged in truth until the executor knew, ms'),
    residueBtc: tailsOf('|residual| left after a repair, BTC'),
    escalationRate: maybe(share),
    policyRegretKrw: maybe(krw),
    episodes: z.array(episode),
  }),
  returns: z.object({
    days: count,
    sharpe: maybe(z.number()),
    sortino: maybe(z.number()),
    calmar: maybe(z.number()),
    autocorrelation: maybe(z.number()).describe('lag 1, daily'),
    maxDrawdown: maybe(share).describe('largest fall from a peak, over every mark of the tape'),
  }),
  imbalance: maybe(
    z.object({
      upbitStartKrw: krw,
      upbitEndKrw: krw,
      binanceStartKrw: krw,
      binanceEndKrw: krw,
      skewEnd: z.number(),
      daysUntilDry: maybe(z.number()),
      drySide: z.enum(['upbit', 'binance']).nullable(),
    }),
  ),
  equity: z.array(z.object({ t: instant, utc: z.string(), upbitKrw: krw, binanceKrw: krw, gainKrw: krw })).describe('one mark a UTC day and the end'),
  flows: z.array(flow),
  faults: z.array(z.object({ fault: z.string(), action: z.string(), fired: count })),
  tables: z.array(table),
  sensitivity: z
    .object({ half: summarySchema, double: summarySchema })
    .nullable()
    .describe('the same run with the modelled books at half and at double depth'),
  card: z.array(z.string()).describe('what was modelled and what was not'),
  notes: z.array(z.string()),
});

/** What the one screen shows and `--json` prints. */
export type Summary = z.infer<typeof summarySchema>;
/** The contents of report.json. */
export type Report = z.infer<typeof reportSchema>;
export type ReportTable = z.infer<typeof table>;
