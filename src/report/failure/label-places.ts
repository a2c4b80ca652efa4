/** Wide enough for most glyphs of the widest usual font at 11 px, bold; a label is never measured. */
const GLYPH_PX = 7.1;

/** Finds room for labels along a lane, on a few levels, in the order in which they are asked for. */
export class LabelPlaces {
  readonly #ends: number[];

  constructor(levels: number) {
    this.#ends = Array.from({ length: levels }, () => Number.NEGATIVE_INFINITY);
  }

  /** @returns the first free level for a label that begins at `x`; undefined when all are taken there. */
  take(x: number, text: string, padding = 6): number | undefined {
    const level = this.#ends.findIndex((end) => end <= x);
    if (level === -1) return undefined;
    this.#ends[level] = x + widthOf(text) + padding;
    return level;
  }
}

export const widthOf = (text: string): number => text.length * GLYPH_PX;
