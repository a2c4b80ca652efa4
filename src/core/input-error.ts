/** Where in the user's input something was found; lines and columns count from 1. */
export interface InputPlace {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | string | undefined;
  readonly key?: string | undefined;
}

/**
 * A mistake in what the user gave us (file, option, key). The CLI prints it without a stack and
 * exits with 2. `expected` and `found` are short; `hint` says what to do about it.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly place: InputPlace;
  readonly hint: string | undefined;

  constructor(problem: string, place: InputPlace = {}, hint?: string) {
    super(`${formatPlace(place)}${problem}${hint === undefined ? '' : `\n  ${hint}`}`);
    this.place = place;
    this.hint = hint;
  }
}

/** `file:line:column: key: `, leaving out what is not known. */
function formatPlace(place: InputPlace): string {
  const position = [place.file, place.line, place.column].filter((part) => part !== undefined).join(':');
  const key = place.key === undefined ? '' : `${place.key}: `;
  return `${position === '' ? '' : `${position}: `}${key}`;
}
