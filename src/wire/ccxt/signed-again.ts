import { signatureOf } from '../binance/binance-auth.js';
import type { WireRequest } from '../http/wire-message.js';
import type { WireKeys } from '../wire-keys.js';

/**
 * A request that its own limiter held back signs when it leaves. Binance's bear their time; a token of Upbit has none.
 */
export function signedAgain(request: WireRequest, timestamp: number, { secret }: WireKeys): WireRequest {
  const at = request.url.indexOf('?');
  const query = at < 0 ? '' : request.url.slice(at + 1);
  if (query.includes('signature=')) return { ...request, url: `${request.url.slice(0, at)}?${renewed(query, timestamp, secret)}` };
  return request.body?.includes('&signature=') === true ? { ...request, body: renewed(request.body, timestamp, secret) } : request;
}

function renewed(text: string, timestamp: number, secret: string): string {
  const signed = text
    .split('&')
    .filter((pair) => !pair.startsWith('signature='))
    .map((pair) => (pair.startsWith('timestamp=') ? `timestamp=${timestamp}` : pair))
    .join('&');
  return `${signed}&signature=${signatureOf(signed, secret)}`;
}
