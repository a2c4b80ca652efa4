import { createHmac } from 'node:crypto';
import { missingParameter } from '../../sim/binance-query.js';
import { refused, type VenueReply } from '../../sim/venue-reply.js';
import { headerOf, type WireRequest } from '../http/wire-message.js';
import type { WireParams } from '../http/wire-params.js';
import type { WireKeys } from '../wire-keys.js';

const RECV_WINDOW_MAX_MS = 60_000;

/** Checks the key alone, which is all that some requests bear. @returns the refusal; undefined when the key is good. */
export function checkBinanceKey(request: WireRequest, keys: WireKeys): VenueReply | undefined {
  const apiKey = headerOf(request.headers, 'x-mbx-apikey');
  if (apiKey === undefined || apiKey === '') return refused(401, '-2014', 'API-key format invalid.');
  return apiKey === keys.apiKey ? undefined : refused(401, '-2015', 'Invalid API-key, IP, or permissions for action.');
}

/**
 * Checks key and signature of a signed request as Binance does; its timestamp is the gateway's matter.
 *
 * @returns the refusal; undefined when the request is the key holder's own.
 */
export function checkBinanceSignature(request: WireRequest, params: WireParams, keys: WireKeys): VenueReply | undefined {
  const denied = checkBinanceKey(request, keys);
  if (denied !== undefined) return denied;
  if (params.integer('timestamp') === undefined) return missingParameter('timestamp');
  const recvWindow = params.get('recvWindow');
  if (recvWindow !== undefined && params.integer('recvWindow') === undefined) return missingParameter('recvWindow');
  if (Number(recvWindow ?? 0) > RECV_WINDOW_MAX_MS) return refused(400, '-1131', `recvWindow must be less than ${RECV_WINDOW_MAX_MS}.`);
  const signature = params.get('signature');
  if (signature === undefined || signature === '') return missingParameter('signature');
  return signature === signatureOf(signedText(request), keys.secret) ? undefined : refused(400, '-1022', 'Signature for this request is not valid.');
}

export const signatureOf = (text: string, secret: string): string => createHmac('sha256', secret).update(text).digest('hex');

/** What is signed: query and form as they were sent, one after the other, without the signature. */
function signedText({ url, body }: WireRequest): string {
  return [new URL(url).search.slice(1), body ?? ''].map(withoutSignature).join('');
}

const withoutSignature = (text: string): string =>
  text
    .split('&')
    .filter((pair) => !pair.startsWith('signature='))
    .join('&');
