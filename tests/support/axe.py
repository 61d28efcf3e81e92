"""Checks accessibility with axe-core, in each theme, on a desktop's screen and a phone's."""

from typing import Any

from tests.support.browser import Tab
from tests.support.system import ROOT

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
THEMES = ("light", "dark", "matrix")
WRONG: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
"""What is right is not described, and no style sheet is read again: that saves a tenth."""
COLOURS = WRONG | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""The rules that a theme can break. All others are checked in the first one only: that saves a fifth of the time."""
DESKTOP, PHONE = SCREENS = ((1280, 800), (390, 844))
ON_PHONE = THEMES[:1]
"""The themes that are checked on a phone. Only the bar has other colours there: tests/whole/test_look.py sees to it."""


def violations(tab: Tab) -> list[str]:
    """Return what axe-core finds wrong. The tab must have been opened with `bypass_csp` and with reduced motion."""
    page, found = tab.page, []
    if page.evaluate("typeof axe") == "undefined":
        page.add_script_tag(path=AXE)
    before = page.evaluate("document.documentElement.dataset.theme")
    for theme in THEMES:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        for screen in SCREENS:
            width, height = screen
            page.set_viewport_size({"width": width, "height": height})
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{theme}: {wide} pixels on a screen of {width}"] if wide > width else []
            if screen == PHONE and theme not in ON_PHONE:
                continue
            rules = WRONG if theme == THEMES[0] else COLOURS
            made = page.evaluate("async (rules) => (await axe.run(rules)).violations", rules)
            found += [f"{theme} {width}: {one['id']} {node['html'][:160]}" for one in made for node in one["nodes"]]
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", before)
    return found
