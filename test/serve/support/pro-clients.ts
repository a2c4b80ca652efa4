import ccxt from 'ccxt';
import { EMULATED_KEYS } from '../../../src/wire/wire-keys.js';
import { redirect, type Served } from './served.js';

export interface ProClients {
  readonly upbit: InstanceType<typeof ccxt.pro.upbit>;
  readonly binance: InstanceType<typeof ccxt.pro.binanceusdm>;
  readonly close: () => Promise<void>;
}

/** Unmodified ccxt.pro clients, pointed at the server as the snippet says that `serve` prints. */
export async function proClientsOf({ url }: Served, timeoutMs = 10_000): Promise<ProClients> {
  const common = { ...EMULATED_KEYS, timeout: timeoutMs };
  const upbit = new ccxt.pro.upbit(common);
  const binance = new ccxt.pro.binanceusdm({ ...common, options: { fetchCurrencies: false, fetchMargins: false } });
  await Promise.all([redirect(upbit, url('upbit')), redirect(binance, url('binance'))]);
  await Promise.all([upbit.loadHttpProxyAgent(), binance.loadHttpProxyAgent()]);
  const socket = (venue: 'upbit' | 'binance'): string => url(venue).replace('http', 'ws');
  Object.assign(upbit.urls.api as object, { ws: `${socket('upbit')}/websocket/v1` });
  Object.assign((binance.urls.api as { ws: object }).ws, { future: `${socket('binance')}/ws` });
  return { upbit, binance, close: async () => void (await Promise.all([upbit.close(), binance.close()])) };
}
