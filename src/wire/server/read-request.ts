import type { IncomingMessage } from 'node:http';
import type { WireRequest } from '../http/wire-message.js';

/** Why a request is turned away before the venue sees it. */
export type Unreadable = 'body too large' | 'bad URL' | 'gone';

/**
 * Takes a request in whole.
 *
 * @param origin - of the server, for targets without one.
 * @returns `gone` when the client left before its request was complete.
 */
export async function readRequest(message: IncomingMessage, origin: string, bodyBytesMax: number): Promise<WireRequest | Unreadable> {
  const { method = 'GET', url = '/' } = message;
  const target = url.startsWith('/') ? `${origin}${url}` : url;
  if (!URL.canParse(target) || !target.startsWith('http')) return 'bad URL';
  const body = await readBody(message, bodyBytesMax);
  if (body === 'body too large' || body === 'gone') return body;
  return { method, url: target, headers: headersOf(message), body: body.length === 0 ? undefined : body.toString('utf8') };
}

/** A header that was sent twice is its first value, as proxies in front of venues take it. */
function headersOf({ rawHeaders }: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) headers[(rawHeaders[index] ?? '').toLowerCase()] ??= rawHeaders[index + 1] ?? '';
  return headers;
}

function readBody(message: IncomingMessage, bytesMax: number): Promise<Buffer | 'body too large' | 'gone'> {
  if (Number(message.headers['content-length'] ?? 0) > bytesMax) return Promise.resolve('body too large');
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    message.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes <= bytesMax) parts.push(part);
      else resolve('body too large');
    });
    message.on('end', () => resolve(Buffer.concat(parts)));
    message.on('close', () => resolve('gone'));
    message.on('error', () => resolve('gone'));
  });
}
