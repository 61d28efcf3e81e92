from os import environ, path, uname  # prints every message on the bus; needs pyzmq and msgpack, nothing of Pianola

import msgpack
import zmq

base = environ.get("XDG_DATA_HOME") or ("~/Library/Application Support" if "Darwin" in uname() else "~/.local/share")
bus = zmq.Context().socket(zmq.SUB)
bus.connect(f"ipc://{path.expanduser(environ.get('PIANOLA_HOME') or f'{base}/pianola')}/run/subscribe")
bus.subscribe("")  # or "llm." for the model, "store.changed/todo" for one table
while True:
    topic, header, body = bus.recv_multipart()
    print(topic.decode(), msgpack.unpackb(header)["sender"], msgpack.unpackb(body), flush=True)
