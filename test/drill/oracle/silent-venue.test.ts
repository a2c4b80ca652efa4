import { expect, test } from 'vitest';
import { addMs } from '../../../src/core/units.js';
import { type Evidence, evidenceOf, first, insertAfter, pick, resultOf, runOf } from './support/judged-run.js';

/** A copy was made, and Binance was asked what it holds and said nothing for ten minutes; nothing was locked. */
const SILENT = { scenario: 'families/r14-request-twice-then-silence' };

/** What Binance was asked first after the copy and did not answer. */
function unanswered(evidence: Evidence): { readonly sentAt: number; readonly request: number } {
  const copy = first(evidence.tape, 'order.accepted', (event) => event.copy === true);
  const asked = first(evidence.tape, 'request', ({ method, t }) => method === 'fetchPositions' && t > copy.t);
  return { sentAt: asked.t, request: asked.request };
}

const DOCTORED: readonly { readonly name: string; readonly doctor: (evidence: Evidence) => void; readonly verdict: string }[] = [
  { name: 'as it was', doctor: () => undefined, verdict: 'held' },
  {
    name: 'and nobody was told',
    doctor: (evidence) => {
      evidence.journal = evidence.journal.filter(({ event }) => event.type !== 'alert' || event.alert !== 'VENUE_UNREACHABLE');
    },
    verdict: 'broken',
  },
  {
    name: 'and it had said what it holds once',
    doctor: (evidence) => {
      const { request } = unanswered(evidence);
      Object.assign(
        first(evidence.tape, 'answer', (event) => event.request === request),
        { ok: true, error: undefined },
      );
    },
    verdict: 'broken',
  },
  {
    name: 'and an order was sent meanwhile',
    doctor: (evidence) => {
      const { request } = unanswered(evidence);
      const sent = first(evidence.tape, 'request', ({ method, leg }) => method === 'createOrder' && leg === 'spot');
      const answer = first(evidence.tape, 'answer', (event) => event.request === request);
      insertAfter(evidence, answer, { ...sent, t: answer.t, request: 9_001, clientOrderId: 'hd-9-9' });
    },
    verdict: 'broken',
  },
  {
    name: 'and it was not asked at all',
    doctor: (evidence) => {
      const { sentAt } = unanswered(evidence);
      const answered = new Set(pick(evidence.tape, 'answer', ({ ok }) => ok).map(({ request }) => request));
      const unheard = new Set(
        pick(evidence.tape, 'request', ({ request, t }) => t >= sentAt && !answered.has(request)).map(({ request }) => request),
      );
      evidence.tape = evidence.tape.filter((event) => !('request' in event) || !unheard.has(event.request as number));
    },
    verdict: 'broken',
  },
  {
    name: 'and the copy stayed for another four minutes after it spoke',
    doctor: (evidence) => {
      const repaired = first(evidence.tape, 'fill', ({ side, leg }) => leg === 'perp' && side === 'buy');
      for (const event of evidence.tape.slice(evidence.tape.indexOf(repaired))) Object.assign(event, { t: addMs(event.t, 240_000) });
    },
    verdict: 'broken',
  },
];

test.each(DOCTORED)('I3, a copy while Binance says nothing, $name: $verdict', async ({ doctor, verdict }) => {
  const evidence = evidenceOf(await runOf(SILENT));
  doctor(evidence);
  expect(resultOf(evidence, 'I3').verdict).toBe(verdict);
});
