"""Upbit and Binance USD-M over REST, on the standard library alone.

Both clients answer orders as `{"id", "status", "filled"}` with the words that ccxt has for the status: open, closed, canceled, expired.
"""

import base64
import hashlib
import hmac
import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from decimal import ROUND_DOWN, Decimal

import errors

TIMEOUT_S = 10  # ccxt's own
# Without the proxies that the environment may name: they cannot reach a server on this machine's loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _decimal(value):
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def truncated(value, step):
    """`value` as text, cut off at a multiple of `step`, as ccxt's `amountToPrecision` does it."""
    steps = (_decimal(value) / Decimal(step)).to_integral_value(ROUND_DOWN)
    return format((steps * Decimal(step)).normalize(), "f")


def _parsed(text):
    """The body; None for one that is no JSON, which an error's page often is not."""
    try:
        return json.loads(text)
    except ValueError:
        return None


class _Rest:
    def __init__(self, origin, class_of_error):
        self._origin = origin.rstrip("/")
        self._class_of_error = class_of_error

    def _send(self, method, path, query="", headers=None, body=None):
        url = f"{self._origin}{path}" + (f"?{query}" if query else "")
        request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
        try:
            status, text = self._answer(request)
        except TimeoutError:
            raise errors.RequestTimeout(f"{method} {path} timed out") from None
        except (OSError, http.client.HTTPException) as broken:
            # urllib wraps a time-out of the connection; one of the answer comes as it is.
            timed_out = isinstance(getattr(broken, "reason", None), TimeoutError)
            raise (errors.RequestTimeout if timed_out else errors.NetworkError)(f"{method} {path} {broken}") from None
        if status >= 400:
            raise self._class_of_error(status, _parsed(text))(f"{method} {path} {status} {text[:200]}")
        return json.loads(text)

    @staticmethod
    def _answer(request):
        try:
            with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode("utf-8", "replace")


class Upbit(_Rest):
    _STATUS = {"wait": "open", "done": "closed", "cancel": "canceled"}

    def __init__(self, origin, key, secret):
        super().__init__(origin, errors.of_upbit)
        self._key = key
        self._secret = secret.encode()

    def price(self):
        return float(self._send("GET", "/v1/ticker", "markets=KRW-BTC")[0]["trade_price"])

    def market_buy(self, cost_krw):
        """A market buy on Upbit names what may be spent, not what is bought."""
        return self._create({"market": "KRW-BTC", "side": "bid", "ord_type": "price", "price": truncated(cost_krw, "0.00000001")})

    def market_sell(self, btc):
        return self._create({"market": "KRW-BTC", "side": "ask", "ord_type": "market", "volume": truncated(btc, "0.00000001")})

    def fetch_order(self, order_id):
        return self._order(self._signed("GET", "/v1/order", {"uuid": order_id}))

    def _create(self, params):
        return self._order(self._signed("POST", "/v1/orders", params))

    def _order(self, body):
        status = body.get("state")
        return {"id": body.get("uuid"), "status": self._STATUS.get(status, status), "filled": float(body.get("executed_volume") or 0)}

    def _signed(self, method, path, params):
        query = "&".join(f"{name}={value}" for name, value in params.items())
        claims = {
            "access_key": self._key,
            "nonce": str(uuid.uuid4()),
            "query_hash": hashlib.sha512(query.encode()).hexdigest(),
            "query_hash_alg": "SHA512",
        }
        headers = {"Authorization": f"Bearer {self._token(claims)}"}
        if method == "GET":
            return self._send(method, path, urllib.parse.urlencode(params), headers)
        headers["Content-Type"] = "application/json"
        return self._send(method, path, headers=headers, body=json.dumps(params).encode())

    def _token(self, claims):
        parts = [self._base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
        signature = hmac.new(self._secret, ".".join(parts).encode(), hashlib.sha256).digest()
        return ".".join([*parts, self._base64(signature)])

    @staticmethod
    def _base64(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Binance(_Rest):
    _STATUS = {"NEW": "open", "PARTIALLY_FILLED": "open", "FILLED": "closed", "CANCELED": "canceled", "EXPIRED": "expired", "REJECTED": "rejected"}

    def __init__(self, origin, key, secret):
        super().__init__(origin, errors.of_binance)
        self._key = key
        self._secret = secret.encode()
        self._step = None

    def load_markets(self):
        """Learns the step of quantities; a ninth digit is refused (-1111)."""
        symbols = self._send("GET", "/fapi/v1/exchangeInfo")["symbols"]
        filters = next(symbol["filters"] for symbol in symbols if symbol["symbol"] == "BTCUSDT")
        self._step = next(each["stepSize"] for each in filters if each["filterType"] == "LOT_SIZE")

    def price(self):
        return float(self._send("GET", "/fapi/v1/ticker/price", "symbol=BTCUSDT")["price"])

    def set_leverage(self, leverage):
        self._signed("POST", "/fapi/v1/leverage", {"symbol": "BTCUSDT", "leverage": leverage})

    def market_sell(self, btc):
        return self._create("SELL", btc)

    def market_buy(self, btc):
        return self._create("BUY", btc)

    def fetch_order(self, order_id):
        return self._order(self._signed("GET", "/fapi/v1/order", {"symbol": "BTCUSDT", "orderId": order_id}))

    def _create(self, side, btc):
        params = {"symbol": "BTCUSDT", "side": side, "type": "MARKET", "quantity": truncated(btc, self._step), "newOrderRespType": "RESULT"}
        return self._order(self._signed("POST", "/fapi/v1/order", params))

    def _order(self, body):
        status = body.get("status")
        return {"id": body.get("orderId"), "status": self._STATUS.get(status, status), "filled": float(body.get("executedQty") or 0)}

    def _signed(self, method, path, params):
        query = urllib.parse.urlencode({**params, "timestamp": int(time.time() * 1000)})
        signature = hmac.new(self._secret, query.encode(), hashlib.sha256).hexdigest()
        return self._send(method, path, f"{query}&signature={signature}", {"X-MBX-APIKEY": self._key})
