import type { EpochMs } from '../core/units.js';
import type { Notifier } from '../executor/ports.js';

type Message = Parameters<Notifier['notify']>[0];

/** Keeps what a human would have been told; the channel of backtests and drills. */
export class RecordingNotifier implements Notifier {
  readonly messages: (Message & { readonly t: EpochMs })[] = [];
  readonly #now: () => EpochMs;

  constructor(now: () => EpochMs) {
    this.#now = now;
  }

  notify(message: Message): Promise<void> {
    this.messages.push({ t: this.#now(), ...message });
    return Promise.resolve();
  }
}
