import { Presets, SingleBar } from 'cli-progress';
import type { RunObserver } from '../run/run-output.js';

/** Draws progress on stderr and results on stdout, so that results can be piped. */
export class TerminalObserver implements RunObserver {
  readonly #quiet: boolean;
  #bar: SingleBar | undefined;
  #phase = '';

  constructor(quiet: boolean) {
    this.#quiet = quiet;
  }

  progress(phase: string, done: number, total: number): void {
    if (this.#quiet || !process.stderr.isTTY) return;
    if (phase !== this.#phase || this.#bar === undefined) {
      this.clear();
      this.#phase = phase;
      // Drawn only when told to: a timer of its own would be real time under the virtual clock.
      this.#bar = new SingleBar(
        {
          format: `${phase} {bar} {percentage}% | {value}/{total}`,
          clearOnComplete: true,
          hideCursor: true,
          fps: 10,
          noTTYOutput: false,
          stream: process.stderr,
        },
        Presets.shades_classic,
      );
      this.#bar.start(total, 0);
    }
    this.#bar.update(done);
    if (done >= total) this.clear();
  }

  notice(line: string): void {
    if (this.#quiet) return;
    this.clear();
    process.stderr.write(`${line}\n`);
  }

  say(text: string): void {
    this.clear();
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Takes the bar off the screen. */
  clear(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
