import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { analyse } from '../../src/report/analysis.js';
import { buildReport, summarise } from '../../src/report/build-report.js';
import { PLAIN_ROWS } from '../../src/report/danfo-tables.js';
import { pageHead } from '../../src/report/html/page-head.js';
import { markup, raw, scriptCode, scriptJson } from '../../src/report/html/markup.js';
import { reportHtml } from '../../src/report/report-html.js';
import type { ReportInput } from '../../src/report/report-input.js';
import { runFacts } from '../../src/report/run-facts.js';
import { timelineSvg } from '../../src/report/timeline/timeline-svg.js';
import { longRun } from './support/long-run.js';
import { sampleRun } from './support/sample-run.js';
import { TapeBuilder } from './support/tape-builder.js';

async function pageOf(input: ReportInput): Promise<string> {
  const analysis = analyse(input);
  return reportHtml(analysis, buildReport(analysis, PLAIN_ROWS), PLAIN_ROWS.name);
}

/** What a reader sees: the page without its scripts and style. */
const visible = (page: string): string => page.replace(/<script[^]*?<\/script>|<style[^]*?<\/style>/g, '');

describe('report.html of a month with half-filled entries', () => {
  let page = '';
  beforeAll(async () => {
    const input = longRun(30);
    const summary = summarise(input);
    page = await pageOf({ ...input, sensitivity: { half: summary, double: summary } });
  });

  test('is one file below 1 MiB', () => expect(Buffer.byteLength(page)).toBeLessThan(1_048_576));

  test('refers to nothing outside itself', () => {
    expect(visible(page)).not.toMatch(/(?:src|href|action|srcset|poster|data)\s*=\s*["']?\s*(?:https?:)?\/\//i);
    expect(visible(page)).not.toMatch(/<(?:link|iframe|object|embed|img|base)\b/i);
    const style = /<style>([^]*?)<\/style>/.exec(page)?.[1] ?? '';
    expect(style).not.toMatch(/@import|url\(/i);
    const data = [...page.matchAll(/<script type="application\/json"[^>]*>([^]*?)<\/script>/g)].map((match) => match[1] ?? '').join('');
    expect(data).not.toMatch(/https?:/);
  });

  test('lets a browser run its own scripts only, by their hashes, and fetch nothing', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe-eval');
    const codes = [...page.matchAll(/<script>([^]*?)<\/script>/g)].map((match) => match[1] ?? '');
    expect(codes).toHaveLength(3);
    for (const code of codes) expect(policy).toContain(`'sha256-${createHash('sha256').update(code).digest('base64')}'`);
  });

  test('draws every chart without scripts, and carries a specification for each', () => {
    const figures = [...page.matchAll(/<figure id="chart-([a-z-]+)"[^]*?<\/figure>/g)];
    expect(figures.map((match) => match[1])).toEqual(['waterfall', 'equity', 'naked', 'rollback-cost', 'latency', 'premium', 'z']);
    for (const [text, id] of figures) {
      expect(text).toMatch(/<svg[^>]*viewBox/);
      const spec = new RegExp(`id="spec-${id ?? ''}">([^]*?)</script>`).exec(page)?.[1] ?? '';
      expect(JSON.parse(spec)).toHaveProperty('marks');
    }
  });

  test('says SYNTHETIC at its top and has KST beside UTC', () => {
    expect(page.indexOf('SYNTHETIC DATA')).toBeGreaterThan(0);
    expect(page.indexOf('SYNTHETIC DATA')).toBeLessThan(page.indexOf('Where the money went'));
    expect(page).toContain('2025-09-01 00:00:00 to 2025-10-01 00:00:00 UTC');
    expect(page).toContain('2025-09-01 09:00:00 to 2025-10-01 09:00:00 KST');
  });

  test('closes every element that it opens', () => {
    const body = visible(page).replace(/<!doctype html>/, '');
    const open: string[] = [];
    for (const [, slash, name, rest] of body.matchAll(/<(\/?)([a-zA-Z][\w-]*)([^>]*)>/g)) {
      if (name === undefined || /^(?:meta|br)$/.test(name) || rest?.endsWith('/') === true) continue;
      if (slash === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });
});

test('the same run gives the same page twice', async () => {
  expect(await pageOf(sampleRun())).toBe(await pageOf(sampleRun()));
});

test('names that try to break out are text: of data, scenario, finding, card, note, executor, fault and order', async () => {
  const evil = `</script><script>alert(1)</script><img src=x onerror="alert('2')">`;
  const input = sampleRun();
  const page = await pageOf({
    ...input,
    tape: input.tape.map((event) => {
      if (event.type === 'run') return { ...event, executor: evil, seed: evil };
      if (event.type === 'fault') return { ...event, fault: evil, action: evil, detail: evil };
      return event.type === 'flow.end' || event.type === 'flow.begin' ? { ...event, ...(event.type === 'flow.end' ? { outcome: evil } : {}) } : event;
    }),
    card: [evil],
    data: { name: evil, hash: evil, synthetic: false, notes: [evil] },
    scenario: { name: evil, verdict: 'failed', findings: [evil] },
  });
  expect(page).not.toContain('<script>alert');
  expect(visible(page)).not.toContain('<img');
  expect(page.match(/<script>/g)).toHaveLength(3);
  expect(page).toContain('&lt;/script&gt;&lt;script&gt;alert(1)');
  expect(page).not.toContain('SYNTHETIC DATA');
});

test('a run without a trade, price or rate still has a page, with reasons', async () => {
  const tape = new TapeBuilder(0, { upbit: 1, binance: 1, usdKrw: 1 }).run().deposit('binance', 'USDT', '5');
  const page = await pageOf({ ...sampleRun(), tape: tape.events, journal: [], whyNoTrade: 'the file is too short' });
  expect(page).toContain('No trade was made');
  expect(page).toContain('the tape names no USD/KRW rate');
});

test('a run that never traded: no chart without a scale, no table without a case, and the reason at the top', async () => {
  const tape = new TapeBuilder(0, { upbit: 100_000_000, binance: 72_000, usdKrw: 1_400 }).run().deposit('binance', 'USDT', '5').mark();
  tape.wait(60_000).mark();
  const page = visible(await pageOf({ ...sampleRun(), tape: tape.close(), journal: [], whyNoTrade: 'the z-score never fell below -2' }));
  expect(page).not.toContain('NaN');
  expect(page).not.toMatch(/<figure id="chart-(?:waterfall|equity)"/);
  expect(page.indexOf('the z-score never fell below -2')).toBeLessThan(page.indexOf('Where the money went'));
  expect(page).toContain('No order was sent');
  expect(page).toContain('Nothing was ever naked');
});

test('a run that ends naked and locked says so at its top, even where the scenario asked for just that', () => {
  const report = buildReport(analyse(sampleRun()), PLAIN_ROWS);
  const { naked, trades } = report.summary;
  expect(pageHead(report).text).not.toContain('class="alarm"');
  const summary = {
    ...report.summary,
    naked: { ...naked, stillNaked: true, residualEndBtc: '0.03' },
    trades: { ...trades, outcomes: { locked: 1 } },
  };
  const head = pageHead({ ...report, summary }).text;
  const alarm = /<div class="alarm"[^>]*>([^]*?)<\/div>/.exec(head)?.[1] ?? '';
  expect(alarm).toContain('Still naked at the end: 0.03 BTC are not hedged.');
  expect(alarm).toContain('1 flow ended locked');
  expect(head).toContain('Scenario lost-short: passed.');
});

test('an executor that keeps calling leaves room for the numbered moments of the picture', () => {
  const tape = new TapeBuilder(0, { upbit: 100_000_000, binance: 72_000, usdKrw: 1_400 }).run();
  const order = { venue: 'upbit', side: 'buy', quantity: '0.1', purpose: 'open', flow: 1, clientOrderId: 'a' } as const;
  for (let call = 0; call < 60; call += 1) tape.wait(20_000).answer(tape.request(order));
  const svg = timelineSvg(runFacts(tape.events), tape.events, [], { from: 0, to: tape.now }).text;
  expect(svg.match(/class="tl-there"/g)?.length ?? 0).toBeLessThanOrEqual(12);
  expect(svg).toContain('48 more calls are not drawn');
});

describe('markup', () => {
  test('any text put into a template cannot open a tag or leave an attribute', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(markup`<b title="${text}">${text}</b>`.text.replace(/^<b title="|<\/b>$/g, '')).not.toMatch(/[<"'][^]*[<"'][^]*[<"']/);
      }),
    );
  });

  test('any JSON for a script element reads back and never ends it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('</script>', '<!--', '\u2028', ''), (value, extra) => {
        const text = scriptJson([value, extra]);
        expect(text).not.toMatch(/<|\u2028|\u2029/);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify([value, extra])));
      }),
    );
  });

  test('code keeps its meaning when the end of its element is written another way', () => {
    const code = scriptCode('const a = "</script>"; const b = "<!--";');
    expect(code).not.toMatch(/<\/script|<!--/);
    expect(code).toBe('const a = "<\\/script>"; const b = "<\\!--";');
  });

  test('markup goes in as it is, false and undefined vanish, lists are joined', () => {
    expect(markup`${raw('<i>')}${false}${undefined}${['a', 1, markup`<b>${'&'}</b>`]}`.text).toBe('<i>a1<b>&amp;</b>');
  });
});
