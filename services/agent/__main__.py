"""The agent: hears what the user did, what was stored, what the model says; says requests to generate, and orders.

It hears changes in the store (`store.changed`), actions that changed no data (`ui.acted`), the model (`llm.…`) and how
far jobs are (`job.progressed`). It says `llm.generate`, `llm.cancel`, `store.order`, `job.run`, `job.cancel` and
`agent.acted`. It alone decides what the model hears and may do.
"""

import asyncio
import sys

from apps.calls.calls import Calls
from apps.failures import Failures
from apps.own.loading import OwnApps
from apps.registry import load_apps
from bus.messages import JobProgressed, LlmToken, ServiceAsked
from bus.service import Service, run
from services.agent.act.wiring import Act
from services.agent.handlers import Handlers
from services.agent.prompt.wiring import Prompt
from services.agent.state.wiring import State
from services.agent.talk.wiring import Talk

SHUTDOWN_GRACE_SECONDS = 1.5
"""How long the process waits, when told to stop, for answers that are being generated."""
REST_SECONDS = 0.05
"""Pause between two looks at the bus while only tokens and progress come: what shows them needs the processor more."""


async def serve(service: Service) -> None:
    """Connect the parts, subscribe, go on with unfinished work, serve until told to stop."""

    def warn(text: str) -> None:
        service.log("warning", text)

    calls = Calls.of_process(service.settings.run, service.name)
    registry = load_apps("agent", calls=calls)
    failures = Failures(service.bus, service.name, registry, warn)
    own = OwnApps(registry, service.settings.apps, files=("agent",), calls=calls, adopt=failures.adopt)

    state = State(service.bus, own, warn)
    prompt = Prompt(state, service.settings.home, warn)
    act = Act(service.bus, state)
    talk = Talk(service, state, prompt, act, warn)

    handlers = Handlers(service, state, prompt, act, talk)
    handlers.subscribe()
    await service.ready()
    service.bus.pause_between_batches(REST_SECONDS, LlmToken, JobProgressed)
    failures.say()
    service.bus.say(ServiceAsked())  # the worker answers with its models
    service.attempt(prompt.update_lists(), "prompt files")
    service.attempt(handlers.go_on(), "recovery")
    service.spawn(talk.comments.run(), "comments")
    await service.stopped()
    await wait_for_answers(talk)


async def wait_for_answers(talk: Talk) -> None:
    """Wait for answers that are being given: the worker is told to stop as well, and is about to say their ends."""
    try:
        async with asyncio.timeout(SHUTDOWN_GRACE_SECONDS):
            await talk.priority.no_question()
    except TimeoutError:
        return  # they are in the store as streaming, and the agent's next run goes on with them


def main() -> int:
    """Run the agent until SIGTERM; return the exit code."""
    return run("agent", serve)


if __name__ == "__main__":
    sys.exit(main())
