/** Where a run tells how far it is; the command line draws it, tests ignore it. */
export interface RunObserver {
  /** `done` of `total` units of one phase; with the name of the unit its rate is shown, too. */
  progress(phase: string, done: number, total: number, unit?: string): void;
  /** One line about something the user should know and nothing depends on. */
  notice(line: string): void;
  /** Something went wrong that changes the exit code; shown even when notices are not. */
  problem(line: string): void;
  /** Text that is part of the command's result, as soon as it is ready. */
  say(text: string): void;
}

/** A run that a safety rail refused; the command line exits with 3. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** Exit codes of every command (design decision 19). */
export const EXIT = { ok: 0, promiseBroken: 1, badInput: 2, refused: 3, internal: 70, interrupted: 130, terminated: 143 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
