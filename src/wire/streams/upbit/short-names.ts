/** Names of fields in the SIMPLE formats (docs.upbit.com, WebSocket reference, by type). */
const COMMON = { type: 'ty', code: 'cd', timestamp: 'tms', stream_type: 'st' };
const PRICES = { opening_price: 'op', high_price: 'hp', low_price: 'lp', trade_price: 'tp' };

const TICKER = {
  ...COMMON,
  ...PRICES,
  prev_closing_price: 'pcp',
  change: 'c',
  change_price: 'cp',
  signed_change_price: 'scp',
  change_rate: 'cr',
  signed_change_rate: 'scr',
  trade_volume: 'tv',
  acc_trade_volume: 'atv',
  acc_trade_volume_24h: 'atv24h',
  acc_trade_price: 'atp',
  acc_trade_price_24h: 'atp24h',
  trade_date: 'tdt',
  trade_time: 'ttm',
  trade_timestamp: 'ttms',
  ask_bid: 'ab',
  acc_ask_volume: 'aav',
  acc_bid_volume: 'abv',
  highest_52_week_price: 'h52wp',
  highest_52_week_date: 'h52wdt',
  lowest_52_week_price: 'l52wp',
  lowest_52_week_date: 'l52wdt',
  market_state: 'ms',
  is_trading_suspended: 'its',
  delisting_date: 'dd',
  market_warning: 'mw',
};

const TRADE = {
  ...COMMON,
  trade_price: 'tp',
  trade_volume: 'tv',
  ask_bid: 'ab',
  prev_closing_price: 'pcp',
  change: 'c',
  change_price: 'cp',
  trade_date: 'td',
  trade_time: 'ttm',
  trade_timestamp: 'ttms',
  sequential_id: 'sid',
  best_ask_price: 'bap',
  best_ask_size: 'bas',
  best_bid_price: 'bbp',
  best_bid_size: 'bbs',
};

const ORDERBOOK = {
  ...COMMON,
  total_ask_size: 'tas',
  total_bid_size: 'tbs',
  orderbook_units: 'obu',
  ask_price: 'ap',
  bid_price: 'bp',
  ask_size: 'as',
  bid_size: 'bs',
  level: 'lv',
};

const CANDLE = {
  ...COMMON,
  ...PRICES,
  candle_date_time_utc: 'cdttmu',
  candle_date_time_kst: 'cdttmk',
  candle_acc_trade_volume: 'catv',
  candle_acc_trade_price: 'catp',
};

const MY_ORDER = {
  ...COMMON,
  uuid: 'uid',
  ask_bid: 'ab',
  order_type: 'ot',
  state: 's',
  trade_uuid: 'tuid',
  price: 'p',
  avg_price: 'ap',
  volume: 'v',
  remaining_volume: 'rv',
  executed_volume: 'ev',
  trades_count: 'tc',
  reserved_fee: 'rsf',
  remaining_fee: 'rmf',
  paid_fee: 'pf',
  locked: 'l',
  executed_funds: 'ef',
  time_in_force: 'tif',
  trade_fee: 'tf',
  is_maker: 'im',
  identifier: 'id',
  smp_type: 'smpt',
  prevented_volume: 'pv',
  prevented_locked: 'pl',
  trade_timestamp: 'ttms',
  order_timestamp: 'otms',
};

const MY_ASSET = { ...COMMON, asset_uuid: 'astuid', assets: 'ast', currency: 'cu', balance: 'b', locked: 'l', asset_timestamp: 'asttms' };
const LIST = { method: 'mthd', result: 'rslt', type: 'ty', codes: 'cds', level: 'lv', ticket: 'tckt' };

const TABLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ticker: TICKER,
  trade: TRADE,
  orderbook: ORDERBOOK,
  candle: CANDLE,
  myOrder: MY_ORDER,
  myAsset: MY_ASSET,
  list: LIST,
};

type Body = Readonly<Record<string, unknown>>;

/** The same message with short names. @param table - the type of the message; of candles `candle`. */
export function shortened(body: Body, table: string): Body {
  const names = TABLES[table] ?? {};
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [names[name] ?? name, shortValue(value, table)]));
}

function shortValue(value: unknown, table: string): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((each: unknown) => (typeof each === 'object' && each !== null ? shortened(each as Body, table) : each));
}
