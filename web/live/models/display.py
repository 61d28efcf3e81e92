"""Shows in all tabs what the worker says about models: the menu, the servers, what can be got, and how far it is."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from fastcore.xml import FT

from bus.bus import Bus
from bus.messages import LlmListed, LlmPulled, LlmUnloaded, ServiceChanged
from bus.wire import Envelope
from web.html.assistant_settings import draw_persona_of_model
from web.html.models.get_dialog import get_list, offer_named, pull_progress
from web.html.models.menu import model_menu, no_model_hint
from web.html.models.servers_dialog import servers_list
from web.html.parts.fragments import replace as replaced
from web.live.outbox import Frame
from web.live.shared import Shared
from web.live.tab import Tab, Tabs
from web.state.page_view import PageView

WORKER = "llm_worker"
BROKEN_OFF = "The process that got it has ended. What had come is kept: go on, and the rest is fetched."

LISTS: tuple[Callable[[PageView], FT], ...] = (get_list, servers_list, no_model_hint)
"""What is the same in every tab."""


class ModelDisplay:
    """Keeps what was heard in `Shared`, and draws what has changed."""

    def __init__(self, tabs: Tabs, shared: Shared) -> None:
        """Hears nothing before `listen`."""
        self._tabs = tabs
        self._shared = shared
        self._worker_run = ""
        self._drawn: dict[Callable[[PageView], FT], str] = {}
        """Each list as all tabs were sent it last."""

    def listen(self, bus: Bus) -> None:
        """Hear what changes it."""
        bus.hear(LlmListed, self._heard_models)
        bus.hear(LlmPulled, self._heard_pull)
        bus.hear(ServiceChanged, self._heard_worker, WORKER)
        bus.hear(LlmUnloaded, lambda _heard: None)  # subscribes: a command waits for it as an answer

    def enter(self, tab: Tab, changes: int) -> None:
        """Show a new tab what has changed since its page was sent. `changes`: how many there had been then."""
        if changes != self._shared.model_changes:
            view = self._shared.view()
            for draw in (model_menu, *LISTS):
                tab.push(Frame(replaced(draw(view)), "bar"))
            tab.push(Frame(draw_persona_of_model(view), "bar"))

    def show_menu(self) -> None:
        """Draw the menu again, in each tab with what is searched for in it; and the persona of the model in use."""
        self._shared.model_changes += 1
        view = self._shared.view()
        draw = cache(lambda words: replaced(model_menu(replace(view, model_words=words))))
        for tab in self._tabs:
            tab.push(Frame(draw(tab.model_words), "bar"))
        self._tabs.push(Frame(draw_persona_of_model(view), "bar"))

    def show_lists(self) -> None:
        """Draw the lists of the dialogs again where they have changed."""
        self._shared.model_changes += 1
        view = self._shared.view()
        for draw in LISTS:
            drawn = replaced(draw(view))
            if self._drawn.get(draw) != drawn:
                self._drawn[draw] = drawn
                self._tabs.push(Frame(drawn, "bar"))

    # --- what is heard ---

    def _heard_models(self, heard: Envelope) -> None:
        if self._shared.models != heard.message:
            self._shared.models = heard.message
            self.show_menu()
            self.show_lists()

    def _heard_pull(self, heard: Envelope) -> None:
        now: LlmPulled = heard.message
        pulls = self._shared.pulls
        offer = offer_named(self._shared.models, now.model)
        if pulls.take(now, str(offer.get("title") or now.model)):
            self.show_lists()
        elif pull := pulls.of(now.model):
            self._shared.model_changes += 1
            self._tabs.push(Frame(replaced(pull_progress(pull)), "bar"))

    def _heard_worker(self, heard: Envelope) -> None:
        """End the downloads of a worker that was killed: it could not say so itself."""
        message: ServiceChanged = heard.message
        restarted = self._worker_run not in ("", message.run)
        self._worker_run = message.run
        if restarted and self._shared.pulls.break_off(BROKEN_OFF):
            self.show_lists()
