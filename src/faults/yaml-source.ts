import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Node, Pair } from 'yaml';

import { InputError } from '../core/input-error.js';
import type { InputPlace } from '../core/input-error.js';

export type Path = readonly PropertyKey[];

/** One YAML (or JSON) file that knows where each of its values was written. */
export class YamlSource {
  readonly file: string;
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  /** The file as plain data. */
  readonly data: unknown;
  /** What made the text unreadable; `data` is then undefined. */
  readonly problems: readonly InputError[];

  constructor(text: string, file: string) {
    this.file = file;
    this.#lines = new LineCounter();
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: true });
    // A warning is an unknown tag or directive: the value would silently be something else than written.
    const faults = [...this.#document.errors, ...this.#document.warnings];
    const problems = faults.map(
      ({ message, pos }) =>
        new InputError(
          `not valid YAML: ${yamlProblem(message)}`,
          this.#placeAt(message.startsWith('Missing closing') ? this.#opening(pos[0]) : pos[0]),
        ),
    );
    let data: unknown;
    if (problems.length === 0) {
      try {
        data = (this.#document.toJS() as unknown) ?? {};
      } catch (error) {
        problems.push(new InputError(`not usable YAML: ${error instanceof Error ? error.message : String(error)}`, this.#deadAlias() ?? { file }));
      }
    }
    this.data = data;
    this.problems = problems;
  }

  /** Whether the file itself writes something at `path`. */
  has(path: Path): boolean {
    return this.#walk(path).depth === path.length;
  }

  /** Where the value at `path` begins, or its nearest parent that is written; with `key`, where that key itself is. */
  place(path: Path, key?: string): InputPlace {
    const whole = key === undefined ? path : [...path, key];
    const offset = this.#walk(whole, key !== undefined).offset;
    return { ...this.#placeAt(offset), ...(whole.length === 0 ? {} : { key: pathText(whole) }) };
  }

  /** A quote that is never closed runs to the end of the file; where it was opened is where to look. */
  #opening(end: number): number {
    let opened = end;
    visit(this.#document, {
      Scalar: (_key, node) => {
        const [from, to] = node.range ?? [0, 0];
        if (from <= end && to >= end) opened = from;
      },
    });
    return opened;
  }

  /** Where the first alias stands that names no anchor before it. */
  #deadAlias(): InputPlace | undefined {
    let place: InputPlace | undefined;
    visit(this.#document, {
      Alias: (_key, node) => {
        if (node.resolve(this.#document) !== undefined) return undefined;
        place = this.#placeAt(node.range?.[0] ?? 0);
        return visit.BREAK;
      },
    });
    return place;
  }

  #placeAt(offset: number): InputPlace {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.file, line, column: col };
  }

  #walk(path: Path, atKey = false): { readonly offset: number; readonly depth: number } {
    let node: unknown = this.#document.contents;
    let offset = startOf(node) ?? 0;
    let depth = 0;
    for (const part of path) {
      if (isAlias(node)) node = node.resolve(this.#document);
      const child = childOf(node, part);
      if (child === undefined) break;
      depth += 1;
      node = isPair(child) ? child.value : child;
      const key = isPair(child) ? startOf(child.key) : undefined;
      offset = (atKey && depth === path.length ? key : startOf(node)) ?? key ?? offset;
    }
    return { offset, depth };
  }
}

/** `faults[2].when.method`. */
function pathText(path: Path): string {
  return path.reduce<string>((text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${String(part)}`), '');
}

function yamlProblem(message: string): string {
  return message.includes('multiple documents') ? 'a file holds one document; give each scenario a file of its own' : message;
}

function childOf(node: unknown, part: PropertyKey): Node | Pair | undefined {
  if (isSeq(node)) return node.items[Number(part)] as Node | undefined;
  if (!isMap(node)) return undefined;
  return node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(part));
}

const startOf = (node: unknown): number | undefined => (node as Partial<Node> | null | undefined)?.range?.[0];
