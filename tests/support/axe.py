"""Checks accessibility with axe-core, in each theme, on a desktop's screen and a phone's."""

from tests.support.browser import Tab
from tests.support.system import ROOT

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
THEMES = ("light", "dark", "matrix")
WRONG = {"resultTypes": ["violations"]}
"""What is right is not described: that saves a tenth."""
COLOURS = WRONG | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""The rules that a theme can break. All others are checked in the first one only: that saves a fifth of the time."""
SCREENS = ((1280, 800), (390, 844))


def violations(tab: Tab) -> list[str]:
    """Return what axe-core finds wrong. The tab must have been opened with `bypass_csp` and with reduced motion."""
    page, found = tab.page, []
    if page.evaluate("typeof axe") == "undefined":
        page.add_script_tag(path=AXE)
    before = page.evaluate("document.documentElement.dataset.theme")
    for theme in THEMES:
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        for width, height in SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{theme}: {wide} pixels on a screen of {width}"] if wide > width else []
            rules = WRONG if theme == THEMES[0] else COLOURS
            made = page.evaluate("async (rules) => (await axe.run(rules)).violations", rules)
            found += [f"{theme} {width}: {one['id']} {node['html'][:160]}" for one in made for node in one["nodes"]]
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", before)
    return found
