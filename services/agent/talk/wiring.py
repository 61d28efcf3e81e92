"""Connects the parts of this room."""

from collections.abc import Callable

from bus.service import Service
from services.agent.act.wiring import Act
from services.agent.prompt.wiring import Prompt
from services.agent.state.wiring import State
from services.agent.talk.answers import Answers
from services.agent.talk.comments import Comments
from services.agent.talk.completions import Completions
from services.agent.talk.generations import Generations
from services.agent.talk.memory.remembering import Remembering
from services.agent.talk.morning.lines import MorningLines
from services.agent.talk.priority import Priority
from services.agent.talk.recovery import Recovery
from services.agent.talk.summaries import Summaries
from services.agent.talk.titles import Titles
from services.agent.talk.waiting.waiting import Waiting


class Talk:
    """What the assistant says: answers, comments, summaries, lines of the morning page; and recovery after a crash."""

    def __init__(self, service: Service, state: State, prompt: Prompt, act: Act, warn: Callable[[str], None]) -> None:
        """`service`: its bus, its limits of comments, and its tasks. `warn`: gets a sentence for the log."""
        self.generations = Generations(service.bus, warn)
        self.priority = Priority(self.generations)
        self.completions = Completions(
            state.store_client,
            state.queries,
            state.paths,
            prompt_builder=prompt.builder,
            archive=prompt.archive,
            generations=self.generations,
        )
        summaries = Summaries(
            state.store_client,
            state.queries,
            state.models,
            completions=self.completions,
            priority=self.priority,
            warn=warn,
        )
        titles = Titles(
            state.store_client,
            state.queries,
            state.models,
            prompt_builder=prompt.builder,
            generations=self.generations,
            priority=self.priority,
            at_start=service.settings,
            warn=warn,
        )
        self.answers = Answers(
            state.store_client,
            prompt_builder=prompt.builder,
            actions=act.actions,
            macros=act.macros,
            completions=self.completions,
            summaries=summaries,
            titles=titles,
            remembering=Remembering(state.store_client, state.queries, state.registry),
            spawn=service.attempt,
            priority=self.priority,
        )
        self.waiting = Waiting(state.store_client, self.answers, act.proposals)
        self.comments = Comments(
            state.store_client,
            state.queries,
            state.registry,
            state.models,
            completions=self.completions,
            generations=self.generations,
            priority=self.priority,
            per_minute=service.settings.comments_per_minute,
            tokens_per_hour=service.settings.comment_tokens_per_hour,
            warn=warn,
        )
        self.morning = MorningLines(
            state.store_client,
            state.queries,
            state.registry,
            state.models,
            personas=prompt.personas,
            generations=self.generations,
            priority=self.priority,
            warn=warn,
        )
        self.recovery = Recovery(
            service.bus,
            state.store_client,
            act,
            answers=self.answers,
            waiting=self.waiting,
            completions=self.completions,
            generations=self.generations,
            spawn=service.attempt,
            warn=warn,
        )
