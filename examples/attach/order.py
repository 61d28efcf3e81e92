# Add a todo, and hear the fact: PYTHONPATH=clients python examples/attach/order.py
from pianola_bus import Bus

with Bus("example") as bus:
    facts = bus.hear("store.changed/todo", seconds=10)  # first subscribe, then act
    order = {"verb": "insert", "table": "todo", "values": {"title": "milk"}}
    row = bus.ask("store.order", order, key="todo")["rows"][0]
    print(f"added {row['title']} as {row['id']}", flush=True)
    for fact in facts:
        if fact.body["id"] == row["id"]:
            print(f"heard it as revision {fact.body['revision']}")
            bus.ask(
                "store.order", {"verb": "undo", "table": "todo", "values": {"change": fact.body["revision"]}}, "todo"
            )
            break
