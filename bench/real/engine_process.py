"""Serve a GGUF file with llama.cpp's server, on loopback, until the standard input ends: so it ends with its parent.

    python bench/real/engine_process.py FILE PORT THREADS CONTEXT_TOKENS NAME [ADAPTER]

Run by `bench/real/engine.py` with a Python that has `xllamacpp`; it imports nothing of ours. Prints the address.
"""

import os
import sys

import xllamacpp


def main() -> None:
    file, port, threads, context, name, *adapters = sys.argv[1:]
    params = xllamacpp.CommonParams()
    params.model.path = file
    params.model_alias = {name}
    params.n_ctx = int(context)
    params.n_parallel = 1
    params.port = int(port)
    params.hostnames = ["127.0.0.1"]
    params.use_jinja = True
    params.cpuparams.n_threads = int(threads)
    params.cpuparams_batch.n_threads = int(threads)
    params.lora_adapters = [beside(adapter) for adapter in adapters]
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()
    os._exit(0)  # the server's threads need not be joined


def beside(adapter: str) -> xllamacpp.CommonAdapterLoraInfo:
    """Return an adapter that is loaded beside the weights."""
    made = xllamacpp.CommonAdapterLoraInfo()
    made.path, made.scale = adapter, 1.0
    return made


if __name__ == "__main__":
    main()
