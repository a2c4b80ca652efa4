import { describe, expect, test } from 'vitest';
import { failureHtml } from '../../src/report/failure/failure-html.js';
import { firstBroken } from '../../src/report/failure/failure-input.js';
import { failureStory } from '../../src/report/failure/failure-story.js';
import { failureLanes, failureText } from '../../src/report/failure/failure-text.js';
import { LabelPlaces } from '../../src/report/failure/label-places.js';
import { lostReplyRun, withoutJournal } from './support/lost-reply-run.js';
import { sampleRun } from './support/sample-run.js';

const START = Date.UTC(2025, 8, 3, 23, 50);
const page = failureHtml(lostReplyRun());

test('timeline.txt of a lost reply: reads as it was reviewed', async () => {
  await expect(failureText(lostReplyRun(), 100)).toMatchFileSnapshot('golden/timeline.txt');
});

test('timeline.html of a lost reply: is drawn as it was reviewed', async () => {
  await expect(page).toMatchFileSnapshot('golden/timeline.html.golden');
});

describe('where truth and belief part', () => {
  test('with a journal: when it is first sure of what is not so, and not while an answer is awaited', () => {
    const { partings } = failureStory(lostReplyRun(), 100);
    expect(partings).toEqual([
      { from: START + 2_500, to: undefined, text: expect.stringContaining('-0.5 perp BTC, the journal is sure of +0.5 spot / 0 perp') as string },
    ]);
  });

  test('without one: when it is told an error about an order that the venue took', () => {
    const { partings, belief } = failureStory(withoutJournal(), 100);
    expect(belief).toBeUndefined();
    expect(partings).toEqual([
      { from: START + 2_500, to: undefined, text: 'Binance took the sell and filled 0.5 BTC; the executor was told RequestTimeout' },
    ]);
  });

  test('with a journal that doubts and then is right: nowhere', () => {
    const { tape, journal } = sampleRun();
    const firstFlow = tape.filter(({ t }) => t < START + 120_000);
    expect(failureStory({ ...lostReplyRun(), tape: firstFlow, journal, broken: [] }, 100).partings).toEqual([]);
  });

  test('with an order that the journal never hears of again: when it filled', () => {
    const input = lostReplyRun();
    const journal = input.journal.filter(({ event }) => event.type !== 'order.settled' || event.clientOrderId !== 'p1');
    expect(failureStory({ ...input, journal }, 100).partings[0]).toMatchObject({
      from: START + 50,
      text: 'Binance sold 0.5 BTC; the journal never learns of it',
    });
  });
});

describe('the two lanes as text', () => {
  const lanes = failureLanes(lostReplyRun(), 12);

  test('keep to 100 columns', () => {
    for (const line of [...lanes.split('\n'), ...failureText(withoutJournal(), 100).split('\n')]) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('have fewer moments where there is little room, and still all that broke', () => {
    const short = failureLanes(lostReplyRun(), 3);
    expect(short).toMatch(/lighter moments are left out/);
    expect(short).toMatch(/BROKEN I15 monotone-rollback/);
    expect(short).toMatch(/BROKEN I3 exposure-budget/);
    expect(short).toMatch(/TRUTH AND BELIEF PART/);
  });

  test('draw a reply that never came as lost, and one that came as an arrow', () => {
    expect(lanes).toMatch(/\+2\.500 s +--x /);
    expect(lanes).toMatch(/\+0\.100 s +--> /);
  });

  test('tell instants from the start, never in milliseconds of the epoch', () => {
    expect(failureText(lostReplyRun(), 100)).toContain('naked since +3.100 s');
    expect(failureText(lostReplyRun(), 100)).not.toMatch(/\b1\d{12}\b/);
  });

  test('without a journal say that the belief is unknown, and what was ordered instead', () => {
    const text = failureLanes(withoutJournal(), 100);
    expect(text).toMatch(/BELIEF UNKNOWN/);
    expect(text).toMatch(/<-- orders: sell 0\.5 BTC on Binance/);
  });
});

describe('timeline.html', () => {
  test('refers to nothing outside itself, runs no script and escapes what the run says', () => {
    expect(page).not.toMatch(/(?:src|href|action)\s*=|@import|<script|<link|<img/i);
    expect(page).toContain('default-src &#39;none&#39;');
    expect(page).toContain('fills &amp; its answer &lt;never&gt; arrives');
  });

  test('closes every element that it opens', () => {
    const body = page.replace(/<style>[^]*?<\/style>|<!doctype html>/g, '');
    const open: string[] = [];
    for (const [, slash, name, rest] of body.matchAll(/<(\/?)([a-zA-Z][\w-]*)([^>]*)>/g)) {
      if (name === undefined || name === 'meta' || rest?.endsWith('/') === true) continue;
      if (slash === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  test('draws the lost reply, the parting and a flag for each dated promise', () => {
    expect(page.match(/class="cross"/g)).toHaveLength(2);
    expect(page.match(/class="part-flag"/g)).toHaveLength(1);
    expect(page.match(/class="flag"/g)).toHaveLength(3);
  });

  test('tells without the picture what the picture tells', () => {
    expect(page).toMatch(/role="img" aria-label="[^"]*part at \+2\.500 s/);
    expect(page.match(/tabindex="0"/g)).toHaveLength(2);
    expect(page).toMatch(/<caption>/);
  });

  test('puts no two labels of a lane on one another', () => {
    const x = [...page.matchAll(/<text x="([\d.]+)" y="([\d.]+)" class="label[^"]*"\s*>([^<]*)</g)].map(([, left, top, text = '']) => ({
      left: Number(left),
      top,
      text,
    }));
    expect(x.length).toBeGreaterThan(5);
    for (const a of x)
      for (const b of x)
        if (a !== b && a.top === b.top && a.left <= b.left)
          expect(a.left + a.text.trim().length * 5, `${a.text} / ${b.text}`).toBeLessThanOrEqual(b.left);
  });
});

test('the first broken promise: is the earliest, whatever the order of the list; without instants the first', () => {
  const { broken } = lostReplyRun();
  expect(firstBroken([...broken].reverse())?.id).toBe('I15');
  expect(firstBroken(broken.slice(2))?.id).toBe('outcome');
  expect(firstBroken([])).toBeUndefined();
});

test('labels: take the next level where one is taken, and none where all are', () => {
  const places = new LabelPlaces(2);
  expect([places.take(0, 'a long label'), places.take(10, 'another'), places.take(12, 'third'), places.take(500, 'free')]).toEqual([
    0,
    1,
    undefined,
    0,
  ]);
});
