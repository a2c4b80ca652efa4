import { InputError } from '../core/input-error.js';
import type { InvariantId } from '../drill/oracle/oracle-report.js';
import { DURATION, parseDurationMs } from '../faults/scenario-time.js';
import type { FlowOutcome } from '../journal/journal-event.js';
import type { Exploration } from './explore.js';
import { brokenText, explorationText, promiseLine, runName, runText } from './failure-text.js';
import type { Verdict } from './verdict.js';

/** What a matcher answers; the shape that `expect.extend` of vitest, jest and bun understands. */
export interface MatcherAnswer {
  readonly pass: boolean;
  readonly message: () => string;
}

/** @param pass - whether the matcher holds; `yes` is said when it was expected not to. */
const answer = (pass: boolean, no: () => string, yes: () => string): MatcherAnswer => ({ pass, message: pass ? yes : no });

const isExploration = (received: Received): received is Exploration => 'buckets' in received;
const isList = (received: Received): received is readonly Verdict[] => Array.isArray(received);
type Received = Verdict | readonly Verdict[] | Exploration;

/**
 * Nothing that could be judged is broken: every expectation of the scenario and every invariant held, every required
 * fault fired, and the same run without the faults is right as well. Of an exploration: no run of any flow.
 */
function toKeepItsPromises(received: Received): MatcherAnswer {
  if (isExploration(received)) {
    const kept = received.failing === 0 && received.unsound.length === 0;
    return answer(
      kept,
      () => explorationText(received),
      () => `expected ${received.executor} to break a promise in one of ${received.runs} explored runs, and it kept all`,
    );
  }
  const verdicts = isList(received) ? received : [received];
  const failed = verdicts.filter(({ passed, control }) => !passed || !control.passed);
  return answer(
    failed.length === 0,
    () => failed.map(brokenText).join('\n\n'),
    () => `expected a broken promise, and all were kept: ${verdicts.map(runName).join('; ')}`,
  );
}

/** No longer than that with both legs unequal, by the venues' truth, and nothing naked at the end. @param within - `15s`, or milliseconds. */
function toStayHedgedWithin(received: Verdict, within: string | number): MatcherAnswer {
  const most = typeof within === 'number' ? within : checkedDuration(within);
  const naked = `both legs were unequal for ${received.longestUnhedgedMs} ms, by up to ${received.maxUnhedgedBtc} BTC`;
  return answer(
    received.longestUnhedgedMs <= most,
    () =>
      `${runName(received)}: expected both legs equal again within ${most} ms\n  ${naked}; ${received.netDeltaBtc} BTC at the end\n\n${runText(received)}`,
    () => `${runName(received)}: expected both legs unequal for more than ${most} ms\n  ${naked}`,
  );
}

function checkedDuration(text: string): number {
  if (DURATION.test(text)) return parseDurationMs(text);
  throw new InputError(`expected milliseconds or a duration such as 250ms, 15s, 1m30s; found "${text}"`, { key: 'toStayHedgedWithin' });
}

/** Every flow ended in one of these ways, by the venues' truth whatever the executor says. */
function toEndAs(received: Verdict, ...outcomes: readonly FlowOutcome[]): MatcherAnswer {
  const wrong = received.outcomes.filter((outcome) => !outcomes.some((allowed) => allowed === outcome));
  const ended = `its flows ended ${received.outcomes.join(', ') || 'not at all: none ran'}`;
  return answer(
    received.outcomes.length > 0 && wrong.length === 0,
    () => `${runName(received)}: expected every flow to end ${outcomes.join(' or ')}\n  ${ended}\n\n${runText(received)}`,
    () => `${runName(received)}: expected a flow that ends otherwise than ${outcomes.join(' or ')}\n  ${ended}`,
  );
}

/** The faults with these ids struck at least once; without ids every fault of the scenario: a drill whose faults never fire tests nothing. */
function toHaveFaultsFired(received: Verdict, ...ids: readonly string[]): MatcherAnswer {
  const known = received.faults.map(({ id }) => id);
  const unknown = ids.filter((id) => !known.includes(id));
  if (unknown.length > 0)
    throw new InputError(
      `${received.scenario} has no fault "${unknown.join(', ')}"`,
      { key: 'toHaveFaultsFired' },
      `it has ${known.join(', ') || 'none'}`,
    );
  const asked = received.faults.filter(({ id }) => ids.length === 0 || ids.includes(id));
  const silent = asked.filter(({ fired }) => fired === 0);
  const tally = received.faults.map(
    ({ id, fired, masked, why }) => `  ${id}: fired ${fired} times${why !== undefined ? ` (${why})` : masked > 0 ? `, masked ${masked} times` : ''}`,
  );
  return answer(
    asked.length > 0 && silent.length === 0,
    () =>
      [`${runName(received)}: expected ${silent.map(({ id }) => id).join(', ') || 'a fault'} to fire`, ...tally, '', runText(received)].join('\n'),
    () => [`${runName(received)}: expected a fault that never fires`, ...tally].join('\n'),
  );
}

/** These invariants were judged on this run, had something to be held against, and held. */
function toHoldInvariants(received: Verdict, ...ids: readonly InvariantId[]): MatcherAnswer {
  const chosen = received.invariants.filter(({ id }) => ids.includes(id));
  const missing = ids.filter((id) => chosen.every((each) => each.id !== id));
  if (ids.length === 0 || missing.length > 0)
    throw new InputError(`expected ids of invariants, found "${missing.join(', ')}"`, { key: 'toHoldInvariants' }, 'I1 to I16, L1 to L6');
  const lines = chosen.map(({ id, name, verdict, why, broken }) =>
    broken === undefined ? `  ${id} ${name}: ${verdict}${why === undefined ? '' : `, ${why}`}` : promiseLine({ key: `${id} ${name}`, ...broken }),
  );
  return answer(
    chosen.every(({ verdict }) => verdict === 'held'),
    () => [`${runName(received)}: expected ${ids.join(', ')} to be judged and to hold`, ...lines, '', runText(received)].join('\n'),
    () => [`${runName(received)}: expected one of ${ids.join(', ')} not to hold`, ...lines].join('\n'),
  );
}

/**
 * The faults catch this executor: money or the final state is wrong, and the same run without them is right. For the
 * test that shows that your drills would notice a defect. @param key - of the promise that is broken, such as `final.netDelta`.
 */
function toBeCaught(received: Verdict, key?: string): MatcherAnswer {
  const { caughtBy, control } = received;
  const by = caughtBy === undefined ? 'nothing about money or the final state is broken' : promiseLine(caughtBy).trim();
  const wanted = key === undefined ? 'the faults to catch it' : `${key} to be broken by the faults`;
  const lines = [...received.broken.map(promiseLine), control.passed ? '  without the faults it passes' : '  it fails without the faults, too'];
  return answer(
    caughtBy !== undefined && (key === undefined || received.broken.some((promise) => promise.key === key)),
    () => [`${runName(received)}: expected ${wanted}; ${by}`, ...lines, '', runText(received)].join('\n'),
    () => [`${runName(received)}: expected it not to be caught; ${by}`, '', runText(received)].join('\n'),
  );
}

/** At least this share of what could be struck was: C1 calls by kinds of fault, C3 crash points, ... @param share - 0 to 1. */
function toCoverAtLeast(received: Exploration, share: number, id: 'C1' | 'C2' | 'C3' | 'C4' = 'C1'): MatcherAnswer {
  const measure = received.coverage.find((each) => each.id === id);
  const of = measure?.of ?? 0;
  const seen = measure?.seen ?? 0;
  const text = `${id} ${measure?.title ?? ''}: ${seen} of ${of}${received.skipped > 0 ? `, with ${received.skipped} planned runs beyond the limit` : ''}`;
  const missing = (measure?.missing ?? []).slice(0, 10).map((name) => `  missing: ${name}`);
  return answer(
    of > 0 && seen / of >= share,
    () => [`${received.executor}: expected at least ${share * 100} % to be covered`, `  ${text}`, ...missing].join('\n'),
    () => `${received.executor}: expected less than ${share * 100} % to be covered\n  ${text}`,
  );
}

type Matcher<R, A extends readonly unknown[]> = (received: R, ...rest: A) => MatcherAnswer;

/** @throws InputError where `await` was forgotten, or something else was given than a drill's result. */
const checked =
  <R extends Received, A extends readonly unknown[]>(matcher: Matcher<R, A>): Matcher<R, A> =>
  (received, ...rest) => {
    const place = { key: matcher.name };
    if ((received as unknown) instanceof Promise)
      throw new InputError('expected a result, found its promise', place, 'write: expect(await drill(...))');
    const isKnown = typeof received === 'object' && received !== null && (isList(received) || 'caughtBy' in received || 'buckets' in received);
    if (!isKnown) throw new InputError('expected what drill() or explore() answers', place);
    return matcher(received, ...rest);
  };

/** For `expect.extend`; `hedgedrill/testing/vitest` does it for vitest, with types. */
export const hedgeMatchers = {
  toKeepItsPromises: checked(toKeepItsPromises),
  toStayHedgedWithin: checked(toStayHedgedWithin),
  toEndAs: checked(toEndAs),
  toHaveFaultsFired: checked(toHaveFaultsFired),
  toHoldInvariants: checked(toHoldInvariants),
  toBeCaught: checked(toBeCaught),
  toCoverAtLeast: checked(toCoverAtLeast),
};

type Rest<M> = M extends Matcher<never, infer R> ? R : never;

/** The matchers as they stand behind `expect(...)`. */
export type HedgeMatchers = { [Name in keyof typeof hedgeMatchers]: (...rest: Rest<(typeof hedgeMatchers)[Name]>) => void };
