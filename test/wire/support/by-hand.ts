import { binanceRequest, upbitRequest, wired, type WireBench } from './wire-bench.js';

export type Row = Record<string, unknown>;
export type Pairs = readonly (readonly [string, string])[];

/** A wire in one hand: numbers nonces, signs with the time, and reads JSON. */
function hand({ send, clock }: WireBench) {
  let nonces = 0;
  const read = async (sent: Promise<{ status: number; body: string }>): Promise<{ status: number; body: Row & Row[] }> => {
    const { status, body } = await sent;
    return { status, body: JSON.parse(body) as Row & Row[] };
  };
  return {
    clock,
    upbit: (method: string, path: string, params: Pairs = []) => read(send('upbit', upbitRequest(method, path, params, `n${(nonces += 1)}`))),
    /** With the key alone. */
    keyed: (method: string, path: string, key = 'K') =>
      read(send('binance', { method, url: `https://fapi.binance.com${path}`, headers: { 'X-MBX-APIKEY': key } })),
    binance: (method: string, path: string, params = '') => read(send('binance', binanceRequest(method, path, params, { timestamp: clock.now() }))),
  };
}
export type Hand = ReturnType<typeof hand>;

/** Both wires without any client, every request signed. */
export const byHand = <T>(act: (own: Hand) => Promise<T>, ...rest: RestOf<typeof wired>): Promise<T> => wired((bench) => act(hand(bench)), ...rest);
type RestOf<F> = F extends (first: never, ...rest: infer Rest) => unknown ? Rest : never;
