import type { CertaintyRow, CertaintySource, Gives, Verdicts } from './certainty-row.js';
import { business, doubt, gateway, row } from './certainty-row.js';

const UNKNOWN_503 = 'Unknown error, please check your request or try again later.';
const OVERLOAD = 'Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again.';
const BUSY = 'Server is currently overloaded with other requests. Please try again in a few minutes.';

type Entry = readonly [code: number, http: number, message: string, gives: Gives, verdicts: Verdicts, source?: CertaintySource, variant?: string];

/** Answers of Binance USD-M with a JSON body `{"code":...,"msg":...}`; codes of one line are documented together. */
const ENTRIES: readonly Entry[] = [
  [-1000, 500, 'An unknown error occured while processing the request.', 'OperationFailed', doubt()],
  [-1000, 503, UNKNOWN_503, 'OperationFailed', doubt(), 'binance-general', 'HTTP 503'],
  // The 503 text says failure, but the error carries no status to tell it from another -1001.
  [-1001, 503, 'Internal error; unable to process your request. Please try again.', 'OperationFailed', doubt(), 'caution'],
  [-1001, 500, 'Internal error; unable to process your request. Please try again.', 'OperationFailed', doubt(), 'caution', 'HTTP 500'],
  [-1002, 401, 'Unauthorized.', 'AuthenticationError', gateway('halt')],
  [-1003, 400, 'Too many requests queued.', 'RateLimitExceeded', gateway('back-off')],
  [-1006, 400, 'An unexpected response was received from the message bus. Execution status unknown.', 'OperationFailed', doubt()],
  [
    -1006,
    503,
    'An unexpected response was received from the message bus. Execution status unknown.',
    'OperationFailed',
    doubt(),
    'binance-errors',
    'HTTP 503',
  ],
  [-1007, 408, 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.', 'RequestTimeout', doubt()],
  [
    -1007,
    503,
    'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
    'RequestTimeout',
    doubt(),
    'binance-errors',
    'HTTP 503',
  ],
  [-1008, 503, OVERLOAD, 'OperationFailed', gateway('back-off'), 'binance-general'],
  [-1008, 503, BUSY, 'OperationFailed', gateway('back-off'), 'binance-errors', 'older text'],
  [-1013, 400, 'Filter failure: LOT_SIZE', 'InvalidOrder', business('invalid-order')],
  [-1013, 400, 'Filter failure: PRICE_FILTER', 'InvalidOrder', business('invalid-order'), 'binance-errors', 'PRICE_FILTER'],
  [-1015, 400, 'Too many new orders; current limit is 300 orders per TEN_SECONDS.', 'RateLimitExceeded', gateway('back-off')],
  [-1021, 400, 'Timestamp for this request is outside of the recvWindow.', 'InvalidNonce', gateway('resync-clock')],
  [
    -1021,
    400,
    "Timestamp for this request was 1000ms ahead of the server's time.",
    'InvalidNonce',
    gateway('resync-clock'),
    'binance-errors',
    'ahead',
  ],
  [-1022, 400, 'Signature for this request is not valid.', 'AuthenticationError', gateway('halt')],
  [-1100, 400, "Illegal characters found in parameter 'newClientOrderId'.", 'BadRequest', gateway('invalid-order')],
  [-1102, 400, "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.", 'BadRequest', gateway('invalid-order')],
  [-1106, 400, "Parameter 'reduceOnly' sent when not required.", 'BadRequest', gateway('invalid-order')],
  [-1111, 400, 'Precision is over the maximum defined for this asset.', 'BadRequest', business('invalid-order')],
  [-1115, 400, 'Invalid timeInForce.', 'BadRequest', business('invalid-order')],
  [-1116, 400, 'Invalid orderType.', 'BadRequest', business('invalid-order')],
  [-1117, 400, 'Invalid side.', 'BadRequest', business('invalid-order')],
  [-1121, 400, 'Invalid symbol.', 'BadSymbol', gateway('invalid-order')],
  [-2010, 400, 'NEW_ORDER_REJECTED', 'InvalidOrder', business('invalid-order')],
  [-2011, 400, 'Unknown order sent.', 'OrderNotFound', doubt()],
  [-2013, 400, 'Order does not exist.', 'OrderNotFound', doubt()],
  [-2014, 401, 'API-key format invalid.', 'AuthenticationError', gateway('halt')],
  [-2015, 401, 'Invalid API-key, IP, or permissions for action.', 'AuthenticationError', gateway('halt')],
  [-2018, 400, 'Balance is insufficient.', 'InsufficientFunds', business('insufficient-funds')],
  [-2019, 400, 'Margin is insufficient.', 'InsufficientFunds', business('insufficient-funds')],
  // The venue's words for these two are a refusal, ccxt's class is that of a doubtful failure: the safer reading wins.
  [-2020, 400, 'Unable to fill.', 'OperationFailed', doubt(), 'caution'],
  [-2021, 400, 'Order would immediately trigger.', 'OrderImmediatelyFillable', business('invalid-order')],
  [-2022, 400, 'ReduceOnly Order is rejected.', 'InvalidOrder', business('already-flat')],
  [-2023, 400, 'User in liquidation mode now.', 'OperationFailed', doubt(), 'caution'],
  [-2025, 400, 'Reach max open order limit.', 'OperationRejected', business('halt')],
  [-2027, 400, 'Exceeded the maximum allowable position at current leverage.', 'OperationRejected', business('invalid-order')],
  [-2028, 400, 'Leverage is smaller than permitted: insufficient margin balance.', 'OperationRejected', business('insufficient-funds')],
  [-4001, 400, 'Price less than 0.', 'BadRequest', business('invalid-order')],
  [-4002, 400, 'Price greater than max price.', 'BadRequest', business('invalid-order')],
  [-4003, 400, 'Quantity less than zero.', 'BadRequest', business('invalid-order')],
  [-4004, 400, 'Quantity less than min quantity.', 'BadRequest', business('invalid-order')],
  [-4005, 400, 'Quantity greater than max quantity.', 'BadRequest', business('invalid-order')],
  [-4013, 400, 'Price less than min price.', 'BadRequest', business('invalid-order')],
  [-4014, 400, 'Price not increased by tick size.', 'BadRequest', business('invalid-order')],
  [-4015, 400, 'Client order id length should not be more than 36 chars', 'BadRequest', business('invalid-order')],
  [-4016, 400, "Limit price can't be higher than 105000.", 'BadRequest', business('invalid-order')],
  [-4023, 400, 'Qty not increased by step size.', 'BadRequest', business('invalid-order')],
  [-4024, 400, "Limit price can't be lower than 95000.", 'BadRequest', business('invalid-order')],
  [-4046, 400, 'No need to change margin type.', 'MarginModeAlreadySet', doubt()],
  [-4050, 400, 'Cross balance insufficient.', 'InsufficientFunds', business('insufficient-funds')],
  [-4051, 400, 'Isolated balance insufficient.', 'InsufficientFunds', business('insufficient-funds')],
  [-4061, 400, "Order's position side does not match user's setting.", 'OperationRejected', business('halt')],
  [-4062, 400, 'Invalid or improper reduceOnly value.', 'BadRequest', business('invalid-order')],
  [-4109, 400, 'This account is inactive.', 'ExchangeError', gateway('halt')],
  // The id is in use: by an order that may be the lost one.
  [-4116, 400, 'ClientOrderId is duplicated.', 'InvalidOrder', doubt(), 'binance-changelog'],
  [-4131, 400, "The counterparty's best price does not meet the PERCENT_PRICE filter limit.", 'OperationRejected', business('back-off')],
  [-4140, 400, 'Invalid symbol status for opening position.', 'BadRequest', business('reduce-only-regime')],
  [-4141, 400, 'Symbol is closed.', 'OperationRejected', business('halt')],
  [-4164, 400, "Order's notional must be no smaller than 100 (unless you choose reduce only).", 'InvalidOrder', business('invalid-order')],
  [-4192, 400, 'Trade forbidden due to Cooling-off Period.', 'PermissionDenied', business('halt')],
  [
    -4400,
    400,
    'Futures Trading Quantitative Rules violated, only reduceOnly order is allowed, please try again later.',
    'PermissionDenied',
    business('reduce-only-regime'),
  ],
  [-4401, 400, 'Compliance restricted account permission: can only place reduceOnly order.', 'PermissionDenied', business('reduce-only-regime')],
  [
    -5021,
    400,
    'Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history.',
    'OrderNotFillable',
    business('none'),
  ],
  [
    -5022,
    400,
    'Due to the order could not be executed as maker, the Post Only order will be rejected. The order will not be recorded in the order history.',
    'OrderNotFillable',
    business('none'),
  ],
  [-5028, 400, 'Timestamp for this request is outside of the ME recvWindow.', 'BadRequest', gateway('resync-clock')],
  // A code that nobody has listed: ccxt calls it a refusal, which it need not be.
  [-9999, 400, 'A code of tomorrow.', 'ExchangeError', doubt(), 'caution'],
];

const coded: readonly CertaintyRow[] = ENTRIES.map(([code, status, msg, gives, verdicts, source = 'binance-errors', variant]) =>
  row('binance', String(code), { kind: 'http', status, body: JSON.stringify({ code, msg }) }, gives, verdicts, source, variant),
);

/** Texts that ccxt matches before the code; the error then holds the text alone. */
const TEXTS: readonly (readonly [code: number, http: number, message: string, gives: Gives, verdicts: Verdicts])[] = [
  [-1002, 401, 'You are not authorized to execute this request.', 'PermissionDenied', gateway('halt')],
  [-1003, 400, 'Too many requests. Please try again later.', 'RateLimitExceeded', gateway('back-off')],
  [-1013, 400, 'Market is closed.', 'MarketClosed', business('halt')],
  [-2010, 400, 'Account has insufficient balance for requested action.', 'InsufficientFunds', business('insufficient-funds')],
  [-2010, 400, 'This account may not place or cancel orders.', 'PermissionDenied', gateway('halt')],
  [-2010, 400, 'Order would immediately match and take.', 'OrderImmediatelyFillable', business('none')],
  [-1000, 503, 'System is under maintenance.', 'OnMaintenance', doubt()],
  [-1000, 500, 'System abnormality', 'OperationFailed', doubt()],
];

const worded: readonly CertaintyRow[] = TEXTS.map(([code, status, msg, gives, verdicts]) =>
  row('binance', `"${msg}"`, { kind: 'http', status, body: JSON.stringify({ code, msg }) }, gives, verdicts, 'ccxt'),
);

export const BINANCE_ROWS: readonly CertaintyRow[] = [...coded, ...worded];
