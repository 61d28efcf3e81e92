"""Finds controls that cannot be scrolled into view, or that something lies over."""

from playwright.sync_api import Page

ZOOMED = {"width": 320, "height": 256}
"""A window of 1280 × 1024 at 400 %, in CSS pixels."""

COVERED = """(selector) => {
  const within = document.querySelector(selector);
  const shown = (one) => !one.disabled && !one.closest(".hidden, .skip")
    && one.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true });
  const found = [];
  for (const one of within.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    const target = one.labels?.[0] ?? one;
    if (!shown(one) || !shown(target)) continue;
    target.scrollIntoView({ block: "center", inline: "center" });
    const box = target.getBoundingClientRect();
    const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (there && (target.contains(there) || one.contains(there))) continue;
    found.push(`${one.tagName} ${one.id} “${one.textContent.slice(0, 40)}” is below ${there?.outerHTML.slice(0, 80)}`);
  }
  return found;
}"""


def unreachable(page: Page, within: str = "body") -> list[str]:
    """Return the controls in an element that cannot be clicked, and whether the page is wider than the screen."""
    wide, most = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    too_wide = [f"the page is {wide} pixels wide on a screen of {most}"] if wide > most else []
    found: list[str] = page.evaluate(COVERED, within)
    return too_wide + found
