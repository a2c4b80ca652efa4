/** What one run of the scenario saw; every engine must see the same. */
export interface ScenarioResult {
  readonly calls: number;
  readonly sleeps: number;
  readonly virtualMs: number;
  readonly journal: readonly string[];
}

/** Latency of the n-th API call: 20 to 80 ms, the same in every engine. */
export const latencyMs = (call: number): number => 20 + ((call * 37) % 61);
export const POLLS = 20;
export const POLL_MS = 500;
export const RETRY_MS = 1_000;

/** Both positions, to be flat at the end. */
export class Book {
  spot = 0;
  perp = 0;
  calls = 0;
  sleeps = 0;
  readonly journal: string[] = [];

  /** What an answer says and does, by call; the n-th call of a method decides. */
  act(method: string): string {
    this.journal.push(method);
    if (method === 'buy spot') this.spot += 1;
    if (method === 'sell spot') this.spot -= 1;
    return method === 'fetch perp' ? 'open' : 'closed';
  }

  assertFlat(): void {
    if (this.spot !== 0 || this.perp !== 0) throw new Error(`not flat: ${this.spot} and ${this.perp}`);
  }
}

/**
 * Two legs at once: A fills, B never does, times out after 10 s of polling, its cancel fails once and is
 * repeated after a second, and A is unwound. 29 calls of 20 to 80 ms and 50 sleeps, journal and final check included.
 * The engine lends `sleep` and `now`, and nothing else of it is seen.
 */
export async function failureScenario(sleep: (ms: number) => Promise<void>, now: () => number): Promise<ScenarioResult> {
  const book = new Book();
  const startedAt = now();
  const pause = (ms: number): Promise<void> => {
    book.sleeps += 1;
    return sleep(ms);
  };
  const call = async (method: string, fails = false): Promise<string> => {
    book.calls += 1;
    await pause(latencyMs(book.calls));
    if (fails) throw new Error(method);
    return book.act(method);
  };
  const legA = async (): Promise<void> => {
    await call('buy spot');
    await call('fetch spot');
  };
  const legB = async (): Promise<boolean> => {
    await call('short perp');
    for (let poll = 0; poll < POLLS; poll += 1) {
      const from = now();
      if ((await call('fetch perp')) === 'closed') return true;
      await pause(POLL_MS - (now() - from));
    }
    return false;
  };
  const [, filled] = await Promise.all([legA(), legB()]);
  if (!filled) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await call('cancel perp', attempt === 0);
        break;
      } catch {
        await pause(RETRY_MS);
      }
    }
    await call('fetch perp');
    await call('sell spot');
    await Promise.all([call('spot balance'), call('perp position')]);
  }
  book.assertFlat();
  return { calls: book.calls, sleeps: book.sleeps, virtualMs: now() - startedAt, journal: book.journal };
}
