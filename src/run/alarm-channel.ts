import type { Notifier } from '../executor/ports.js';
import { isNth } from '../faults/call-matcher.js';
import type { AlarmAction } from '../faults/fault-action.js';
import type { RecordingNotifier } from './recording-notifier.js';

interface Trouble extends AlarmAction {
  readonly fault: string;
  readonly until: number;
  struck: number;
}

export interface AlarmChannelOptions {
  /** What people were really told. */
  readonly people: RecordingNotifier;
  readonly now: () => number;
  /** A message met a fault. */
  readonly met: (fault: string, what: string) => void;
}

/** The way to people, which a fault can cut exactly when it is needed. */
export class AlarmChannel implements Notifier {
  readonly #options: AlarmChannelOptions;
  readonly #troubles: Trouble[] = [];
  #count = 0;

  constructor(options: AlarmChannelOptions) {
    this.#options = options;
  }

  strike(fault: string, action: AlarmAction): void {
    const until = action.for === 'forever' ? Number.POSITIVE_INFINITY : this.#options.now() + action.for;
    this.#troubles.push({ ...action, fault, until, struck: 0 });
  }

  /** @throws Error (as a rejection) when the channel says that it is down; it may also never answer. */
  notify(message: Parameters<Notifier['notify']>[0]): Promise<void> {
    const { people, now, met } = this.#options;
    this.#count += 1;
    const trouble = this.#troubles.find(
      ({ until, nth, times, struck }) => now() < until && isNth(nth, this.#count) && (times === undefined || struck < times),
    );
    if (trouble === undefined) return people.notify(message);
    trouble.struck += 1;
    met(trouble.fault, `message ${this.#count}, ${message.code}`);
    if (trouble.delivers) void people.notify(message);
    if (trouble.as === 'error') return Promise.reject(new Error('the alarm channel answers 503 Service Unavailable'));
    return new Promise(() => undefined);
  }
}
