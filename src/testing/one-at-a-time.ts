import { InputError } from '../core/input-error.js';
import { installAmbientGuard } from '../sim/ambient-guard.js';

// Before the code under test is loaded: what captures a timer at import must capture the one that follows virtual time.
installAmbientGuard();

let turn: Promise<unknown> = Promise.resolve();

/**
 * Virtual time belongs to the whole process, so drills that are asked for at once run one after the other.
 *
 * @throws InputError while a test's fake timers hide the event loop from virtual time.
 */
export function oneAtATime<T>(act: () => Promise<T>): Promise<T> {
  const result = turn.then(() => {
    refuseFakeTimers();
    return act();
  });
  turn = result.catch(() => undefined);
  return result;
}

/** Fake timers of vitest, jest and sinon mark what they put in place of a timer with their clock. */
function refuseFakeTimers(): void {
  if (!Object.hasOwn(globalThis.setTimeout, 'clock')) return;
  throw new InputError(
    'fake timers are on, and a drill brings virtual time of its own',
    {},
    'call vi.useRealTimers() first: inside a drill, Date and timers follow the scenario',
  );
}
