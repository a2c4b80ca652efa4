import { expect, test } from 'vitest';
import { addMs, type EpochMs } from '../../../src/core/units.js';
import type { TapeEvent } from '../../../src/sim/tape-event.js';
import { type Evidence, evidenceOf, first, insertAfter, resultOf, runOf } from './support/judged-run.js';

/** A run with a ban of Binance that is told, and a call that sends two requests: ccxt's own preparation, then what it was called for. */
async function banned(sentAfterMs: number, secondMethod = 'fetchPositions'): Promise<Evidence> {
  const evidence = evidenceOf(await runOf({ scenario: 'ban-during-rollback' }));
  const ban = first(evidence.tape, 'answer', ({ http }) => http === 418);
  const model = first(evidence.tape, 'request', ({ venue, method }) => venue === 'binance' && method === 'fetchPositions');
  const at = (ms: number): EpochMs => addMs(ban.t, ms);
  const preparation: TapeEvent = { ...model, t: at(sentAfterMs), request: 9_001, prepares: true };
  const answer: TapeEvent = { ...ban, t: at(2_000), request: 9_001, ok: true, http: 200, message: undefined };
  const second: TapeEvent = { ...model, t: at(2_000), request: 9_002, method: secondMethod, prepares: undefined };
  const again: TapeEvent = { ...second, request: 9_003 };
  if (sentAfterMs < 0) evidence.tape.splice(evidence.tape.indexOf(ban), 0, preparation);
  else insertAfter(evidence, ban, preparation);
  insertAfter(evidence, sentAfterMs < 0 ? ban : preparation, answer);
  insertAfter(evidence, answer, second);
  if (secondMethod === 'twice') {
    evidence.tape.splice(evidence.tape.indexOf(second), 1, { ...second, method: 'fetchPositions' }, { ...again, method: 'fetchPositions' });
  }
  return evidence;
}

test.each([
  { name: 'of a call that had begun before the ban was told', sentAfterMs: -1_000, second: 'fetchPositions', verdict: 'held' },
  { name: 'of a call that began after it', sentAfterMs: 1_000, second: 'fetchPositions', verdict: 'broken' },
  { name: 'of another call', sentAfterMs: -1_000, second: 'fetchTicker', verdict: 'broken' },
  { name: 'of a call that had begun, and one more', sentAfterMs: -1_000, second: 'twice', verdict: 'broken' },
])('I10, second request $name: $verdict', async ({ sentAfterMs, second, verdict }) => {
  expect(resultOf(await banned(sentAfterMs, second), 'I10').verdict).toBe(verdict);
});
