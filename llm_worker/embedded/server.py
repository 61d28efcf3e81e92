"""The worker's side of the embedded engine: wishes a file, waits until it is loaded, and asks llama.cpp's server."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from bus.embedded.files import EngineState, Wish, installed, read_state, read_wish, wish_file, write
from bus.messages import LlmGenerate
from bus.settings import Settings
from llm_worker.contract import EMBEDDED, About, Model, Pulled
from llm_worker.embedded.catalogue import CARDS, card_of
from llm_worker.embedded.getting import download_of
from llm_worker.embedded.library import Library, ModelFile
from llm_worker.openai.server import OpenAiServer
from llm_worker.problems import (
    AnswerTimeout,
    EngineEnded,
    EngineMissing,
    EngineProblem,
    ExtraMissing,
    ModelMissing,
    NotInCatalogue,
    ServerAbsent,
    StreamCut,
)
from llm_worker.stream.pieces import Piece, Progress

KEPT_SECONDS = 900.0
"""A model stays in memory so long after an answer, if nobody chose another time. To read all again costs seconds."""
LOOK_SECONDS = 0.05
"""Time between two looks at the engine while it loads."""
START_SECONDS = 10.0
"""Longest wait for an engine that does not run: the supervisor restarts one that was killed."""


@dataclass(frozen=True, slots=True)
class Target:
    """What must be loaded for an answer."""

    file: str
    window: int
    adapter: str = ""


NOTHING = Target("", 0)


def target_of(said: Wish | EngineState) -> Target:
    """Return what a wish asks for, or what the engine serves."""
    return Target(said.file, said.window, said.adapter)


class Embedded:
    """llama.cpp in a process of ours, one model at a time."""

    def __init__(self, settings: Settings) -> None:
        """Asks nothing yet. What an earlier run of this process wished is still loaded, perhaps."""
        self._settings = settings
        self.library = Library(settings)
        self.about = About(EMBEDDED, "embedded", str(self.library.folder), local=True)
        self.note = ""
        self._wish = read_wish(settings)
        self._client: OpenAiServer | None = None
        self._key = ""
        self._turn = Turn()
        self._loading = asyncio.Lock()

    @property
    def present(self) -> bool:
        """Whether it is listed: its package is installed, or there is a file to serve."""
        return installed() or bool(self.library.paths())

    async def close(self) -> None:
        """Close all connections. The model stays loaded: our next run goes on with it."""
        if self._client:
            await self._client.close()

    # --- models ---

    async def models(self) -> list[Model]:
        """Return the files that can be served. Raises `ExtraMissing` where nothing can serve them."""
        if not installed():
            raise ExtraMissing
        files, problems = await asyncio.to_thread(self.library.read)
        state = read_state(self._settings)
        self.note = " ".join(problems) or self._what_is_missing(files, state)
        return [self._model(one, state) for one in files]

    def find(self, models: list[Model], name: str) -> Model | None:
        """Return the model of exactly this name."""
        return next((model for model in models if model.name == name), None)

    def _model(self, file: ModelFile, state: EngineState) -> Model:
        loaded = state.serving and (state.file, state.adapter) == (str(file.path), file.adapter)
        return file.as_model(loaded=loaded, until=self._wish.until if loaded else 0.0)

    def _what_is_missing(self, files: list[ModelFile], state: EngineState) -> str:
        if not files:
            return (
                f"The embedded engine has no model yet. Get one in the page (menu of models, “Get a model”), or put a "
                f"GGUF file into {self.library.folder}."
            )
        return "" if state.running else str(EngineMissing(self._log))

    @property
    def _log(self) -> Any:
        return self._settings.logs / "engine.log"

    # --- chats ---

    async def chat(self, order: LlmGenerate, model: Model) -> AsyncGenerator[Piece, None]:
        """Yield the pieces of an answer, as `Server.chat` promises."""
        yield Piece(progress=Progress("waiting"))
        target = await self._target(order, model)
        async with self._turn.taken(target):
            begun = time.monotonic()
            if not self._serves(target, read_state(self._settings)):
                yield Piece(progress=Progress("loading"))
            try:
                client = await self._loaded(target, model)
                load_seconds = round(time.monotonic() - begun, 3)
                async with aclosing(client.chat(order, model)) as pieces:
                    async for piece in pieces:
                        yield with_load_time(piece, load_seconds) if piece.end else piece
            except (StreamCut, ServerAbsent) as cut:
                raise EngineEnded(model.name, "its process is gone", self._log) from cut
            finally:
                self._keep(order.options.get("keep_alive"))

    async def _target(self, order: LlmGenerate, model: Model) -> Target:
        file = await asyncio.to_thread(self.library.find, model.name)
        if not file:
            raise ModelMissing(self.about, model.name)
        wanted = order.options.get("num_ctx")
        if wanted is None and (self._wish.file, self._wish.adapter) == (str(file.path), file.adapter):
            return target_of(self._wish)  # without a wish the loaded window will do
        return Target(str(file.path), file.window_for(wanted), file.adapter)

    def _serves(self, target: Target, state: EngineState) -> bool:
        return state.serving and target_of(state) == target

    async def _loaded(self, target: Target, model: Model) -> OpenAiServer:
        """Return the server of the target, which is loaded first if it is not in memory."""
        async with self._loading:
            state = read_state(self._settings)
            if not self._serves(target, state):
                state = await self._load(target, model)
            self._wished(Wish(state.wish, target.file, target.window, target.adapter))
            try:
                return await self._connected(state)
            except ServerAbsent:  # it has died a moment ago
                return await self._connected(await self._load(target, model))

    async def _load(self, target: Target, model: Model) -> EngineState:
        if not installed():
            raise ExtraMissing
        wish = Wish(str(time.time_ns()), target.file, target.window, target.adapter)
        self._wished(wish)
        missing_since = time.monotonic()
        try:
            async with asyncio.timeout(self._settings.first_token_seconds):
                while (state := read_state(self._settings)).wish != wish.id or state.state == "loading":
                    missing_since = time.monotonic() if state.running else missing_since
                    if time.monotonic() - missing_since > START_SECONDS:
                        raise EngineMissing(self._log)
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            raise AnswerTimeout(self.about, model.name, self._settings.first_token_seconds, begun=False) from None
        if state.state != "ready":
            raise EngineProblem(state.problem or f"The embedded engine did not load {model.name}. Try again.")
        return state

    async def _connected(self, state: EngineState) -> OpenAiServer:
        """Return a client of the process that serves; each such process has an address and a key of its own."""
        if self._client and self._key == state.key:
            await self._client.models()  # does it still answer?
            return self._client
        about = replace(self.about, address=f"{state.address}/v1")
        client = OpenAiServer(about, lambda: state.key, self._settings)
        await client.models()  # from these it knows what the server understands
        if self._client:
            await self._client.close()
        self._client, self._key = client, state.key
        return client

    # --- memory ---

    async def unload(self, model: Model) -> None:
        """Free the memory of a model, if it is in memory. An answer that is being written comes first."""
        file = await asyncio.to_thread(self.library.find, model.name)
        if not file:
            raise ModelMissing(self.about, model.name)
        async with self._turn.taken(NOTHING):
            state = read_state(self._settings)
            if (state.file, state.adapter) == (str(file.path), file.adapter):
                self._wished(Wish(str(time.time_ns())))
                await self._until_idle()

    async def _until_idle(self) -> None:
        for _ in range(round(START_SECONDS / LOOK_SECONDS)):
            state = read_state(self._settings)
            if not state.running or (state.wish == self._wish.id and state.state == "idle"):
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _keep(self, wanted: Any) -> None:
        """Keep the model in memory for a time: seconds, negative for ever. Not while another answer is written."""
        if self._turn.users > 1:
            return
        seconds = wanted if type(wanted) in (int, float) else KEPT_SECONDS
        with suppress(EngineProblem):  # then it stays until the next answer
            self._wished(replace(self._wish, until=0.0 if seconds < 0 else time.time() + seconds))

    def _wished(self, wish: Wish) -> None:
        """Write a wish for the engine, if it is another one. Raises `EngineProblem`."""
        if wish == self._wish:
            return
        try:
            write(wish_file(self._settings), wish)
        except OSError as error:
            raise EngineProblem(
                f"{wish_file(self._settings)} cannot be written: {error.strerror}. It tells the embedded engine what "
                f"to load. Make room on the disk, then try again."
            ) from error
        self._wish = wish

    # --- getting models ---

    async def pull(self, model: str) -> AsyncGenerator[Pulled, None]:
        """Get a model of the catalogue, as `Server.pull` promises."""
        card = card_of(model)
        if not card:
            raise NotInCatalogue(model, (one.name for one in CARDS))
        if not installed():
            raise ExtraMissing
        download = download_of(card, self.library.folder, self._settings.model_host)
        async with aclosing(download.run()) as states:
            async for state in states:
                yield state


class Turn:
    """Whose turn it is: answers of one target may run at once (the engine queues them), others wait for their end."""

    def __init__(self) -> None:
        """Nobody's."""
        self.users = 0
        self._target: Target | None = None
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def taken(self, target: Target) -> AsyncIterator[None]:
        """Wait for the turn, and have it in the block."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self.users or self._target == target)
            self.users, self._target = self.users + 1, target
        try:
            yield
        finally:
            self.users -= 1
            async with self._changed:
                self._changed.notify_all()


def with_load_time(piece: Piece, seconds: float) -> Piece:
    """Return the last piece, with the time that loading took."""
    return replace(piece, counts=replace(piece.counts, load_seconds=seconds))
