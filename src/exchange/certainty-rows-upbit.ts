import type { CertaintyRow, CertaintySource, Gives, Verdicts } from './certainty-row.js';
import { business, doubt, gateway, row } from './certainty-row.js';

type Entry = readonly [name: string, http: number, message: string, gives: Gives, verdicts: Verdicts, source?: CertaintySource, variant?: string];

/**
 * Answers of Upbit with a JSON body `{"error":{"name":...,"message":...}}`. The error of ccxt keeps the
 * body but not the status, so the name alone decides; a name that is not here proves nothing, whatever
 * its status was. Messages are ours where Upbit does not document them.
 */
const ENTRIES: readonly Entry[] = [
  ['create_bid_error', 400, '매수 주문 요청 정보가 올바르지 않습니다.', 'ExchangeError', business('invalid-order')],
  ['create_ask_error', 400, '매도 주문 요청 정보가 올바르지 않습니다.', 'ExchangeError', business('invalid-order')],
  ['insufficient_funds_bid', 400, '주문가능한 금액(KRW)이 부족합니다.', 'InsufficientFunds', business('insufficient-funds')],
  ['insufficient_funds_ask', 400, '주문가능한 금액(BTC)이 부족합니다.', 'InsufficientFunds', business('insufficient-funds')],
  ['under_min_total_bid', 400, '최소주문금액 이상으로 주문해주세요', 'ExchangeError', business('invalid-order')],
  ['under_min_total_ask', 400, '최소주문금액 이상으로 주문해주세요', 'ExchangeError', business('invalid-order')],
  ['under_min_total_market_bid', 400, '최소주문금액 이상으로 주문해주세요', 'ExchangeError', business('invalid-order')],
  ['under_min_total_market_ask', 400, '최소주문금액 이상으로 주문해주세요', 'ExchangeError', business('invalid-order')],
  ['over_max_total_market_ask', 400, '최대주문금액을 초과했습니다.', 'ExchangeError', business('invalid-order')],
  // No source has these three; the simulated venue builds them after the one above.
  ['over_max_total_market_bid', 400, '최대주문금액을 초과했습니다.', 'ExchangeError', doubt(), 'caution'],
  ['over_max_total_bid', 400, '최대주문금액을 초과했습니다.', 'ExchangeError', doubt(), 'caution'],
  ['over_max_total_ask', 400, '최대주문금액을 초과했습니다.', 'ExchangeError', doubt(), 'caution'],
  ['invalid_price_bid', 400, '주문가격 단위를 잘못 입력하셨습니다.', 'ExchangeError', business('invalid-order')],
  ['invalid_price_ask', 400, '주문가격 단위를 잘못 입력하셨습니다.', 'ExchangeError', business('invalid-order')],
  ['validation_error', 400, '잘못된 API 요청입니다.', 'ExchangeError', gateway('invalid-order')],
  ['validation_error', 400, 'side is missing, side does not have a valid value', 'InvalidOrder', gateway('invalid-order'), 'ccxt', 'side is missing'],
  ['withdraw_address_not_registered', 400, '허용되지 않은 출금 주소입니다.', 'ExchangeError', doubt()],
  ['invalid_query_payload', 401, 'Jwt의 query를 검증하는데 실패하였습니다.', 'ExchangeError', gateway('halt')],
  ['jwt_verification', 401, 'Jwt 토큰 검증에 실패했습니다.', 'AuthenticationError', gateway('halt')],
  ['invalid_access_key', 401, '잘못된 엑세스 키입니다.', 'AuthenticationError', gateway('halt')],
  ['expired_access_key', 401, 'API 키가 만료되었습니다.', 'ExchangeError', gateway('halt')],
  ['expired_access_key', 401, 'This key has expired.', 'AuthenticationError', gateway('halt'), 'ccxt', 'English'],
  // A token is new for every attempt, so a used one means that the same request came twice: the first copy may be an order.
  ['nonce_used', 401, '이미 요청한 nonce값이 다시 사용되었습니다.', 'ExchangeError', doubt(), 'caution'],
  ['no_authorization_i_p', 401, '허용되지 않은 IP 주소입니다.', 'ExchangeError', gateway('halt')],
  ['no_authorization_ip', 401, '허용되지 않은 IP 주소입니다.', 'ExchangeError', gateway('halt')],
  ['no_authorization_token', 401, '인증 토큰이 없습니다.', 'ExchangeError', gateway('halt')],
  ['out_of_scope', 403, '권한이 부족합니다.', 'PermissionDenied', gateway('halt')],
  ['thirdparty_agreement_required', 403, '개인정보 제 3자 제공 동의가 필요합니다.', 'PermissionDenied', gateway('halt'), 'ccxt'],
  ['order_not_found', 404, '주문을 찾지 못했습니다.', 'OrderNotFound', doubt()],
  ['too_many_requests', 429, 'Too many API requests.', 'ExchangeError', gateway('back-off'), 'upbit-limits'],
  ['blocked', 418, 'blocked', 'ExchangeError', gateway('back-off'), 'upbit-limits'],
  ['server_error', 500, '서버 오류', 'ExchangeError', doubt(), 'caution'],
  ['server_error', 503, '서버 점검 중입니다.', 'ExchangeError', doubt(), 'caution', 'HTTP 503'],
  // An identifier is burnt even by a refused request, so a repeat proves neither that an order lives nor that none does.
  ['duplicated_identifier', 400, '이미 사용된 identifier입니다.', 'ExchangeError', doubt(), 'upbit-orders'],
  ['volume_too_large', 400, '주문수량이 너무 큽니다.', 'InvalidOrder', doubt(), 'caution'],
  ['invalid_funds', 400, '잘못된 금액입니다.', 'InvalidOrder', doubt(), 'caution'],
  ['market_offline', 400, '거래가 중지된 마켓입니다.', 'ExchangeError', doubt(), 'caution'],
  ['a_name_of_tomorrow', 400, '새 오류', 'ExchangeError', doubt(), 'caution'],
];

const named: readonly CertaintyRow[] = ENTRIES.map(([name, status, message, gives, verdicts, source = 'upbit-errors', variant]) =>
  row('upbit', name, { kind: 'http', status, body: JSON.stringify({ error: { name, message } }) }, gives, verdicts, source, variant),
);

/** The name may be the status as a number; it then says as much as the status. */
const numbered = (status: number, message: string, gives: Gives, verdicts: Verdicts): CertaintyRow =>
  row(
    'upbit',
    `http ${status}`,
    { kind: 'http', status, body: JSON.stringify({ error: { name: status, message } }) },
    gives,
    verdicts,
    'upbit-errors',
    'JSON, numeric name',
  );

export const UPBIT_ROWS: readonly CertaintyRow[] = [
  ...named,
  numbered(400, 'Missing request parameter error. Check the required parameters!', 'BadRequest', doubt()),
  numbered(418, 'blocked', 'ExchangeError', gateway('back-off')),
  numbered(429, 'Too many API requests.', 'ExchangeError', gateway('back-off')),
  numbered(500, '서버 오류', 'ExchangeError', doubt()),
];
