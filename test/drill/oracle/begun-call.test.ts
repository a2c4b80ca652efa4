import { expect, test } from 'vitest';
import { addMs, type EpochMs } from '../../../src/core/units.js';
import type { TapeEvent } from '../../../src/sim/tape-event.js';
import { type Evidence, evidenceOf, first, resultOf, runOf } from './support/judged-run.js';

/** A run with a ban of Binance that is told, and a call of which ccxt's own preparation is answered meanwhile; then these requests leave. */
async function banned(sentAfterMs: number, then: readonly string[]): Promise<Evidence> {
  const evidence = evidenceOf(await runOf({ scenario: 'ban-during-rollback' }));
  const ban = first(evidence.tape, 'answer', ({ http }) => http === 418);
  const model = first(evidence.tape, 'request', ({ venue, method }) => venue === 'binance' && method === 'fetchPositions');
  const at = (ms: number): EpochMs => addMs(ban.t, ms);
  const preparation: TapeEvent = { ...model, t: at(sentAfterMs), request: 9_001, prepares: true };
  const answer: TapeEvent = { ...ban, t: at(2_000), request: 9_001, ok: true, http: 200, message: undefined };
  const requests = then.map((method, index): TapeEvent => ({ ...model, t: at(2_000), request: 9_002 + index, method, prepares: undefined }));
  const place = evidence.tape.indexOf(ban);
  const around = sentAfterMs < 0 ? [preparation, ban, answer] : [ban, preparation, answer];
  evidence.tape.splice(place, 1, ...around, ...requests);
  return evidence;
}

test.each([
  { name: 'of a call that had begun before the ban was told', sentAfterMs: -1_000, then: ['fetchPositions'], verdict: 'held' },
  { name: 'of a call that began after it', sentAfterMs: 1_000, then: ['fetchPositions'], verdict: 'broken' },
  { name: 'of another call', sentAfterMs: -1_000, then: ['fetchTicker'], verdict: 'broken' },
  { name: 'of a call that had begun, and one more', sentAfterMs: -1_000, then: ['fetchPositions', 'fetchPositions'], verdict: 'broken' },
])('I10, second request $name: $verdict', async ({ sentAfterMs, then, verdict }) => {
  expect(resultOf(await banned(sentAfterMs, then), 'I10').verdict).toBe(verdict);
});
