import type { EpochMs } from '../core/units.js';

interface Message {
  readonly severity: 'info' | 'warning' | 'critical';
  readonly code: string;
  readonly text: string;
  readonly at: EpochMs;
}

const SIGNS: Readonly<Record<Message['severity'], string>> = { info: ' ', warning: '!', critical: '!!' };

/**
 * Notifications as lines of text, for a terminal or a log. `write` gets whole lines without their line feed; what it
 * throws is a dead channel to the executor, which reports it and goes on.
 */
export class ConsoleNotifier {
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  notify({ severity, code, text, at }: Message): Promise<void> {
    return new Promise((resolve) => {
      this.#write(`${SIGNS[severity].padEnd(2)} ${new Date(at).toISOString()} ${code}: ${text}`);
      resolve();
    });
  }
}
