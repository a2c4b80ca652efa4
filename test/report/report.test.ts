import { beforeAll, describe, expect, test } from 'vitest';
import { analyse } from '../../src/report/analysis.js';
import { buildReport, summarise } from '../../src/report/build-report.js';
import { loadTableEngine, PLAIN_ROWS } from '../../src/report/danfo-tables.js';
import { type Report, reportSchema } from '../../src/report/report-json.js';
import { reportMarkdown } from '../../src/report/report-md.js';
import { reportSchemaMarkdown } from '../../src/report/schema-doc.js';
import { textTimeline } from '../../src/report/text-timeline.js';
import { longRun } from './support/long-run.js';
import { sampleRun } from './support/sample-run.js';

// Every figure below follows by hand from the round numbers of support/sample-run.ts.
describe('report of the hand-written run', () => {
  let report: Report;
  beforeAll(() => {
    report = buildReport(analyse(sampleRun()), PLAIN_ROWS);
  });

  test('fits its schema', () => {
    expect(reportSchema.parse(report)).toEqual(report);
  });

  test('earned is premium plus funding minus fills and rollback', () => {
    // Premium: 0.5 * ((101.7 M - 72,700 * 1,400) - (100 M - 72,000 * 1,400)) = 360,000.
    expect(report.summary.earned).toMatchObject({ netKrw: '143074.14', premiumKrw: '360000.00', fundingKrw: '5040.00', noTradeKrw: '0.00' });
    expect(report.summary.fills.costKrw).toBe('101990.86');
    expect(report.summary.rollbacks.costKrw).toBe('119975.00');
  });

  test('the rollback is split into spread, impact, drift and fees of both ways', () => {
    const [episode] = report.rollback.episodes.filter(({ kind }) => kind === 'unwind');
    // Bought 10,000 above the touch that is 10,000 above mid; sold 10,000 below a touch 10,000 below a mid 100,000 lower.
    expect(episode?.parts).toEqual({
      delayKrw: '0.00',
      leggingKrw: '50000.00',
      spreadKrw: '10000.00',
      impactKrw: '10000.00',
      feesKrw: '49975.00',
      fxKrw: '0.00',
    });
    expect(episode).toMatchObject({ costKrw: '119975.00', unwoundBtc: 0.5, provenWithinDeadline: true, escalated: false, flow: 1 });
  });

  test('times of the rollback: naked for 2.8 s, known after 2.45 s, proven after 2.85 s', () => {
    const [episode] = report.rollback.episodes.filter(({ kind }) => kind === 'unwind');
    expect(episode).toMatchObject({ seconds: 2.8, detectionLagMs: 2_450, provenAfterMs: 2_850 });
  });

  test('orders: one never arrived and left its outcome unknown for 300 ms', () => {
    expect(report.fillQuality).toMatchObject({ sent: 7, fillRateOrders: 1, unknownOutcomeRate: 0.142857, duplicateOrders: 0, rejectRate: 0 });
    expect(report.fillQuality.outcomes).toMatchObject({ filled: 6, 'never arrived': 1 });
    expect(report.fillQuality.unknownStateMs).toMatchObject({ n: 1, p50: 300 });
  });

  test('legs that filled one after the other are no repairs', () => {
    expect(report.rollback.episodes.map(({ kind }) => kind)).toEqual(['unwind', 'legging', 'legging']);
    expect(report.summary.rollbacks).toMatchObject({ episodes: 1, unwound: 1, proven: 1 });
    expect(report.summary.naked).toMatchObject({ episodes: 3, stillNaked: false, residualEndBtc: '0' });
  });

  test('the sums of the flows are the bars of the waterfall', () => {
    if ('na' in report.waterfall) throw new Error(report.waterfall.na);
    const bar = (name: string): number => Number('parts' in report.waterfall ? report.waterfall.parts.find(({ part }) => part === name)?.krw : 'NaN');
    const kept = report.flows.reduce((sum, flow) => sum + Number(flow.keptKrw), 0);
    expect(kept).toBeCloseTo(-(bar('delay') + bar('legging') + bar('spread') + bar('impact') + bar('fees')), 2);
    expect(report.flows.reduce((sum, flow) => sum + Number(flow.rollbackKrw), 0)).toBeCloseTo(-bar('rollback'), 2);
  });

  test('the causes of unwinding add up to what rollbacks cost, funding beside them', () => {
    const { split, belowToleranceKrw } = report.rollback;
    expect(split).toEqual({
      driftKrw: '50000.00',
      spreadKrw: '10000.00',
      impactKrw: '10000.00',
      feesKrw: '49975.00',
      fxKrw: '0.00',
      fundingKrw: '0.00',
    });
    expect(belowToleranceKrw).toBe('0.00');
  });

  test('every part of the waterfall is also in bps of one and the same notional', () => {
    if (!('parts' in report.waterfall)) throw new Error('no waterfall');
    const { parts, totalBps, totalKrw } = report.waterfall;
    const sum = parts.reduce((total, { bps }) => total + (typeof bps === 'number' ? bps : Number.NaN), 0);
    expect(sum).toBeCloseTo(Number(totalBps), 2);
    // Three flows of 0.5 BTC: two decided at 100 M, the exit at 101.7 M, as the sample tells.
    expect(Number(totalKrw) / Number(totalBps)).toBeCloseTo((0.5 * report.flows.length * 100_000_000) / 10_000, -3);
  });

  test('how long it took once it was known, naked integrals with tails, spreads found, and the rates used', () => {
    const [episode] = report.rollback.episodes.filter(({ kind }) => kind === 'unwind');
    expect(episode?.provenAfterDetectionMs).toBe(400);
    expect(report.rollback.provenAfterDetectionMs).toMatchObject({ n: 1, max: 400 });
    expect(report.exposure.btcSeconds).toMatchObject({ n: 3, max: 1.4 });
    expect(report.exposure.krwSeconds.max).toBeGreaterThan(139_000_000);
    expect(report.fillQuality.spot.quotedSpreadBps).toMatchObject({ n: 4, p50: 2 });
    expect(report.rates).toMatchObject({ usdKrwStart: 1_400, usdKrwEnd: 1_400, usdtKrwEnd: 1_400 });
    expect(report.flows[0]).toMatchObject({ targetPremiumAtUsdtKrw: report.flows[0]?.targetPremium });
  });

  test('the drawdown is seen at every mark, not only at midnights', () => {
    expect(report.returns.days).toBe(0);
    expect(report.returns.maxDrawdown).toBeGreaterThan(0.0007);
  });

  test('report.md gives naked BTC and KRW seconds, the split of every repair, the rates, and KST beside UTC', () => {
    const text = reportMarkdown(report, '', 'plain rows');
    expect(text).toMatch(/Naked 3\.0 s, 1\.\d{4} BTC s, 1\d\d,\d{3},\d{3} KRW s in all/);
    expect(text).toContain('| UTC | KST | kind | naked | peak | cost | spread | impact | drift | fees | FX | funding | end |');
    expect(text).toContain('| flow | UTC | KST |');
    expect(text).toContain('USD/KRW: 1,400.00 at the start, 1,400.00 at the end');
  });

  test('annual figures and regret say why they are missing', () => {
    expect(report.returns.sharpe).toEqual({ na: 'no annual figure under 30 daily returns (this run: 0)' });
    expect(report.rollback.policyRegretKrw).toHaveProperty('na');
  });

  test('report.json is the file that was read and approved', async () => {
    await expect(`${JSON.stringify(report, undefined, 2)}\n`).toMatchFileSnapshot('golden/report.json.golden');
  });

  test('report.md is the file that was read and approved', async () => {
    const { tape, journal } = sampleRun();
    const from = (tape[0]?.t ?? 0) + 60_000;
    const text = reportMarkdown(report, textTimeline(tape, journal, { from, to: from + 5_000, maxLines: 24 }), PLAIN_ROWS.name);
    await expect(text).toMatchFileSnapshot('golden/report.md');
  });
});

test('the summary alone is the summary of the whole report', () => {
  const input = longRun(3);
  expect(summarise(input)).toEqual(buildReport(analyse(input), PLAIN_ROWS).summary);
});

test('danfojs and plain rows give the same tables, and danfojs prints nothing', () => {
  const analysis = analyse(longRun(5));
  const written: unknown[] = [];
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (chunk: unknown) => written.push(chunk) > 0;
  try {
    const engine = loadTableEngine();
    expect(engine.name).toBe('danfojs');
    expect(buildReport(analysis, engine).tables).toEqual(buildReport(analysis, PLAIN_ROWS).tables);
  } finally {
    process.stdout.write = write;
  }
  expect(written).toEqual([]);
});

test('without danfojs the tables come from plain rows', () => {
  expect(loadTableEngine(() => undefined)).toBe(PLAIN_ROWS);
});

test('docs/report-schema.md tells the schema as it is', async () => {
  await expect(reportSchemaMarkdown()).toMatchFileSnapshot('../../docs/report-schema.md');
});

test('an executor without a journal: figures of belief say why they are missing, figures of truth stand', () => {
  const report = buildReport(analyse({ ...sampleRun(), journal: [] }), PLAIN_ROWS);
  const [episode] = report.rollback.episodes.filter(({ kind }) => kind === 'unwind');
  expect(episode).toMatchObject({ detectionLagMs: { na: 'this executor keeps no journal' }, costKrw: '119975.00', provenWithinDeadline: true });
  expect(report.fillQuality.unknownOutcomeRate).toBe(0.142857);
});
