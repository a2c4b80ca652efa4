import { request as requestHttp, type IncomingHttpHeaders } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BadResponse, ExchangeError, ExchangeNotAvailable, NetworkError, RateLimitExceeded } from '../exchange/ccxt-errors.js';
import { keepRetryAfter } from '../exchange/live/status-errors.js';

const BODY_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Reads a JSON document. Time-outs are the caller's (`guardedCall`).
 *
 * @throws errors of ccxt's classes by status, so that they are waited out like those of a venue.
 */
export async function getJson(source: string, url: string): Promise<unknown> {
  const { status, headers, body } = await get(source, url);
  const said = `${source} GET ${url} ${status} ${body.slice(0, 200)}`;
  if (status === 429) throw keepRetryAfter(new RateLimitExceeded(said), headers);
  if (status >= 500) throw keepRetryAfter(new ExchangeNotAvailable(said), headers);
  if (status !== 200) throw new ExchangeError(said);
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new BadResponse(`${source} GET ${url} the answer is no JSON`);
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function get(source: string, url: string): Promise<Answer> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const broken = (error: Error): void => reject(new NetworkError(`${source} GET ${url} fetch failed: ${error.message}`));
    const sent = request(url, { headers: { accept: 'application/json' } }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > BODY_BYTES_MAX) sent.destroy(new Error('the answer is too long'));
        chunks.push(chunk);
      });
      response.on('error', broken);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    sent.on('error', broken);
    sent.end();
  });
}
