import type { Notifier } from '../executor/ports.js';

type Message = Parameters<Notifier['notify']>[0];

/** Keeps what a human would have been told; the channel of backtests and drills. */
export class RecordingNotifier implements Notifier {
  readonly messages: Message[] = [];

  notify(message: Message): Promise<void> {
    this.messages.push(message);
    return Promise.resolve();
  }
}
