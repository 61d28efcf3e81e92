// Ten ways through the page in Firefox, by keyboard alone where there is a key.
//
//   node flows.mjs FIREFOX ADDRESS
//
// ADDRESS has the token of a running Pianola whose model adds a todo when it is told to, counts slowly when it is told
// to count, and else repeats what it hears. One line of JSON for each flow: its name, and what went wrong, "" for nothing.

import puppeteer from "puppeteer-core";

const PATIENCE_MILLISECONDS = 60_000;
const LOST = /WebSocket|NetworkError|can.t establish a connection/;

const [executablePath, address] = process.argv.slice(2);
const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
const problems = [];
/** The tab that all flows use, one after the other. */
let page = null;

async function opened() {
  const tab = await browser.newPage();
  await tab.setViewport({ width: 1280, height: 800 });
  tab.on("console", (message) => message.type() === "error" && !LOST.test(message.text()) && problems.push(message.text()));
  tab.on("pageerror", (error) => problems.push(String(error)));
  await tab.goto(address);
  await connected(tab);
  return tab;
}

/** Wait until a function of the page returns something true, and return that. */
async function until(act, what, tab = page, ...given) {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const found = await tab.evaluate(act, ...given).catch(() => null); // the page may be between two addresses
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

const connected = (tab) => until(() => document.body?.dataset.connected === "yes", "the page is connected", tab);
const titles = (tab) => tab.evaluate(() => [...document.querySelectorAll("#todo-list > li .title")].map((one) => one.textContent));
const row = (title, tab = page) =>
  until((text) => [...document.querySelectorAll("#todo-list > li .title")].some((one) => one.textContent === text), `the row ${title}`, tab, title);
const gone = (title, tab = page) =>
  until((text) => ![...document.querySelectorAll("#todo-list > li .title")].some((one) => one.textContent === text), `no row ${title}`, tab, title);
const said = (text) =>
  until((words) => [...document.querySelectorAll("#chat-log article .text")].some((one) => one.textContent.includes(words)), `the message ${text}`, page, text);
const focused = (selector) => until((one) => document.activeElement?.matches(one), `the focus is on ${selector}`, page, selector);
const blurred = () => page.evaluate(() => document.activeElement.blur());

async function press(...combinations) {
  for (const combination of combinations) {
    const keys = combination.split("+");
    for (const key of keys.slice(0, -1)) await page.keyboard.down(key);
    await page.keyboard.press(keys.at(-1));
    for (const key of keys.slice(0, -1).reverse()) await page.keyboard.up(key);
  }
}

async function reload() {
  await page.reload();
  await connected(page);
}

async function add(...all) {
  for (const title of all) {
    await page.focus("#todo-form input[name=title]");
    await focused("#todo-form input[name=title]");
    await page.keyboard.type(title);
    await press("Enter");
    await row(title);
  }
  await blurred();
}

/** Give the focus to a row, by the keys of the list. */
async function reach(title) {
  await blurred();
  for (let tries = 0; tries < 30; tries += 1) {
    await press("j");
    const now = await until(() => document.activeElement.closest("#todo-list > li")?.querySelector(".title").textContent, "a row has the focus");
    if (now === title) return;
  }
  throw new Error(`the key j does not lead to ${title}`);
}

async function say(text) {
  await page.focus("#chat-input");
  await page.keyboard.type(text);
  await press("Enter");
}

/** Wait until no answer is being written. */
const answered = () => until(() => document.getElementById("chat-stop").hidden && !document.querySelector("#chat-log > article[data-state=streaming]"), "the answer has ended");

const flows = {
  async "a todo is added, ticked and there after a reload"() {
    await add("Tune the piano");
    await reach("Tune the piano");
    await press(" ");
    const ticked = () => document.querySelector("#todo-list > li[data-done] .title")?.textContent === "Tune the piano";
    await until(ticked, "the row is ticked");
    await reload();
    await until(ticked, "the row is ticked after a reload");
  },

  async "a row is edited by keyboard, and another tab shows it"() {
    await add("milk");
    const other = await opened();
    await reach("milk");
    await press("Enter");
    await focused("form.edit input[name=title]");
    await press("Control+a");
    await page.keyboard.type("oat milk");
    await press("Enter");
    await row("oat milk", other);
    await other.close();
    await page.bringToFront();
    await until(() => document.hasFocus(), "the tab has the focus again");
  },

  async "a row is moved up by keyboard"() {
    await add("first", "second");
    await reach("second");
    const before = await titles(page);
    await press("Alt+ArrowUp");
    const place = before.indexOf("second");
    await until((at) => document.querySelectorAll("#todo-list > li .title")[at].textContent === "second", "the row has moved", page, place - 1);
    await reload();
    await until((at) => document.querySelectorAll("#todo-list > li .title")[at].textContent === "second", "the row stays there", page, place - 1);
  },

  async "a deleted row comes back by Ctrl+Z"() {
    await add("felt");
    await reach("felt");
    await press("Delete");
    await gone("felt");
    await blurred();
    await press("Control+z");
    await row("felt");
  },

  async "the assistant adds what it is told"() {
    await press("/");
    await focused("#chat-input");
    await page.keyboard.type("add bread");
    await press("Enter");
    await row("bread");
    await answered();
  },

  async "Escape stops an answer, and what was written stays"() {
    await say("count slowly");
    await until(() => /one/.test(document.querySelector("#chat-log > article[data-state=streaming] .text")?.textContent), "the answer begins");
    await press("Escape");
    await until(() => [...document.querySelectorAll("#chat-log > article")].at(-1).dataset.state === "stopped", "the answer is stopped");
    await reload();
    await said("one");
  },

  async "the search opens a row by keyboard"() {
    await blurred();
    await press("Control+k");
    await focused("#search-input");
    await page.keyboard.type("felt");
    await until(() => document.querySelector("#search [role=option]")?.textContent.includes("felt"), "a result");
    await press("ArrowDown", "Enter");
    await until(() => document.activeElement?.closest("#todo-list > li")?.textContent.includes("felt"), "the row is found");
  },

  async "drafts are there after a reload"() {
    await page.focus("#chat-input");
    await page.keyboard.type("half a thought");
    await until(() => Object.keys(localStorage).some((name) => name.startsWith("pianola-draft")), "the draft is kept");
    await reload();
    await until(() => document.getElementById("chat-input").value === "half a thought", "the draft is back");
    await page.focus("#chat-input");
    await press("Control+a", "Delete");
  },

  async "a conversation is left and found again"() {
    await say("remember the felt");
    await said("remember the felt");
    await answered();
    await page.focus("#new-conversation");
    await press("Enter");
    await until(() => !document.querySelector("#chat-log > article"), "a new conversation is empty");
    await page.goBack();
    await said("remember the felt");
  },

  async "a message is edited and sent again, and both versions are kept"() {
    await page.focus("#new-conversation");
    await press("Enter");
    await until(() => !document.querySelector("#chat-log > article"), "a new conversation is empty");
    await say("one");
    await said("Heard one");
    await answered();
    await page.focus("#chat-input");
    await press("ArrowUp");
    await focused("dialog textarea");
    await press("Control+a");
    await page.keyboard.type("two");
    await press("Enter");
    await said("Heard two");
    await until(() => document.querySelector("#chat-log .versions")?.textContent.includes("2 of 2"), "the line of versions");
  },
};

page = await opened();
for (const [name, flow] of Object.entries(flows)) {
  problems.length = 0;
  let problem = "";
  try {
    await flow();
  } catch (error) {
    const shown = await page.evaluate(() => document.body.innerText).catch(() => "");
    problem = `${error.stack ?? error}\nThe page shows: ${shown.slice(0, 2000)}`;
  }
  console.log(JSON.stringify({ name, problem: [problem, ...problems].filter(Boolean).join("\n") }));
}
await browser.close();
