"""What a small batch costs: how fast the embedded engine reads a prompt, for several sizes of a batch.

    python -m bench.batches FILE.gguf [THREADS]

A stop takes effect between two batches, so a smaller batch stops sooner. It needs the extra `embedded`.
"""

import json
import secrets
import sys
from statistics import median

import httpx

from llm_worker.embedded.engine import start_server
from llm_worker.embedded.serving import Order

BATCHES = (512, 256, 128, 64, 32)
ROUNDS = 3
WORDS = 210
WINDOW = 4_096


def speed(file: str, batch: int, threads: int) -> float:
    """Return how many tokens a second are read; the median of some rounds, each with a prompt of its own."""
    order = Order(file, WINDOW, batch, threads, secrets.token_hex())
    server = start_server(order)
    try:
        address = json.loads(server.stdout.readline())["address"]
        found = [read(f"{address}/v1/chat/completions", order.key, number) for number in range(ROUNDS)]
    finally:
        server.kill()
        server.wait()
    return median(found)


def read(address: str, key: str, number: int) -> float:
    """Have one prompt read; return the tokens a second that the engine tells."""
    prompt = " ".join(f"{number} item {word * 7919 % 1000}" for word in range(WORDS // 3))
    asked = {"messages": [{"role": "user", "content": prompt}], "max_tokens": 1}
    answer = httpx.post(
        address, json=asked, headers={"Authorization": f"Bearer {key}"}, timeout=600, trust_env=False
    ).raise_for_status()
    return float(answer.json()["timings"]["prompt_per_second"])


def main() -> None:
    """Print a table."""
    file, threads = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    print(f"{file}, {threads} thread(s)\n\n| batch | tokens/s | seconds a batch |\n|---|---|---|")
    for batch in BATCHES:
        found = speed(file, batch, threads)
        print(f"| {batch} | {found:.0f} | {batch / found:.1f} |", flush=True)


if __name__ == "__main__":
    main()
