"""How many comments there may be: the user's setting wins over the environment."""

from bus.messages import LlmGenerate
from tests.support.ollama_double import OllamaDouble, speech
from tests.support.user import User, running, visit


def test_the_limit_that_the_user_chose_holds_at_once() -> None:
    with OllamaDouble() as double, running(double, PIANOLA_COMMENTS_PER_MINUTE="1") as system:
        double.respond = lambda body: speech("Busy, busy.")

        async def play(user: User) -> None:
            await user.set("comments_per_minute", 600)
            await user.set("mode", "chatty")
            for number in range(3):
                await user.insert("todo", title=f"thing {number}")
                remark = await user.guest.until(
                    lambda heard, number=number: (
                        isinstance(heard.message, LlmGenerate) and f"thing {number}" in str(heard.message.messages[-1])
                    )
                )
                assert remark.message.purpose == "comment"
                await user.row(id=int(remark.message.generation.split(".")[0]), state="done")

        visit(system, play)
