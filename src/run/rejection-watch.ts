/** Collects promises of the code under test that were rejected and never handled, while a run lasts. */
export class RejectionWatch {
  readonly found: string[] = [];
  readonly #listener = (reason: unknown): void => {
    this.found.push(`unhandled rejection: ${reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason)}`);
  };

  start(): this {
    process.on('unhandledRejection', this.#listener);
    return this;
  }

  stop(): void {
    process.off('unhandledRejection', this.#listener);
  }
}
