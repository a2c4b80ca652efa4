/** An element of an XML document. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  if (/&(?!(?:amp|lt|gt|quot|apos|#\d+);)/.test(text)) throw new Error(`a bare & in ${text.slice(0, 60)}`);
  return text.replace(/&(?:#(\d+)|(\w+));/g, (_whole, code: string | undefined, name = '') =>
    code === undefined ? (NAMED[String(name)] ?? '') : String.fromCodePoint(Number(code)),
  );
}

/**
 * Reads XML as strictly as the parsers of CI do: one root, elements that close, no character and no bare mark that XML
 * does not know, no attribute twice.
 *
 * @throws Error with what is not well-formed.
 */
export function readXml(document: string): XmlElement {
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/u.test(document)) throw new Error('a character that XML does not know');
  const body = document.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  if (body === document) throw new Error('no XML declaration');
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open: XmlElement[] = [root];
  let end = 0;
  for (const match of body.matchAll(/<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>/g)) {
    const [whole, slash, name = '', attributes = '', closed] = match;
    const current = open.at(-1) ?? root;
    current.text += textBetween(body.slice(end, match.index));
    end = match.index + whole.length;
    if (slash === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
      continue;
    }
    const element: XmlElement = { name, attributes: attributesOf(attributes), children: [], text: '' };
    current.children.push(element);
    if (closed !== '/') open.push(element);
  }
  const [only] = root.children;
  if (open.length !== 1 || root.children.length !== 1 || only === undefined) throw new Error('not one whole element');
  return only;
}

function textBetween(text: string): string {
  if (text.includes('<') || text.includes(']]>')) throw new Error(`a bare mark in ${text.slice(0, 60)}`);
  return unescaped(text);
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, unescaped(value)] as const);
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length) throw new Error(`an attribute twice in ${text}`);
  return Object.fromEntries(pairs);
}
