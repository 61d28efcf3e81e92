"""`pianola new-listener NAME`: write a listener of ten lines into the data folder; it starts with the next start."""

import argparse
import os

from bus.errors import PianolaError
from bus.settings import load
from bus.text.console import print_line
from services.supervise.listeners import NAME, PREFIX, file_of

PROGRAM = '''\
"""A listener of Pianola: prints each change of a row. It runs with the others, and again when it ends."""
import os

import msgpack
import zmq

bus = zmq.Context().socket(zmq.SUB)
bus.connect(f"ipc://{os.environ['PIANOLA_HOME']}/run/subscribe")
bus.subscribe("store.changed/")  # or "" for everything, "llm." for the model
while True:
    topic, header, body = bus.recv_multipart()
    print(topic.decode(), msgpack.unpackb(body)["verb"], msgpack.unpackb(body)["row"], flush=True)
'''


class NotWritten(PianolaError):
    """The listener cannot be written."""


def run(arguments: argparse.Namespace) -> int:
    """Write the file, and say what comes next."""
    name = arguments.name
    if not NAME.fullmatch(name):
        raise NotWritten(
            f"{name!r:.60} cannot be the name of a listener. Use a-z, 0-9 and _, at most 40, a letter first."
        )
    file = file_of(load(), name)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(PROGRAM)
    except FileExistsError:
        raise NotWritten(f"{file} is there already. Choose another name, or move it away.") from None
    print_line(f"{file} is written. `pianola restart` starts it; {PREFIX}{name} then stands in `pianola status`,")
    print_line(f"what it prints in logs/{PREFIX}{name}.log, and `pianola restart {PREFIX}{name}` takes a change of it.")
    return 0
