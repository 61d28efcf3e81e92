"""httpx without its command line, which httpx loads where it can: 4 MiB of other packages that no process of ours uses.

Import httpx from here. httpx itself provides for the missing module.
"""

import sys

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None: importing it raises ImportError

import httpx  # noqa: E402

__all__ = ["httpx"]
