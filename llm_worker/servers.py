"""All servers of the settings: one class for each kind."""

from bus.settings import Settings
from llm_worker.contract import Server
from llm_worker.keys import Keys
from llm_worker.ollama.server import Ollama
from llm_worker.openai.server import OpenAiServer


def make_servers(settings: Settings) -> list[Server]:
    """Return Ollama and the servers of `pianola.toml`. Nothing is asked yet."""
    keys = Keys(settings.keys_file)
    return [Ollama(settings, keys), *(OpenAiServer(table, settings, keys) for table in settings.servers)]
