import type { VenueId } from '../core/units.js';
import type { WireKeys } from '../wire/wire-keys.js';

/** Streams come by the port of their venue. */
const streamOf = (url: string): string => url.replace(/^http/, 'ws');

export type ServedUrls = Readonly<Record<VenueId, string>>;

/**
 * What a user pastes into a bot. Both keep ccxt's own URLs and redirect below them: ccxt looks up Binance's USD-M error codes
 * by the real host name, so that a changed base URL turns "margin is insufficient" into a plain ExchangeError.
 */
export function snippets(urls: ServedUrls, keys: WireKeys): string {
  const options = `apiKey: '${keys.apiKey}', secret: '${keys.secret}'`;
  const pythonKeys = `'apiKey': '${keys.apiKey}', 'secret': '${keys.secret}'`;
  return `Keys of these accounts, which exist in this simulation only: ${keys.apiKey} / ${keys.secret}
Base URLs: Upbit ${urls.upbit}/v1   Binance USD-M ${urls.binance}/fapi
Streams:   Upbit ${streamOf(urls.upbit)}/websocket/v1   Binance USD-M ${streamOf(urls.binance)}/ws, /private/ws

ccxt in JavaScript
  import ccxt from 'ccxt';
  async function drilled(exchange, origin) {
    await exchange.loadFetchImplementation();
    const { Agent } = exchange.undiciModule;
    exchange.fetchDispatcher = new (class extends Agent {
      dispatch(options, handler) { return super.dispatch({ ...options, origin }, handler); }
    })();
    return exchange;
  }
  const upbit = await drilled(new ccxt.upbit({ ${options} }), '${urls.upbit}');
  const binance = await drilled(new ccxt.binanceusdm({ ${options}, options: { fetchCurrencies: false, fetchMargins: false } }), '${urls.binance}');
  // Streams: the same with ccxt.pro.upbit and ccxt.pro.binanceusdm, then
  upbit.urls.api.ws = '${streamOf(urls.upbit)}/websocket/v1';
  binance.urls.api.ws.future = '${streamOf(urls.binance)}/ws';

ccxt in Python
  import ccxt, requests
  class Drilled(requests.adapters.HTTPAdapter):
      def __init__(self, origin):
          super().__init__()
          self.origin = origin
      def send(self, request, **options):
          request.url = self.origin + '/' + request.url.split('/', 3)[3]
          return super().send(request, **options)
  upbit = ccxt.upbit({${pythonKeys}})
  upbit.session.mount('https://', Drilled('${urls.upbit}'))
  binance = ccxt.binanceusdm({${pythonKeys}, 'options': {'fetchCurrencies': False, 'fetchMargins': False}})
  binance.session.mount('https://', Drilled('${urls.binance}'))
`;
}
