// What of an answer is shown while it grows: an instruction to the apps is held back, because its card will show it.
//
// Only a guess, for as long as the text grows: the finished answer comes from the server, which knows exactly.

/** Where an instruction begins, with its fence. */
const BEGINS = /(?:```[\w-]{0,20}\s{0,9})?\[?\s{0,9}\{\s{0,9}["'“]?operation/;
/** An end of the text that may become such a beginning with the next token. */
const MAY_BEGIN = /(?:`{1,3}|```[\w-]{0,20}\s{0,9})?(?:\[\s{0,9})?(?:\{\s{0,9}["'“]?o?p?e?r?a?t?i?o?)?$/;
/** Characters of an instruction without an end, after which it is shown, as everything behind it. */
const LONGEST = 20000;

/** The text of one message as it comes in; `add` returns what is to be shown of it. */
export class Folding {
  #held = "";
  /** The character that was shown last. */
  #last = "";
  #inside = false;
  /** What comes next stands behind an instruction, and there was space before it. */
  #behind = false;
  #givenUp = false;

  add(text) {
    if (this.#givenUp) return text;
    this.#held += text;
    let shown = "";
    let before;
    do {
      before = this.#held.length;
      if (!this.#inside) shown += this.#enter();
      if (this.#inside) this.#leave();
    } while (this.#held.length !== before);
    this.#givenUp = this.#inside && this.#held.length > LONGEST;
    return this.#givenUp ? shown + this.#held : shown;
  }

  /** Show what comes before an instruction, or may not become one; not the space on both its sides. */
  #enter() {
    if (this.#behind) this.#held = this.#held.trimStart();
    if (this.#held) this.#behind = false;
    const begin = this.#held.search(BEGINS);
    this.#inside = begin >= 0;
    const shown = this.#held.slice(0, this.#inside ? begin : this.#held.search(MAY_BEGIN));
    this.#held = this.#held.slice(shown.length);
    this.#last = shown.at(-1) ?? this.#last;
    return shown;
  }

  /** Drop an instruction that is complete, with its fence. */
  #leave() {
    const end = this.#held.startsWith("```") ? behindFence(this.#held) : behindBraces(this.#held);
    if (end > 0) {
      this.#held = this.#held.slice(end);
      this.#inside = false;
      this.#behind = this.#last.trim() === "";
    }
  }
}

function behindFence(text) {
  const close = text.indexOf("```", 3);
  return close < 0 ? 0 : close + 3;
}

function behindBraces(text) {
  let depth = 0;
  let quoted = false;
  for (let place = 0; place < text.length; place++) {
    const letter = text[place];
    if (letter === "\\") place++;
    else if (letter === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (letter === "{" || letter === "[") depth++;
    else if ((letter === "}" || letter === "]") && --depth === 0) return place + 1;
  }
  return 0;
}
