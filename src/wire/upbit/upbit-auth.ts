import { createHash, createHmac } from 'node:crypto';
import { refused, type VenueReply } from '../../sim/venue-reply.js';
import type { WireParams } from '../http/wire-params.js';
import type { WireKeys } from '../wire-keys.js';

const ALGORITHMS: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

/** A server that runs for days must not remember every request: at Upbit's 30 a second these are those of an hour. */
const NONCES_KEPT = 200_000;

interface Claims {
  readonly access_key?: unknown;
  readonly nonce?: unknown;
  readonly query_hash?: unknown;
  readonly query_hash_alg?: unknown;
}

/** Checks the token of a private request as Upbit does; a nonce is good once, whatever became of its request. */
export class UpbitAuth {
  readonly #keys: WireKeys;
  /** Oldest first. */
  readonly #nonces = new Set<string>();

  constructor(keys: WireKeys) {
    this.#keys = keys;
  }

  /** @returns the refusal; undefined when the request is the key holder's own. */
  check(authorization: string | undefined, params: WireParams): VenueReply | undefined {
    if (authorization === undefined) return refused(401, 'no_authorization_token', '인증 토큰이 없습니다.');
    const claims = claimsOf(authorization, this.#keys);
    if (claims === undefined) return refused(401, 'jwt_verification', 'Jwt 토큰 검증에 실패했습니다.');
    if (claims.access_key !== this.#keys.apiKey) return refused(401, 'invalid_access_key', '잘못된 엑세스 키입니다.');
    if (typeof claims.nonce !== 'string' || claims.nonce === '') return refused(401, 'jwt_verification', 'Jwt 토큰 검증에 실패했습니다.');
    if (this.#nonces.has(claims.nonce)) return refused(401, 'nonce_used', '이미 요청한 nonce값이 다시 사용되었습니다.');
    this.#nonces.add(claims.nonce);
    if (this.#nonces.size > NONCES_KEPT) for (const oldest of [...this.#nonces].slice(0, NONCES_KEPT / 2)) this.#nonces.delete(oldest);
    return params.isEmpty || claims.query_hash === hashOf(params, claims.query_hash_alg)
      ? undefined
      : refused(401, 'invalid_query_payload', 'Jwt의 query를 검증하는데 실패하였습니다.');
  }
}

/** Whether it is a token of the key holder's, whatever was done with it before. */
export function isUpbitToken(authorization: string | undefined, keys: WireKeys): boolean {
  const claims = authorization === undefined ? undefined : claimsOf(authorization, keys);
  return claims !== undefined && claims.access_key === keys.apiKey && typeof claims.nonce === 'string' && claims.nonce !== '';
}

/** What the token says; undefined when it is none or signed by someone else. */
function claimsOf(authorization: string, { secret }: WireKeys): Claims | undefined {
  const [head, payload, signature, ...rest] = authorization.replace(/^Bearer /, '').split('.');
  if (head === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined;
  const algorithm = ALGORITHMS[String((decoded(head) as { alg?: unknown } | undefined)?.alg)];
  if (algorithm === undefined) return undefined;
  const expected = createHmac(algorithm, secret).update(`${head}.${payload}`).digest('base64url');
  return expected === signature ? (decoded(payload) as Claims | undefined) : undefined;
}

/** Of the parameters as they are meant, nothing escaped. */
function hashOf(params: WireParams, algorithm: unknown): string | undefined {
  if (algorithm !== undefined && algorithm !== 'SHA512') return undefined;
  return createHash('sha512').update(params.plain).digest('hex');
}

function decoded(part: string): unknown {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
