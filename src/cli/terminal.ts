import cliProgress from 'cli-progress';
import type { RunObserver } from '../run/run-output.js';

/** Captured before a run puts the ambient clock on virtual time: progress is about real time. */
export const realNow: () => number = performance.now.bind(performance);
const REDRAW_MS = 100;
const ERASE_LINE = '\r\x1b[K';

/** Draws progress on stderr and results on stdout, so that results can be piped. */
export class TerminalObserver implements RunObserver {
  readonly #isDrawing: boolean;
  readonly #quiet: boolean;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #isDrawn = false;
  #phase = '';
  #phaseBegan = 0;

  constructor(quiet: boolean) {
    this.#quiet = quiet;
    this.#isDrawing = !quiet && process.stderr.isTTY;
  }

  /**
   * Only the library's formatting is used: its bar redraws itself on a timer, which would be one of the run's own
   * while virtual time goes on.
   */
  progress(phase: string, done: number, total: number, unit?: string): void {
    if (!this.#isDrawing) return;
    const now = realNow();
    if (phaseName(phase) !== phaseName(this.#phase)) {
      this.#phase = phase;
      this.#phaseBegan = now;
      this.#drawnAt = Number.NEGATIVE_INFINITY;
    }
    if (done < total && now - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = now;
    const progress = total === 0 ? 1 : done / total;
    const elapsed = (now - this.#phaseBegan) / 1_000;
    const eta = progress > 0 ? elapsed / progress - elapsed : 0;
    const { barCompleteChar, barIncompleteChar } = cliProgress.Presets.shades_classic;
    const width = 30;
    const options = {
      barsize: width,
      barCompleteString: barCompleteChar.repeat(width),
      barIncompleteString: barIncompleteChar.repeat(width),
      barGlue: '',
    };
    const bar = cliProgress.Format.BarFormat(progress, options);
    const figures = `${Math.floor(progress * 100)
      .toString()
      .padStart(3)} %  ${Math.round(eta)} s left`;
    const rate = unit === undefined || elapsed === 0 ? '' : `  ${Math.round(done / elapsed)} ${unit}/s`;
    process.stderr.write(`${ERASE_LINE}${phase.padEnd(14)} ${bar} ${figures}${rate}`);
    this.#isDrawn = true;
    if (done >= total) this.clear();
  }

  notice(line: string): void {
    if (this.#quiet) return;
    this.clear();
    process.stderr.write(`${line}\n`);
  }

  problem(line: string): void {
    this.clear();
    process.stderr.write(`error: ${line}\n`);
  }

  say(text: string): void {
    this.clear();
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Takes the bar off the screen. */
  clear(): void {
    if (this.#isDrawn) process.stderr.write(ERASE_LINE);
    this.#isDrawn = false;
  }
}

/** What follows a comma is news about the phase and no new one. */
const phaseName = (phase: string): string => phase.split(',')[0] ?? phase;

const TONES = { good: 32, bad: 31, soft: 2 } as const;

/** Colours results where a person reads them; none in a pipe, in a file, or where NO_COLOR asks for none. */
export function terminalPaint(): (tone: keyof typeof TONES, text: string) => string {
  const isPlain = !process.stdout.isTTY || (process.env['NO_COLOR'] ?? '') !== '' || process.env['TERM'] === 'dumb';
  return (tone, text) => (isPlain ? text : `\x1b[${TONES[tone]}m${text}\x1b[0m`);
}
