// Marks the words of a search in what it led to. The elements of the page stay as they are: the browser paints the marks
// (CSS custom highlights), where it can.

const NAME = "found";
/** Accents that the search leaves out, as in bus/text/normal.py: of Latin, Greek, Cyrillic, Hebrew and Arabic letters. */
const ACCENTS = /[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640]/g;
const NOT_SHOWN = "form, button, .hidden, [hidden]";

const normal = (text) => text.normalize("NFKD").toLowerCase().replace(ACCENTS, "").replaceAll("ß", "ss").normalize("NFC");

/** Mark words in an element, and go to the first one, if it is out of view. */
export function mark(element, words) {
  if (!globalThis.Highlight) return;
  const ranges = places(element, words.split(/\s+/).map(normal).filter(Boolean));
  CSS.highlights.set(NAME, new Highlight(...ranges));
  const [first] = ranges;
  const { top, bottom } = first?.getBoundingClientRect() ?? { top: 0, bottom: 0 };
  if (top < 0 || bottom > innerHeight) first.startContainer.parentElement.scrollIntoView({ block: "center" });
}

/** Return a range for each place of one of the words in normal form. */
function places(element, wanted) {
  const { text, origins } = read(element);
  const found = [];
  for (const word of wanted) {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
      const [first, last] = [origins[at], origins[at + word.length - 1]];
      const range = new Range();
      range.setStart(first.node, first.start);
      range.setEnd(last.node, last.end);
      found.push(range);
    }
  }
  return found.sort((one, other) => one.compareBoundaryPoints(Range.START_TO_START, other));
}

/** Return the text of an element in normal form, and for each of its characters the letter that it comes from. */
function read(element) {
  const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const letters = new Intl.Segmenter("en", { granularity: "grapheme" });
  const origins = [];
  let text = "";
  while (nodes.nextNode()) {
    const node = nodes.currentNode;
    if (node.parentElement.closest(NOT_SHOWN)) continue;
    for (const { segment, index } of letters.segment(node.data)) {
      const piece = normal(segment);
      text += piece;
      for (const _ of piece.split("")) origins.push({ node, start: index, end: index + segment.length });
    }
  }
  return { text, origins };
}
