"""httpx without its command line, which httpx loads where it can: 4 MiB of other packages that no process of ours uses.

Import httpx from here.
"""

from bus.lean import without

with without("httpx._main"):
    import httpx

__all__ = ["httpx"]
