// Print every message on the bus. It needs the packages zeromq and @msgpack/msgpack, and nothing of Pianola.
import { decode } from "@msgpack/msgpack"
import { Subscriber } from "zeromq"

const bus = new Subscriber()
bus.connect(`ipc://${process.env.PIANOLA_HOME}/run/subscribe`)
bus.subscribe("") // or "llm." for the model, "store.changed/todo" for one table
for await (const [topic, header, body] of bus) {
  console.log(topic.toString(), decode(header).sender, JSON.stringify(decode(body)))
}
