// Join the bus of Pianola: hear what happens, say something, give orders and wait for their answers.
//
// One file, to be copied; it needs the packages zeromq and @msgpack/msgpack. docs/attach.md is the contract behind it.
//
//     import { Bus } from "./pianola_bus.mjs"
//     const bus = new Bus("my-program")
//     console.log((await bus.ask("store.order", { verb: "list", table: "todo" }, "todo")).rows)
//     for await (const heard of await bus.hear("store.changed/todo")) console.log(heard.body.verb, heard.body.row)

import { randomBytes } from "node:crypto"
import { homedir, platform } from "node:os"
import { decode, encode } from "@msgpack/msgpack"
import { Publisher, Subscriber } from "zeromq"

// of the bus: this file speaks no other
export const VERSION = 1

// the topics on which each kind of order is answered; SENDER is that of the asker
export const ANSWERS = {
  "store.order": ["store.answer/SENDER"],
  "store.back_up": ["store.backed_up/SENDER"],
  "llm.recall": ["llm.recalled/SENDER"],
  "llm.cancel": ["llm.recalled/SENDER"],
  "llm.pull": ["llm.pulled/"],
  "llm.unload": ["llm.unloaded/"],
  "job.run": ["job.answered/"],
  "job.cancel": ["job.answered/"],
  "mcp.call": ["mcp.answered/"],
}

// what shows that messages of a kind were lost: a number that counts for each value of a field
const COUNTERS = { "llm.token": ["generation", "index"], "store.changed": ["", "revision"] }
const FIRST_REPEAT_MS = 250
const LONGEST_REPEAT_MS = 2000
const LARGEST_FRAME_BYTES = 1024 * 1024

/** What was asked for did not happen; the message is a sentence. `code`: that of the answer, "" if none came. */
export class PianolaError extends Error {
  constructor(sentence, code = "") {
    super(sentence)
    this.code = code
  }
}

/** A connection to the bus. `home`: the data folder. */
export class Bus {
  #sub = new Subscriber({ heartbeatInterval: 2000, heartbeatTimeout: 4000, reconnectInterval: 10, reconnectMaxInterval: 100 })
  #pub = new Publisher({ heartbeatInterval: 2000, heartbeatTimeout: 4000, reconnectInterval: 10, reconnectMaxInterval: 100, linger: 500 })
  #seq = 0
  #greeted = false
  #orders = new Map() // by id: the kinds that answer it, and what takes the answer
  #readers = new Set()
  #prefixes = []
  #last = new Map()
  #sending = Promise.resolve()

  constructor(name, home = process.env.PIANOLA_HOME || usualHome()) {
    this.sender = `${name}-${randomBytes(4).toString("hex")}`
    this.home = home
    for (const kind of ["bus.greeted", "bus.refused", "bus.welcomed"]) this.#sub.subscribe(`${kind}/${this.sender}`)
    this.#sub.connect(`ipc://${home}/run/subscribe`)
    this.#pub.connect(`ipc://${home}/run/publish`)
    this.#receive()
  }

  /** Leave the bus. */
  close() {
    for (const reader of this.#readers) reader.end()
    this.#sub.close()
    this.#pub.close()
  }

  /** Return an async iterator of messages whose topic begins with one of the prefixes ("" for all). */
  async hear(...prefixes) {
    const wanted = prefixes.length ? prefixes : [""]
    const reader = new Reader(wanted, () => this.#readers.delete(reader))
    this.#readers.add(reader)
    this.#prefixes.push(...wanted)
    for (const prefix of wanted) this.#sub.subscribe(prefix)
    await this.greet()
    return reader
  }

  /** Publish a message; return its id. */
  async say(kind, body, key = "", { cause = "", id = "" } = {}) {
    await this.greet()
    return this.#say(kind, body, key, { cause, id })
  }

  /** Give an order, and repeat it until its answer comes; return the body of the answer. It takes effect once. */
  async ask(kind, body, key = "", { seconds = 10, id = `${this.sender}-${randomBytes(8).toString("hex")}` } = {}) {
    for (const topic of ANSWERS[kind]) this.#sub.subscribe(topic.replace("SENDER", this.sender))
    await this.greet()
    const until = Date.now() / 1000 + seconds
    const kinds = ANSWERS[kind].map(topic => topic.split("/")[0])
    const answer = new Promise((take, refuse) => this.#orders.set(id, { kinds, take, refuse }))
    let pause = FIRST_REPEAT_MS
    try {
      while (Date.now() / 1000 < until) {
        await this.#say(kind, body, key, { id, until })
        const found = await Promise.race([answer, later(Math.min(pause, until * 1000 - Date.now()))])
        if (found) return found
        pause = Math.min(pause * 2, LONGEST_REPEAT_MS)
      }
    } finally {
      this.#orders.delete(id)
    }
    throw new PianolaError(`no answer to ${kind}/${key} within ${seconds} s. \`pianola status\` shows what is wrong.`)
  }

  /** Wait until our own greeting comes back: from then on messages go through in both directions. */
  async greet(seconds = 5) {
    const until = Date.now() + seconds * 1000
    while (!this.#greeted) {
      if (Date.now() > until) {
        throw new PianolaError(`nobody answers at ${this.home}/run within ${seconds} s. Is Pianola running? (pianola status)`)
      }
      await this.#say("bus.greeted", {}, this.sender)
      await later(20)
    }
  }

  async #say(kind, body, key, { cause = "", id = "", until = 0 } = {}) {
    const seq = ++this.#seq
    const header = { v: VERSION, id: id || `${this.sender}-${seq}`, cause, sender: this.sender, seq, sent: Date.now() / 1000, until }
    const frames = [`${kind}/${key}`, encode(header), encode(body)]
    if (frames[2].length > LARGEST_FRAME_BYTES) {
      throw new PianolaError(`${kind}/${key} has ${frames[2].length} bytes, at most ${LARGEST_FRAME_BYTES} pass. Divide it.`)
    }
    this.#sending = this.#sending.then(() => this.#pub.send(frames)) // one at a time, as the socket wants it
    await this.#sending
    return header.id
  }

  async #receive() {
    for await (const frames of this.#sub) {
      const heard = this.#read(frames)
      if (heard) this.#take(heard)
    }
  }

  #read([first, head, rest]) {
    try {
      const topic = first.toString()
      const [kind, key] = [topic.split("/", 1)[0], topic.slice(topic.indexOf("/") + 1)]
      const body = decode(rest)
      return { kind, key, topic, header: decode(head), body, missed: this.#missed(kind, body) }
    } catch {
      return null // it is no message of the bus
    }
  }

  #take(heard) {
    if (heard.key === this.sender && heard.kind === "bus.greeted") this.#greeted = true
    // another broker: greet again before the next order
    if (heard.key === this.sender && heard.kind === "bus.welcomed" && this.#greeted) this.#greeted = false
    for (const reader of this.#readers) reader.push(heard)
    const order = this.#orders.get(heard.header.cause)
    if (order) this.#answer(order, heard)
  }

  #answer(order, { kind, body }) {
    const error = kind === "bus.refused" ? { code: body.code, message: body.reason } : body.error
    if (error?.code === "expired") return // an earlier repeat of it; ours has not expired
    if (error?.code) order.refuse(new PianolaError(error.message, error.code))
    else if (order.kinds.includes(kind)) order.take(body)
  }

  #missed(kind, body) {
    // only who hears all of a kind can count
    if (!COUNTERS[kind] || !this.#prefixes.some(prefix => `${kind}/`.startsWith(prefix))) return 0
    const [source, name] = COUNTERS[kind]
    const counted = `${kind} ${body[source] ?? ""}`
    const last = this.#last.get(counted) ?? body[name] - 1
    this.#last.set(counted, Math.max(last, body[name]))
    return Math.max(0, body[name] - last - 1)
  }
}

/** The messages that one `hear` asked for. */
class Reader {
  #waiting = []
  #next = null
  #ended = false

  constructor(prefixes, leave) {
    this.prefixes = prefixes
    this.leave = leave
  }

  push(heard) {
    if (!this.prefixes.some(prefix => heard.topic.startsWith(prefix))) return
    this.#waiting.push(heard)
    this.#next?.()
  }

  end() {
    this.#ended = true
    this.#next?.()
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (;;) {
        while (this.#waiting.length) yield this.#waiting.shift()
        if (this.#ended) return
        await new Promise(resolve => (this.#next = resolve))
      }
    } finally {
      this.leave()
    }
  }
}

const later = ms => new Promise(resolve => setTimeout(resolve, Math.max(ms, 0)))

/** Return the data folder when PIANOLA_HOME is not set. */
export function usualHome() {
  if (platform() === "darwin") return `${homedir()}/Library/Application Support/pianola`
  return `${process.env.XDG_DATA_HOME || `${homedir()}/.local/share`}/pianola`
}
