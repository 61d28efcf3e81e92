"""How much of a prompt Ollama knew: an estimate that is given only when the time supports it."""

from bus.messages import LlmGenerate
from llm_worker.ollama.known_tokens import KnownTokens, common_beginning
from llm_worker.stream.pieces import Counts


def order(text: str) -> LlmGenerate:
    return LlmGenerate(generation="1.0", conversation=1, messages=[{"role": "user", "content": text}])


def counted(known: KnownTokens, text: str, tokens: int, seconds: float, **more) -> tuple[int, int]:
    """Return the tokens that were read and known, of a prompt with this many tokens, read in this time."""
    loaded = more.pop("loaded", True)
    prompt = known.prompt("m", order(text), loaded=loaded)
    made = known.counted(prompt, Counts(prompt_tokens=tokens, read_seconds=seconds, **more))
    return made.read_tokens, made.known_tokens


def test_a_model_that_was_loaded_knew_nothing():
    assert counted(KnownTokens(), "a" * 1000, 1000, 10.0, loaded=False) == (1000, 0)
    assert counted(KnownTokens(), "a" * 1000, 1000, 10.0, load_seconds=7.5) == (1000, 0)


def test_the_common_beginning_was_known_when_the_time_says_so():
    known = KnownTokens()
    counted(known, "a" * 1000, 1000, 10.0, loaded=False)

    read, taken = counted(known, "a" * 1000 + "b" * 1000, 2000, 10.0)

    assert read + taken == 2000
    assert 900 <= taken <= 1100


def test_nothing_is_claimed_when_the_reading_took_too_long():
    known = KnownTokens()
    counted(known, "a" * 1000, 1000, 10.0, loaded=False)

    assert counted(known, "a" * 1000 + "b" * 1000, 2000, 20.0) == (0, 0)


def test_nothing_is_claimed_while_the_speed_is_not_known():
    known = KnownTokens()
    counted(known, "a" * 1000, 1000, 1.0)

    assert counted(known, "a" * 1000, 1000, 0.0) == (0, 0)


def test_another_prompt_has_no_common_beginning_worth_the_name():
    assert common_beginning("abc", "abd") == 2
    assert common_beginning("", "abd") == 0
    assert common_beginning("abc", "abcd") == 3
