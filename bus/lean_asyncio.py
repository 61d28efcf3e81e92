"""Import this first in a process that speaks no TLS: asyncio then does without OpenSSL, two MiB of memory in each.

Who imports `ssl` later, an app for example, gets it; only asyncio's own connections cannot use it.
"""

from bus.lean import without

with without("ssl"):
    import asyncio  # noqa: F401
