/**
 * One entry of the specification's executor on ccxt, and the exit when asked for.
 *
 *   node enter.mjs --upbit http://127.0.0.1:8081 --binance http://127.0.0.1:8082 --amount 6500250 [--exit]
 *
 * URLs and keys may also come as UPBIT_URL, BINANCE_URL, API_KEY and API_SECRET. Exits with 0 when the executor says that all went well, with 1
 * when it says that something failed; what is true stands in the server's verdict.
 */
import { parseArgs } from 'node:util';
import ccxt from 'ccxt';
import { HedgeExecutor } from './hedge-executor.mjs';

/** ccxt keeps its own URLs and goes elsewhere below them: its table of errors is looked up by the real host. */
async function redirected(exchange, origin) {
  await exchange.loadFetchImplementation();
  const { Agent } = exchange.undiciModule;
  exchange.fetchDispatcher = new (class extends Agent {
    dispatch(options, handler) {
      return super.dispatch({ ...options, origin }, handler);
    }
  })();
  return exchange;
}

const { env } = process;
const { values } = parseArgs({
  options: {
    upbit: { type: 'string', default: env.UPBIT_URL ?? 'http://127.0.0.1:8081' },
    binance: { type: 'string', default: env.BINANCE_URL ?? 'http://127.0.0.1:8082' },
    amount: { type: 'string' },
    exit: { type: 'boolean', default: false },
  },
});
const amount = Number(values.amount);
if (!(amount > 0)) {
  console.error('--amount is needed: KRW to invest');
  process.exit(2);
}

// 2.1, without what asks for spot accounts.
const common = { apiKey: env.API_KEY ?? 'emulated-account', secret: env.API_SECRET ?? 'secret-of-an-emulated-account', enableRateLimit: true };
const options = { defaultType: 'future', fetchMarkets: { types: ['linear'] }, fetchCurrencies: false, fetchMargins: false };
const upbit = await redirected(new ccxt.upbit(common), values.upbit);
const binance = await redirected(new ccxt.binance({ ...common, options }), values.binance);

try {
  await Promise.all([upbit.loadMarkets(), binance.loadMarkets()]);
  const executor = new HedgeExecutor(upbit, binance);
  const spot = await upbit.fetchTicker('BTC/KRW');
  const perp = await binance.fetchTicker('BTC/USDT:USDT');
  await executor.enter(amount, spot.last, perp.last);
  console.log('entered');
  if (values.exit) {
    await executor.exit();
    console.log('left');
  }
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
  process.exitCode = 1;
}
