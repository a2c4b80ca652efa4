/** Parameters of a request, in the order in which they were sent. */
export class WireParams {
  readonly pairs: readonly (readonly [name: string, value: string])[];

  constructor(pairs: readonly (readonly [name: string, value: string])[]) {
    this.pairs = pairs;
  }

  /** Of a query or of a form, without the question mark. */
  static ofQuery(text: string): WireParams {
    return new WireParams([...new URLSearchParams(text)]);
  }

  /** @returns undefined when the text is no JSON object of texts and numbers. */
  static ofJson(text: string): WireParams | undefined {
    try {
      const parsed = JSON.parse(text) as unknown;
      if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
      return new WireParams(Object.entries(parsed).map(([name, value]) => [name, String(value)]));
    } catch {
      return undefined;
    }
  }

  get isEmpty(): boolean {
    return this.pairs.length === 0;
  }

  get(name: string): string | undefined {
    return this.pairs.find(([key]) => key === name)?.[1];
  }

  /** Every value of a list, which bears its name with or without `[]`. */
  all(name: string): readonly string[] {
    return this.pairs.filter(([key]) => key === name || key === `${name}[]`).map(([, value]) => value);
  }

  /** A whole number; undefined when it is absent or none. */
  integer(name: string): number | undefined {
    const text = this.get(name);
    return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
  }

  with(more: WireParams): WireParams {
    return new WireParams([...this.pairs, ...more.pairs]);
  }

  without(names: ReadonlySet<string>): WireParams {
    return new WireParams(this.pairs.filter(([name]) => !names.has(name)));
  }

  /** `name=value&...`, nothing escaped. */
  get plain(): string {
    return this.pairs.map(([name, value]) => `${name}=${value}`).join('&');
  }

  get record(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.pairs);
  }
}
