"""One entry of the specification's executor, and the exit when asked for.

    python3 enter.py --upbit http://127.0.0.1:8081 --binance http://127.0.0.1:8082 --amount 6500250 [--exit]

URLs and keys may also come as UPBIT_URL, BINANCE_URL, API_KEY and API_SECRET. Exits with 0 when the executor says that all went well, with 1 when
it says that something failed; what is true stands in the server's verdict.
"""

import argparse
import asyncio
import os
import sys

from hedge_executor import HedgeExecutor
from venues import Binance, Upbit


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upbit", default=os.environ.get("UPBIT_URL", "http://127.0.0.1:8081"))
    parser.add_argument("--binance", default=os.environ.get("BINANCE_URL", "http://127.0.0.1:8082"))
    parser.add_argument("--amount", type=float, required=True, help="KRW to invest")
    parser.add_argument("--exit", action="store_true", help="leave the hedge as soon as it stands")
    return parser.parse_args()


async def main():
    given = arguments()
    keys = os.environ.get("API_KEY", "emulated-account"), os.environ.get("API_SECRET", "secret-of-an-emulated-account")
    upbit = Upbit(given.upbit, *keys)
    binance = Binance(given.binance, *keys)
    try:
        binance.load_markets()
        executor = HedgeExecutor(upbit, binance)
        await executor.enter(given.amount, upbit.price(), binance.price())
        print("entered")
        if given.exit:
            await executor.exit()
            print("left")
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
        sys.exit(1)


asyncio.run(main())
