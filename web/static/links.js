// The picture of a link graph: drawn with cytoscape, which is loaded when the first graph is shown.
//
// The job has computed where each page stands (graph.json), so nothing is laid out here. When the server draws the pane
// again, the picture moves into the new one and stays as it was.

import { onKeys } from "./keys.js";
import { send } from "./link.js";

const CYTOSCAPE = "./vendor/cytoscape.esm.min.mjs";
const MEGABYTE = 1024 * 1024;
const MOST_LISTED = 100;
const MOST_MATCHES = 12;
const PAGE = { url: 0, x: 1, y: 2, depth: 3, status: 4, linksIn: 5, linksOut: 6, title: 7 };
const LAST_DEPTH = 5;
const ZOOM = 1.4;
const STEP = 60;
const MARGIN = 80;
const VISIBLE_ZOOM = 0.45;
const FIRST_EDGES = 2_000;
const MORE_EDGES = 2_500;
const NOFOLLOW = 1;

/** The graph in view, else null: `job`, `data`, `cy`, `chosen`, `box` (the element that cytoscape draws into). */
let shown = null;

const byId = (id) => document.getElementById(id);

/** Show the picture of the graph whose place is in the page; called after HTML has arrived. */
export function prepare() {
  const place = byId("graph-picture");
  if (!place) {
    close();
    return;
  }
  if (shown?.job !== place.dataset.job) {
    close();
    shown = { job: place.dataset.job, data: null, cy: null, chosen: null, box: null, theme: "" };
    load(shown);
  } else if (shown.cy && shown.box.parentElement !== place) {
    place.append(shown.box);
    ready(shown);
  } else if (shown.cy && shown.theme !== document.documentElement.dataset.theme) {
    paint();
  }
}

function close() {
  shown?.cy?.destroy();
  shown = null;
}

function note(text) {
  const line = byId("graph-note");
  if (line) line.textContent = text;
}

async function load(graph) {
  try {
    const [answer, { default: cytoscape }] = await Promise.all([
      fetch(`/jobs/${graph.job}/graph.json`),
      import(CYTOSCAPE),
    ]);
    if (!answer.ok) throw new Error(`the answer has status ${answer.status}`);
    graph.data = await answer.json();
    if (shown === graph) draw(graph, cytoscape);
  } catch (problem) {
    if (shown === graph) note(`The picture could not be loaded (${problem.message}). The tables below say the same.`);
  }
}

function draw(graph, cytoscape) {
  graph.box = document.createElement("div");
  graph.box.className = "graph-box";
  byId("graph-picture").append(graph.box);
  graph.cy = cytoscape({
    container: graph.box,
    elements: [...nodes(graph.data, graph.box), ...edgesOf(graph.data, 0, FIRST_EDGES)],
    layout: { name: "preset", fit: false },
    style: styles(),
    minZoom: 0.02,
    maxZoom: 4,
    hideEdgesOnViewport: graph.data.edges.length > 2_000,
    textureOnViewport: graph.data.edges.length > 2_000,
    pixelRatio: 1,
    boxSelectionEnabled: false,
    autoungrabify: true,
  });
  graph.theme = document.documentElement.dataset.theme;
  graph.cy.on("tap", "node", (event) => choose(Number(event.target.id())));
  fit();
  ready(graph);
  addEdges(graph);
}

/** Add the links that were left out at first: the picture stands early, and the tab is never frozen for long. */
async function addEdges(graph) {
  for (let begin = FIRST_EDGES; begin < graph.data.edges.length; begin += MORE_EDGES) {
    await new Promise((resolve) => setTimeout(resolve, 30));
    if (shown !== graph) return;
    graph.cy.add(edgesOf(graph.data, begin, begin + MORE_EDGES));
    if (graph.chosen !== null) mark(graph.chosen);
  }
  byId("graph-section").dataset.whole = "yes";
}

/** Show the whole graph. Cytoscape's own way measures each link first, which takes longer than to draw them. */
function fit() {
  const { cy, data } = shown;
  cy.viewport(fitted(data, cy.width(), cy.height()));
}

/** Return the zoom and the place with which all pages fit into a box. */
function fitted({ pages }, across, down) {
  const [xs, ys] = [PAGE.x, PAGE.y].map((axis) => pages.map((page) => page[axis]));
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const zoom = Math.min(across / (width + MARGIN), down / (height + MARGIN), 1.5);
  return { zoom, pan: { x: across / 2 - (left + width / 2) * zoom, y: down / 2 - (top + height / 2) * zoom } };
}

function ready(graph) {
  const { pages, edges, total_pages, total_edges } = graph.data;
  const whole = pages.length === total_pages && edges.length === total_edges;
  const count = (number) => number.toLocaleString("en");
  const drawn = `${count(pages.length)} pages and ${count(edges.length)} links`;
  note(whole ? drawn : `${drawn} are drawn, those nearest to the start, of ${count(total_pages)} and ${count(total_edges)}`);
  if (graph.theme !== document.documentElement.dataset.theme) paint();
  if (graph.chosen !== null) showChosen(graph.chosen);
  byId("graph-section").dataset.drawn = "yes";
}

/** Return the pages for cytoscape: larger ones have more links to them; in a large graph all are larger. */
function nodes(data, box) {
  const { pages } = data;
  const colours = coloursOf(pages);
  const scale = Math.max(1, VISIBLE_ZOOM / fitted(data, box.clientWidth, box.clientHeight).zoom);
  const size = (links) => scale * (8 + Math.min(28, 3 * Math.sqrt(links)));
  return pages.map((page, place) => ({
    group: "nodes",
    data: { id: String(place), colour: colours[place], size: size(page[PAGE.linksIn]) },
    position: { x: page[PAGE.x], y: page[PAGE.y] },
  }));
}

function edgesOf({ edges }, begin, end) {
  const ends = edges.slice(begin, end).filter(([source, target]) => source !== target);
  return ends.map(([source, target]) => ({ group: "edges", data: { source: String(source), target: String(target) } }));
}

// --- colours: the legend has them, so that each theme can have its own ---

function colour(name) {
  return getComputedStyle(document.querySelector(`[data-swatch="${name}"]`)).backgroundColor;
}

function kindOf(page) {
  if (byId("graph-colour").value === "depth") {
    const depth = page[PAGE.depth];
    return `depth-${depth < 0 ? LAST_DEPTH : Math.min(depth, LAST_DEPTH)}`;
  }
  const status = page[PAGE.status];
  if (status >= 200 && status < 300) return "status-0";
  if (status >= 300 && status < 400) return "status-1";
  return status >= 400 ? "status-2" : "status-3";
}

function styles() {
  return [
    { selector: "node", style: { width: "data(size)", height: "data(size)", "background-color": "data(colour)" } },
    { selector: "edge", style: { width: 1, "line-color": "#888888", "line-opacity": 0.35, "curve-style": "haystack" } },
    { selector: "edge.out", style: { width: 3, "line-opacity": 1, "line-color": "#1f78b4", "z-index": 8 } },
    { selector: "edge.in", style: { width: 3, "line-opacity": 1, "line-color": "#e07b00", "z-index": 8 } },
    { selector: "node.chosen", style: { "border-width": 6, "border-color": "#d6336c", "z-index": 9 } },
  ];
}

/** Colour the pages as chosen, in the colours of the theme. */
function paint() {
  const { cy, data } = shown;
  const by = byId("graph-colour").value;
  for (const name of ["depth", "status"]) byId(`graph-legend-${name}`).hidden = name !== by;
  shown.theme = document.documentElement.dataset.theme;
  const colours = coloursOf(data.pages);
  cy.batch(() => cy.nodes().forEach((node, place) => node.data("colour", colours[place])));
}

/** Return the colour of each page. */
function coloursOf(pages) {
  const known = new Map();
  return pages.map((page) => {
    const kind = kindOf(page);
    if (!known.has(kind)) known.set(kind, colour(kind));
    return known.get(kind);
  });
}

// --- the chosen page ---

function choose(place) {
  const { cy } = shown;
  shown.chosen = place;
  const node = mark(place);
  cy.animate({ center: { eles: node }, zoom: Math.max(cy.zoom(), 0.5), duration: calm() ? 0 : 250 });
  showChosen(place);
}

/** Mark a page and its links; return its node. */
function mark(place) {
  const { cy } = shown;
  const node = cy.getElementById(String(place));
  cy.batch(() => {
    cy.elements(".chosen, .in, .out").removeClass("chosen in out");
    node.addClass("chosen");
    node.outgoers("edge").addClass("out");
    node.incomers("edge").addClass("in");
  });
  return node;
}

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function chooseUrl(url) {
  const place = shown?.data?.pages.findIndex((page) => page[PAGE.url] === url) ?? -1;
  if (place < 0) {
    note(`${url} is not in the picture, which shows the pages nearest to the start.`);
    return;
  }
  choose(place);
  byId("graph-section").scrollIntoView({ block: "nearest" });
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function showChosen(place) {
  const { pages, edges } = shown.data;
  const page = pages[place];
  const box = byId("graph-chosen");
  const link = element("a", { href: page[PAGE.url], target: "_blank", rel: "noopener noreferrer", dir: "ltr" });
  link.textContent = page[PAGE.url];
  const facts = [
    page[PAGE.depth] < 0 ? "no click leads here from the start" : `${page[PAGE.depth]} clicks from the start`,
    page[PAGE.status] > 0 ? `HTTP ${page[PAGE.status]}` : "",
    `${page[PAGE.linksIn]} links to it`,
    `${page[PAGE.linksOut]} links of its own`,
  ];
  box.replaceChildren(
    element("h4", { textContent: page[PAGE.title] || "The chosen page", dir: "auto" }),
    element("p", {}, link),
    element("p", { className: "note", textContent: facts.filter(Boolean).join(" · ") }),
    linkList("Links to it", edges.filter(([, target]) => target === place), 0),
    linkList("Links of its own", edges.filter(([source]) => source === place), 1),
  );
  box.hidden = false;
}

function linkList(title, edges, end) {
  const items = edges.slice(0, MOST_LISTED).map((edge) => {
    const url = shown.data.pages[edge[end]][PAGE.url];
    const mark = edge[2] === NOFOLLOW ? " (nofollow)" : edge[2] ? " (redirect)" : "";
    return element("li", {}, pageButton(url), mark);
  });
  const more = edges.length > items.length ? ` (the first ${items.length} of ${edges.length})` : ` (${edges.length})`;
  return element("div", {}, element("h5", { textContent: title + more }), element("ul", {}, ...items));
}

function pageButton(url) {
  const made = element("button", { type: "button", className: "page-link", textContent: url, dir: "ltr" });
  made.dataset.page = url;
  return made;
}

function search(text) {
  const list = byId("graph-matches");
  const wanted = text.trim().toLowerCase();
  const found = wanted && shown?.data ? shown.data.pages.filter((page) => matches(page, wanted)) : [];
  const items = found.slice(0, MOST_MATCHES).map((page) => element("li", {}, pageButton(page[PAGE.url])));
  if (wanted && !items.length) items.push(element("li", { textContent: "No page in the picture has that in its address." }));
  list.replaceChildren(...items);
  list.hidden = items.length === 0;
}

const matches = (page, wanted) =>
  page[PAGE.url].toLowerCase().includes(wanted) || page[PAGE.title].toLowerCase().includes(wanted);

function zoom(factor) {
  const { cy } = shown;
  cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
}

const KEYS = {
  "+": () => zoom(ZOOM),
  "=": () => zoom(ZOOM),
  "-": () => zoom(1 / ZOOM),
  0: fit,
  ArrowLeft: () => shown.cy.panBy({ x: STEP, y: 0 }),
  ArrowRight: () => shown.cy.panBy({ x: -STEP, y: 0 }),
  ArrowUp: () => shown.cy.panBy({ x: 0, y: STEP }),
  ArrowDown: () => shown.cy.panBy({ x: 0, y: -STEP }),
};
const BUTTONS = { "graph-in": KEYS["+"], "graph-out": KEYS["-"], "graph-fit": KEYS[0] };

document.addEventListener("click", (event) => {
  const button = event.target.closest("#app button");
  if (!button) return;
  if (button.dataset.page !== undefined) chooseUrl(button.dataset.page);
  else if (shown?.cy && button.id in BUTTONS) BUTTONS[button.id]();
});
onKeys(document, (event) => {
  if (event.target.id === "graph-search" && event.key === "Enter") byId("graph-matches").querySelector("button")?.click();
  if (event.target.id !== "graph-picture" || !shown?.cy || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in KEYS) {
    event.preventDefault();
    KEYS[event.key]();
  }
});
document.addEventListener("input", (event) => {
  if (event.target.id === "graph-search") search(event.target.value);
});
document.addEventListener("change", (event) => {
  if (event.target.id === "graph-colour" && shown?.cy) paint();
  if (event.target.id === "links-file") upload(event.target);
});

// --- a file with links ---

function showProblem(sentence) {
  const line = byId("links-file-problem");
  line.textContent = sentence;
  line.hidden = sentence === "";
}

async function upload(input) {
  const [file] = input.files;
  if (!file) return;
  showProblem("");
  const most = Number(input.dataset.largest);
  if (file.size > most) {
    const size = Math.ceil(file.size / MEGABYTE);
    showProblem(`The file has ${size} MB. At most ${most / MEGABYTE} MB are taken: pack it with gzip, or split it.`);
    input.value = "";
    return;
  }
  input.disabled = true;
  try {
    const answer = await fetch("/uploads", { method: "POST", body: file });
    const text = (await answer.text()).trim();
    if (answer.ok) send({ do: "job-run", app: "links", job: "import_csv", name: file.name.slice(0, 255), file: text });
    else showProblem(text.startsWith("<") ? `The file was not taken: the answer has status ${answer.status}.` : text);
  } catch {
    showProblem("The upload failed: the connection broke, or the file was changed meanwhile. Choose the file again.");
  } finally {
    input.disabled = false;
    input.value = "";
  }
}
