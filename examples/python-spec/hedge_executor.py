"""Sections 2 to 7 of the order-execution specification of 2025-12-11, to the letter, completed only where it leaves something open.

Nothing is repaired here: what it gets wrong is what `hedgedrill serve` is to find. Section numbers stand at what they say.
"""

import asyncio
import time
from collections import deque

from errors import ExchangeNotAvailable, InsufficientFunds, InvalidOrder, NetworkError, RateLimitExceeded

FILL_TIMEOUT_S = 10  # 2.3, 2.4
POLL_S = 0.5  # 3.1
ATTEMPTS = 3  # 7.1

# 7.2, in its order: the first row whose class fits answers, so that the second and the last never do.
RESPONSES = (
    (NetworkError, "retry"),
    (ExchangeNotAvailable, "emergency stop"),
    (InsufficientFunds, "cancel the entry"),
    (InvalidOrder, "log"),
    (RateLimitExceeded, "wait"),
)


class HedgeEntryFailed(Exception):
    pass


class OrderNotFilled(Exception):
    """An order has ended otherwise than `closed` (3.2), or not within its time (3.1)."""


class Quota:
    """6: at most `per_second` calls within any second; further ones wait in turn."""

    def __init__(self, per_second):
        self._per_second = per_second
        self._slots = deque()

    async def wait(self):
        now = time.monotonic()
        slot = now if len(self._slots) < self._per_second else max(now, self._slots.popleft() + 1)
        self._slots.append(slot)
        await asyncio.sleep(slot - now)


class HedgeExecutor:
    def __init__(self, upbit, binance):
        self._upbit = upbit
        self._binance = binance
        self._quota = {upbit: Quota(8), binance: Quota(20)}  # 6
        self._positions = []

    async def enter(self, amount, upbit_price, binance_price):
        """2.2. `amount` and `upbit_price` in KRW, `binance_price` in USDT, which decides nothing.

        Raises HedgeEntryFailed once it has rolled back.
        """
        btc = amount / upbit_price
        legs = await asyncio.gather(self._buy_spot(amount), self._short_perp(btc), return_exceptions=True)
        failures = [leg for leg in legs if isinstance(leg, Exception)]
        if failures:
            await self._roll_back(*legs)
            raise HedgeEntryFailed("hedge entry failed: " + "; ".join(f"{failure} [{self._response_to(failure)}]" for failure in failures))
        self._positions.append({"amount": amount, "entry_price": upbit_price, "binance_price": binance_price})  # 1: "record in the database"
        return legs

    async def exit(self):
        """5: both sides at once, by what the plan was, and both answers as they come."""
        btc = sum(position["amount"] / position["entry_price"] for position in self._positions)
        results = await asyncio.gather(self._sell_spot(btc), self._close_perp(btc))
        self._positions.clear()
        return results

    async def _buy_spot(self, cost_krw):
        """2.3."""
        try:
            order = await self._retried(self._upbit, self._upbit.market_buy, cost_krw)
            return await self._wait_for_fill(self._upbit, order["id"])
        except Exception as error:
            raise RuntimeError(f"Upbit buy failed: {error}") from error

    async def _short_perp(self, btc):
        """2.4."""
        try:
            await self._retried(self._binance, self._binance.set_leverage, 1)
            order = await self._retried(self._binance, self._binance.market_sell, btc)
            return await self._wait_for_fill(self._binance, order["id"])
        except Exception as error:
            raise RuntimeError(f"Binance short failed: {error}") from error

    def _sell_spot(self, btc):
        return self._retried(self._upbit, self._upbit.market_sell, btc)

    def _close_perp(self, btc):
        return self._retried(self._binance, self._binance.market_buy, btc)

    async def _wait_for_fill(self, venue, order_id, timeout_s=FILL_TIMEOUT_S):
        """3.1, 3.2. What is read in the letter's favour: an order's end is none of the errors that are swallowed."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            try:
                order = await self._call(venue, venue.fetch_order, order_id)
            except Exception:
                order = None
            if order is not None and order["status"] == "closed":
                return order
            if order is not None and order["status"] in ("canceled", "expired"):
                raise OrderNotFilled(f"order {order_id} ended {order['status']}")
            await asyncio.sleep(POLL_S)
        raise OrderNotFilled(f"order {order_id} was not filled within {timeout_s} s")

    async def _roll_back(self, spot, perp):
        """4: the leg that did not raise is undone at market, by its `filled`."""
        if not isinstance(spot, Exception):
            await self._sell_spot(spot["filled"])
        if not isinstance(perp, Exception):
            await self._close_perp(perp["filled"])

    async def _retried(self, venue, call, *arguments):
        """7.1: a network error waits 1, 2, ... s and is raised after the last attempt; nothing else is retried."""
        for attempt in range(ATTEMPTS):
            try:
                return await self._call(venue, call, *arguments)
            except NetworkError:
                if attempt == ATTEMPTS - 1:
                    raise
                await asyncio.sleep(2**attempt)

    async def _call(self, venue, call, *arguments):
        await self._quota[venue].wait()
        return await asyncio.to_thread(call, *arguments)

    @staticmethod
    def _response_to(failure):
        cause = failure.__cause__ or failure
        return next((response for raised, response in RESPONSES if isinstance(cause, raised)), "raise")
