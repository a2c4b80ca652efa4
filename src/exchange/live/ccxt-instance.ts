import type { ExchangeClient } from '../exchange-client.js';

/** ccxt's hook that makes an error of an answer; returns undefined to leave it to the HTTP status. */
export type HandleErrors = (
  status: number,
  reason: string,
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  ...rest: unknown[]
) => unknown;

/** What of a ccxt instance (4.5.84) the guards read, and the one hook that they set; other clients have none of it. */
export interface CcxtInstance {
  readonly id: string;
  readonly timeout?: number | undefined;
  readonly has?: Readonly<Record<string, unknown>> | undefined;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  readonly enableRateLimit?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly isSandboxModeEnabled?: boolean | undefined;
  readonly validateServerSsl?: boolean | undefined;
  readonly number?: unknown;
  readonly proxyUrl?: unknown;
  readonly proxy_url?: unknown;
  readonly proxyUrlCallback?: unknown;
  readonly proxy_url_callback?: unknown;
  handleErrors?: HandleErrors | undefined;
  handleHttpStatusCode?(status: number, reason: string, url: string, method: string, body: string): void;
  setMarketsFromExchange?(other: unknown): unknown;
}

export const instanceOf = (client: Pick<ExchangeClient, 'id'>): CcxtInstance => client;
