"""The process that holds one model: llama.cpp's server on loopback. Started by `engine`, and ends with it.

    python -m llm_worker.embedded.serving < ORDER

The first line of the standard input is the order, a JSON object (`Order`). The first line of the output is a JSON
object with `address` once the model is loaded, or with `problem`. Then it serves until the input ends. A crash of
llama.cpp ends this process only.
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CACHE_MIB = 512
"""Prompts that other prompts replaced are kept in so much memory: a remark between two questions."""
LOG_ERRORS = 1
"""llama.cpp's own number. From 3 on it would log what was said."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be served, and how."""

    file: str
    window: int
    """Tokens of the context."""
    batch: int
    """Tokens that are read at once; a stop takes effect between two batches."""
    threads: int
    key: str
    """What each request must have in its header `Authorization`."""
    adapter: str = ""
    """Path of an adapter that is loaded beside the file; "": none."""


def main() -> int:
    """Serve one file until the standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # llama.cpp prints to the standard output as well
    order = Order(**json.loads(sys.stdin.readline()))
    try:
        server = serve(order)
    except Exception as error:  # whatever the package raises
        answers.write(json.dumps({"problem": str(error) or type(error).__name__}) + "\n")
        answers.flush()
        return 1
    answers.write(json.dumps({"address": server.listening_address}) + "\n")
    answers.flush()
    sys.stdin.read()
    os._exit(0)  # a batch that is being read need not be finished


def serve(order: Order) -> Any:
    """Load the model, and return llama.cpp's server, which has its own threads."""
    import xllamacpp  # noqa: PLC0415 (100 MB, and only here)

    params = xllamacpp.CommonParams()
    params.model.path = order.file
    params.model_alias = {Path(order.file).stem}
    params.n_ctx = order.window
    params.n_batch = params.n_ubatch = order.batch
    params.n_parallel = 1
    params.cache_prompt = True
    params.cache_ram_mib = CACHE_MIB
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = order.threads
    params.warmup = False  # the first prompt warms it as well, and earlier
    params.use_jinja = True
    params.hostnames = ["127.0.0.1"]
    params.port = 0  # a free one
    params.api_keys = [order.key]
    params.cors_origins = ""  # no page of the web
    params.ui = False
    params.verbosity = LOG_ERRORS
    if order.adapter:
        adapter = xllamacpp.CommonAdapterLoraInfo()
        adapter.path, adapter.scale = order.adapter, 1.0
        params.lora_adapters = [adapter]
    return xllamacpp.Server(params)


if __name__ == "__main__":
    sys.exit(main())
