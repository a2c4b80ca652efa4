/** Text that is HTML already. Only `markup` and `raw` make it, so nothing from a run reaches a page unescaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Piece = Markup | string | number | undefined | false | readonly Piece[];

/** A template whose values are escaped; other markup and lists of it go in as they are. */
export function markup(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return new Markup(strings.map((string, index) => `${string}${index < pieces.length ? textOf(pieces[index]) : ''}`).join(''));
}

/** Declares trusted text (our own style sheet, an SVG of our own making) to be markup. */
export const raw = (text: string): Markup => new Markup(text);

function textOf(piece: Piece): string {
  if (piece === undefined || piece === false) return '';
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === 'object') return piece.map(textOf).join('');
  return escapeHtml(String(piece));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark);
}

/** JSON for a script element: nothing in it can end the element or open a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

/** A library's code for a script element; in JavaScript strings and patterns the added backslashes change nothing. */
export function scriptCode(code: string): string {
  return code.replace(/<\/(?=script)/gi, '<\\/').replaceAll('<!--', '<\\!--');
}
