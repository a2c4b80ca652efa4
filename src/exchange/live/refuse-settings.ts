import { InputError } from '../../core/input-error.js';
import type { VenueId } from '../../core/units.js';
import { resendProblem } from '../capabilities.js';
import type { ExchangeClient } from '../exchange-client.js';
import { instanceOf, type CcxtInstance } from './ccxt-instance.js';
import { credentialsOf } from './secrets.js';

type Check = (client: CcxtInstance, venue: VenueId) => string | undefined;
const option = (client: CcxtInstance, name: string): unknown => client.options?.[name];
const isSet = (value: unknown): boolean => value !== undefined && value !== null && value !== '' && value !== false;

/** Settings of a ccxt instance that cost money or keys behind an executor's back, each with what to do instead. */
const CHECKS: readonly Check[] = [
  (client) => {
    const problem = resendProblem(client);
    return problem === undefined ? undefined : `it ${problem}: an order would be sent several times; set it to 0`;
  },
  ({ enableRateLimit }) =>
    enableRateLimit === true
      ? "enableRateLimit is true: ccxt's limiter holds orders back behind reads, after they were signed; set it to false, the executor keeps to the limits itself"
      : undefined,
  ({ verbose }) => (verbose === true ? 'verbose is true: ccxt prints the key and the signature of every request; set it to false' : undefined),
  (client) =>
    client.isSandboxModeEnabled === true || option(client, 'sandboxMode') === true || option(client, 'enableDemoTrading') === true
      ? 'it is in sandbox or demo mode: its orders are not those of the account (and ccxt.upbit has no sandbox: its URLs are then empty); make it without'
      : undefined,
  ({ validateServerSsl }) =>
    validateServerSsl === false ? 'validateServerSsl is false: whoever is on the line could read the keys; leave it true' : undefined,
  ({ proxyUrl, proxy_url, proxyUrlCallback, proxy_url_callback }) =>
    [proxyUrl, proxy_url, proxyUrlCallback, proxy_url_callback].some(isSet)
      ? 'proxyUrl is set: it sees signed requests, adds an Origin header (which Upbit answers once in 10 s), and ccxt no longer knows the errors of Binance; use httpsProxy'
      : undefined,
  (client) =>
    client.number !== undefined && client.number !== Number
      ? 'number is not Number: amounts and prices would come as texts, which are not compared as numbers; leave it as it is'
      : undefined,
  (client, venue) =>
    venue === 'upbit' && option(client, 'createMarketBuyOrderRequiresPrice') === false
      ? 'options.createMarketBuyOrderRequiresPrice is false: the amount of a market buy would be taken as KRW; leave it true, createMarketBuyOrderWithCost buys for KRW'
      : undefined,
  (client, venue) =>
    venue === 'binance' && option(client, 'portfolioMargin') === true
      ? 'options.portfolioMargin is true: orders and balances would be those of another account; leave it out'
      : undefined,
  (client, venue) => {
    const type = option(client, 'defaultType');
    if (venue !== 'binance' || type === 'future' || type === 'swap' || type === undefined) return undefined;
    return `options.defaultType is ${JSON.stringify(type)}: balances would be those of that account; use ccxt.binanceusdm, or defaultType 'future'`;
  },
  (client) => {
    const padded = Object.entries(credentialsOf(client)).find(([, value]) => /^\s|\s$/.test(value));
    return padded === undefined
      ? undefined
      : `${padded[0]} begins or ends with white space (a line end of the file it came from?): every request would fail; trim it`;
  },
];

/**
 * Refuses an instance before anything is sent.
 *
 * @param role - `orders` or `market data`, for the message.
 * @throws InputError that names every setting, and no secret.
 */
export function refuseSettings(venue: VenueId, role: string, client: ExchangeClient): void {
  const instance = instanceOf(client);
  const problems = CHECKS.flatMap((check) => check(instance, venue) ?? []);
  if (problems.length === 0) return;
  throw new InputError(`the client "${client.id}" for ${role} must not be used as it is:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
}
