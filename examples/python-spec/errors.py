"""The error classes that section 7 of the specification speaks of, and which answer is which.

The specification was written against ccxt, so the classes descend from one another as ccxt's do, and an answer becomes the class that
ccxt 4.5.84 makes of it.
"""


class ExchangeError(Exception):
    """The venue has refused, as far as the class tells."""


class InsufficientFunds(ExchangeError):
    pass


class InvalidOrder(ExchangeError):
    pass


class OrderNotFound(InvalidOrder):
    pass


class BadRequest(ExchangeError):
    pass


class AuthenticationError(ExchangeError):
    pass


class OperationFailed(Exception):
    """The request has failed, for all that is known."""


class NetworkError(OperationFailed):
    pass


class RequestTimeout(NetworkError):
    pass


class ExchangeNotAvailable(NetworkError):
    pass


class DDoSProtection(NetworkError):
    pass


class RateLimitExceeded(NetworkError):
    pass


class InvalidNonce(NetworkError):
    pass


_BINANCE = {
    OperationFailed: (-1000, -1001, -1006, -1008),
    RequestTimeout: (-1007,),
    RateLimitExceeded: (-1003, -1015),
    InvalidNonce: (-1021,),
    AuthenticationError: (-1002, -1022, -2014, -2015),
    InsufficientFunds: (-2018, -2019, -2024, -4050, -4051),
    InvalidOrder: (-1013, -2010, -2022, -4116, -4164),
    OrderNotFound: (-2011, -2013),
    BadRequest: (-1102, -1111, -4003, -4005),
}
_BINANCE_CLASS_OF = {code: raised for raised, codes in _BINANCE.items() for code in codes}

_UPBIT = {
    "insufficient_funds": InsufficientFunds,
    "invalid_access_key": AuthenticationError,
    "jwt_verification": AuthenticationError,
    "order_not_found": OrderNotFound,
    "invalid_funds": InvalidOrder,
    "volume_too_large": InvalidOrder,
}


def of_status(status):
    """The class of an answer whose body says nothing."""
    if status == 418:
        return DDoSProtection
    if status == 429:
        return RateLimitExceeded
    if status in (408, 504):
        return RequestTimeout
    if status in (401, 407, 511):
        return AuthenticationError
    return ExchangeError if status == 422 else ExchangeNotAvailable


def of_binance(status, body):
    if status in (418, 429):
        return DDoSProtection
    code = body.get("code") if isinstance(body, dict) else None
    return of_status(status) if code is None else _BINANCE_CLASS_OF.get(code, ExchangeError)


def of_upbit(status, body):
    """An error in JSON goes by its name alone: a 429 or 500 of that form is a plain ExchangeError."""
    error = body.get("error") if isinstance(body, dict) else None
    if error is None:
        return of_status(status)
    name = str(error.get("name"))
    return next((raised for part, raised in _UPBIT.items() if part in name), ExchangeError)
