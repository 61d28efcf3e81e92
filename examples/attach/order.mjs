// Add a todo, hear the fact, and take it back. It needs clients/pianola_bus.mjs beside it.
import { Bus } from "./pianola_bus.mjs"

const bus = new Bus("example")
const facts = await bus.hear("store.changed/todo") // first subscribe, then act
const order = { verb: "insert", table: "todo", values: { title: "milk" } }
const [row] = (await bus.ask("store.order", order, "todo")).rows
console.log(`added ${row.title} as ${row.id}`)
for await (const fact of facts) {
  if (fact.body.id !== row.id) continue
  console.log(`heard it as revision ${fact.body.revision}`)
  await bus.ask("store.order", { verb: "undo", table: "todo", values: { change: fact.body.revision } }, "todo")
  break
}
bus.close()
