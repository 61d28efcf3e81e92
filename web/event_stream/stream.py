"""An answer that goes on until it ends, or its reader is gone or takes nothing any more."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from web.server import CLOSE_GRACE_SECONDS, CUT

STALL_SECONDS = 10.0
"""A reader that takes nothing for so long is cut off."""
STREAM_HEADERS = {"Content-Type": "text/event-stream; charset=utf-8", "Connection": "close"}


class Stream(Response):
    """Sends chunks as they come."""

    def __init__(self, chunks: AsyncGenerator[bytes, None], headers: dict[str, str] = STREAM_HEADERS) -> None:
        """`chunks`: closed at the end, whatever ends it."""
        super().__init__(headers=headers)
        self._chunks = chunks
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the reader is gone, takes nothing any more, or there are no more chunks."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        gone = asyncio.create_task(self._wait_until_gone(receive))
        sending = asyncio.create_task(self._send(send))
        try:
            await asyncio.wait({gone, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (gone, sending):
                task.cancel()
            await asyncio.gather(gone, sending, return_exceptions=True)
            asyncio.get_running_loop().call_later(CLOSE_GRACE_SECONDS, scope["extensions"][CUT])
        if not sending.cancelled():
            sending.result()

    async def _send(self, send: Send) -> None:
        async with contextlib.aclosing(self._chunks) as chunks:
            with contextlib.suppress(TimeoutError):
                async for chunk in chunks:
                    async with asyncio.timeout(STALL_SECONDS):
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
                async with asyncio.timeout(STALL_SECONDS):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})

    @staticmethod
    async def _wait_until_gone(receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
