import { Clock, Effect } from 'effect';

import { Book, latencyMs, POLL_MS, POLLS, RETRY_MS } from './failure-scenario.js';
import type { ScenarioResult } from './failure-scenario.js';

/** The same scenario in the terms of Effect, whose TestClock moves Effect's own sleeps only. */
export const failureScenarioEffect: Effect.Effect<ScenarioResult> = Effect.gen(function* () {
  const book = new Book();
  const startedAt = yield* Clock.currentTimeMillis;
  const pause = (ms: number): Effect.Effect<void> => {
    book.sleeps += 1;
    return Effect.sleep(ms);
  };
  const call = (method: string, fails = false): Effect.Effect<string, Error> =>
    Effect.gen(function* () {
      book.calls += 1;
      yield* pause(latencyMs(book.calls));
      if (fails) return yield* Effect.fail(new Error(method));
      return book.act(method);
    });
  const legA = Effect.gen(function* () {
    yield* call('buy spot');
    yield* call('fetch spot');
  });
  const legB = Effect.gen(function* () {
    yield* call('short perp');
    for (let poll = 0; poll < POLLS; poll += 1) {
      const from = yield* Clock.currentTimeMillis;
      if ((yield* call('fetch perp')) === 'closed') return true;
      const took = (yield* Clock.currentTimeMillis) - from;
      yield* pause(POLL_MS - took);
    }
    return false;
  });
  const [, filled] = yield* Effect.all([legA, legB], { concurrency: 'unbounded' });
  if (!filled) {
    for (let attempt = 0, done = false; !done; attempt += 1) {
      done = yield* call('cancel perp', attempt === 0).pipe(
        Effect.map(() => true),
        Effect.catch(() => Effect.map(pause(RETRY_MS), () => false)),
      );
    }
    yield* call('fetch perp');
    yield* call('sell spot');
    yield* Effect.all([call('spot balance'), call('perp position')], { concurrency: 'unbounded' });
  }
  book.assertFlat();
  const endedAt = yield* Clock.currentTimeMillis;
  return { calls: book.calls, sleeps: book.sleeps, virtualMs: endedAt - startedAt, journal: book.journal };
}).pipe(Effect.orDie);
