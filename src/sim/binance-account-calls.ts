import { accountV2Body, balanceBody, commissionRateBody, configBody } from './binance-account-bodies.js';
import { rateLimitRow } from './binance-bodies.js';
import type { BinanceData, Signed } from './binance-calls.js';
import { forceOrderRow, INCOME_TYPES, incomeRow, incomeTypeOf } from './binance-income.js';
import { INVALID_SYMBOL, invalidData, isReply, listPart, missingParameter, sliced, type ListRule, type WireQuery } from './binance-query.js';
import { changeMultiAssets } from './binance-settings.js';
import { BINANCE_SYMBOL } from './binance-order.js';
import type { BinanceVenue } from './binance-venue.js';
import { queryOf } from './ccxt-local.js';
import type { ClientCall, Endpoint } from './client-call.js';
import { accepted, refused, type RequestContext, type VenueReply } from './venue-reply.js';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Three months. */
const INCOME_KEPT_MS = 92 * DAY_MS;
const INCOME: ListRule = { limitDefault: 100, limitMax: 1_000, integers: ['page'] };
const FORCED: ListRule = { limitDefault: 50, limitMax: 100 };
const NO_LISTEN_KEY = refused(400, '-1125', 'This listenKey does not exist.');
const queries = (weight: number): Endpoint => ({ cost: 1, scope: 'queries', weight });

/** Requests about the account: what is in it, what came and went, how it is set up, and the key of its stream. */
export class BinanceAccountCalls {
  readonly #venue: BinanceVenue;
  readonly #data: BinanceData;

  constructor(owner: BinanceVenue, data: BinanceData) {
    this.#venue = owner;
    this.#data = data;
  }

  /** `GET /fapi/v2/account` */
  accountV2(signed: Signed): ClientCall {
    return this.#read('fetchBalance', 'GET /fapi/v2/account', 5, {}, signed, ({ asOf }) =>
      accepted(accountV2Body(this.#venue.account.visible('balance', asOf), this.#venue.account, this.#venue.markOrZero())),
    );
  }

  /** `GET /fapi/v3/balance`, or version 2, which looks the same. */
  balance(version: 2 | 3, signed: Signed): ClientCall {
    return this.#read('fetchBalance', `GET /fapi/v${version}/balance`, 5, {}, signed, ({ asOf }) =>
      accepted(balanceBody(this.#venue.account.visible('balance', asOf), this.#venue.account, this.#venue.markOrZero())),
    );
  }

  /** `GET /fapi/v1/accountConfig` */
  config(signed: Signed): ClientCall {
    return this.#read('fetchSettings', 'GET /fapi/v1/accountConfig', 5, {}, signed, () => accepted(configBody(this.#venue.account)));
  }

  /** `GET /fapi/v1/commissionRate` */
  commissionRate(signed: Signed): ClientCall {
    const query = { symbol: BINANCE_SYMBOL };
    return this.#read('fetchTradingFee', 'GET /fapi/v1/commissionRate', 20, query, signed, () => accepted(commissionRateBody(this.#data.rules())));
  }

  /** `GET /fapi/v1/income` */
  income(query: WireQuery, signed: Signed): ClientCall {
    return this.#read('fetchLedger', 'GET /fapi/v1/income', 30, query, signed, () => {
      const part = listPart(query, INCOME);
      if (isReply(part)) return part;
      const { incomeType, symbol } = query;
      if (incomeType !== undefined && !INCOME_TYPES.has(incomeType)) return invalidData('incomeType');
      const now = this.#data.now();
      const { startTime, endTime, limit, numbers } = part;
      const from = Math.max(startTime ?? (endTime === undefined ? now - WEEK_MS : 0), now - INCOME_KEPT_MS);
      const rows = this.#venue.account.incomes
        .map((income, index) => ({ income, index }))
        .filter(({ income }) => income.at >= from && income.at <= (endTime ?? now))
        .filter(({ income }) => incomeType === undefined || incomeTypeOf(income) === incomeType)
        .map(({ income, index }) => incomeRow(income, index))
        .filter((row) => symbol === undefined || row['symbol'] === symbol);
      const page = numbers['page'] ?? 1;
      return accepted(rows.slice((page - 1) * limit, page * limit));
    });
  }

  /** `GET /fapi/v1/forceOrders` */
  forceOrders(query: WireQuery, signed: Signed): ClientCall {
    const weight = query['symbol'] === undefined ? 50 : 20;
    return this.#read('fetchOrders', 'GET /fapi/v1/forceOrders', weight, query, signed, () => {
      const part = listPart(query, FORCED);
      if (isReply(part)) return part;
      const kind = query['autoCloseType'];
      if (kind !== undefined && kind !== 'LIQUIDATION' && kind !== 'ADL') return invalidData('autoCloseType');
      const span = part.startTime === undefined && part.endTime === undefined ? { ...part, earliest: this.#data.now() - WEEK_MS } : part;
      const rows = this.#venue.account.forcedCloses
        .map((close, index) => ({ close, row: forceOrderRow(close, index) }))
        .filter(({ close }) => kind === undefined || close.kind.toUpperCase() === kind);
      return accepted(sliced(rows, ({ close }) => close.at, span).map(({ row }) => row));
    });
  }

  /** `GET /fapi/v1/rateLimit/order` */
  orderLimits(signed: Signed): ClientCall {
    const path = 'GET /fapi/v1/rateLimit/order';
    return this.#read('fetchSettings', path, 1, {}, signed, () =>
      accepted(
        this.#data
          .rules()
          .limits.filter(({ scope }) => scope === 'orders')
          .map(rateLimitRow),
      ),
    );
  }

  /** `GET /fapi/v1/multiAssetsMargin` */
  multiAssets(signed: Signed): ClientCall {
    const path = 'GET /fapi/v1/multiAssetsMargin';
    return this.#read('fetchSettings', path, 30, {}, signed, () => accepted({ multiAssetsMargin: this.#venue.account.multiAssets }));
  }

  /** `POST /fapi/v1/multiAssetsMargin` */
  setMultiAssets(query: WireQuery, signed: Signed): ClientCall {
    return {
      method: 'changeSettings',
      request: 'POST /fapi/v1/multiAssetsMargin',
      endpoint: queries(1),
      facts: {},
      ...signed,
      perform: (_context, respond) => {
        const wanted = query['multiAssetsMargin'];
        if (wanted !== 'true' && wanted !== 'false') respond(missingParameter('multiAssetsMargin'));
        else respond(changeMultiAssets(wanted === 'true', this.#venue.settings()));
      },
    };
  }

  /** `POST`, `PUT` or `DELETE /fapi/v1/listenKey`: a key, and no signature. */
  listenKey(verb: 'POST' | 'PUT' | 'DELETE'): ClientCall {
    return {
      method: 'listenKey',
      request: `${verb} /fapi/v1/listenKey`,
      endpoint: queries(1),
      facts: {},
      perform: (_context, respond) => {
        const { listenKeys } = this.#venue.account;
        if (verb === 'DELETE') respond(listenKeys.end('closed') ? accepted({}) : NO_LISTEN_KEY);
        else {
          const listenKey = verb === 'POST' ? listenKeys.open() : listenKeys.extend();
          respond(listenKey === undefined ? NO_LISTEN_KEY : accepted({ listenKey }));
        }
      },
    };
  }

  #read(
    method: ClientCall['method'],
    request: NonNullable<ClientCall['request']>,
    weight: number,
    query: WireQuery,
    signed: Signed,
    answer: (context: RequestContext) => VenueReply,
  ): ClientCall {
    const { symbol } = query;
    const known = symbol === undefined || symbol === BINANCE_SYMBOL;
    return {
      method,
      request,
      endpoint: queries(weight),
      facts: {},
      query: queryOf(query),
      ...signed,
      perform: (context, respond) => respond(known ? answer(context) : INVALID_SYMBOL),
    };
  }
}
