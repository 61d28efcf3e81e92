# Print every message on the bus: python examples/subscriber.py (needs pyzmq and msgpack, nothing of Pianola).
import os

import msgpack
import zmq

bus = zmq.Context().socket(zmq.SUB)
bus.connect(f"ipc://{os.environ.get('PIANOLA_HOME', os.path.expanduser('~/.local/share/pianola'))}/run/subscribe")
bus.subscribe("")  # or "llm." for the model, "store.changed/todo" for one table
while True:
    topic, header, body = bus.recv_multipart()
    print(topic.decode(), msgpack.unpackb(header)["sender"], msgpack.unpackb(body), flush=True)
