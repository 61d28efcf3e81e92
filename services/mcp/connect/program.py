"""A server that is a program: started here, spoken to over its standard input and output, ended with us.

The SDK has a transport for that, but it reads lines of any length.
"""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage

from bus.errors import PianolaError
from services.mcp.connect.limits import END_SECONDS, LARGEST_MESSAGE_BYTES, MOST_BAD_LINES

Streams = tuple[Any, Any]


class Broken(PianolaError):
    """A server cannot be spoken with any more; the sentence says why."""


class Program:
    """One program. `problem`: why it is gone; "" while it runs. `gone`: set when it is."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """`log`: the file to which its error output goes."""
        self._command = command
        self._environment = get_default_environment() | dict(environment)
        self._log = log
        self.problem = ""
        self.gone = asyncio.Event()

    @contextlib.asynccontextmanager
    async def streams(self) -> AsyncIterator[Streams]:
        """Start it, and yield the streams of messages from it and to it. Raises `Broken`."""
        process = await self._started()
        to_us, from_it = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        to_it, from_us = anyio.create_memory_object_stream[SessionMessage](0)
        tasks = [asyncio.create_task(self._read(process, to_us)), asyncio.create_task(self._write(process, from_us))]
        try:
            yield from_it, to_it
        finally:
            await _end(process)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for stream in (to_us, from_it, to_it, from_us):
                stream.close()

    async def _started(self) -> Process:
        try:
            with self._log.open("ab") as log:
                return await asyncio.create_subprocess_exec(
                    *self._command,
                    stdin=PIPE,
                    stdout=PIPE,
                    stderr=log,
                    env=self._environment,
                    limit=LARGEST_MESSAGE_BYTES,
                    start_new_session=True,
                )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise Broken(f"{self._command[0]!r:.80} cannot be started: {reason}.") from None

    async def _read(self, process: Process, messages: Any) -> None:
        """Pass on each line that is a message, until the program ends or breaks a limit."""
        try:
            self.problem = await self._read_lines(process, messages)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            return  # nobody listens any more
        finally:
            self.gone.set()
            messages.close()

    async def _read_lines(self, process: Process, messages: Any) -> str:
        """Return why the reading ended."""
        bad = 0
        output = process.stdout
        while output is not None:
            try:
                line = await output.readuntil(b"\n")
            except asyncio.IncompleteReadError:
                return f"It ended{_code(process)}."
            except asyncio.LimitOverrunError:
                return f"It sent a message of more than {LARGEST_MESSAGE_BYTES // 2**20} MB."
            message = parsed(line)
            if message is not None:
                await messages.send(message)
                continue
            bad += bool(line.strip())
            if bad > MOST_BAD_LINES:
                return f"It prints what is no message of the protocol: {line[:60].decode(errors='replace')!r}"
        return "It has no output."

    async def _write(self, process: Process, messages: Any) -> None:
        with contextlib.suppress(OSError, anyio.ClosedResourceError):
            async for one in messages:
                text = one.message.model_dump_json(by_alias=True, exclude_unset=True)
                if process.stdin is not None:
                    process.stdin.write(f"{text}\n".encode())
                    await process.stdin.drain()


def parsed(line: bytes) -> SessionMessage | None:
    """Return the message in a line; None if there is none."""
    try:
        return SessionMessage(types.jsonrpc_message_adapter.validate_json(line, by_name=False))
    except (ValueError, RecursionError):
        return None


def _code(process: Process) -> str:
    return "" if process.returncode is None else f" with the exit code {process.returncode}"


async def _end(process: Process) -> None:
    """End the program and all that it has started: first by closing its input, then by force."""
    if process.stdin is not None:
        process.stdin.close()
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            async with asyncio.timeout(END_SECONDS):
                await process.wait()
                break
        except TimeoutError:
            _signal(process, number)
    _signal(process, signal.SIGKILL)  # what it has left behind
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(END_SECONDS):
            await process.wait()


def _signal(process: Process, number: signal.Signals) -> None:
    with contextlib.suppress(OSError):
        os.killpg(process.pid, number)
