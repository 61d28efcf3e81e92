"""Print a schedule that asks the assistant, as JSON, for `pianola at`: that command may not import `apps`.

`python -m apps.due.at WHEN TEXT`: the values of the row, and in `again` how often it comes again, in words.
"""

import json
import sys
from datetime import datetime

from apps.due.spoken import read_times
from apps.sentences import shortened
from apps.tables import BadValue
from apps.types.reader import HERE, zone_here
from apps.types.repeat import show_repeat
from bus.errors import EXIT_REFUSED

LONGEST_TITLE = 100


def main(arguments: list[str]) -> int:
    """Print it. Return 0, or 3 for a time that is not understood."""
    when, text = arguments
    try:
        times = read_times(when, datetime.now(zone_here()))
    except BadValue as problem:
        sys.stderr.write(f"pianola: {problem}\n")
        return EXIT_REFUSED
    values = {"title": shortened(text, LONGEST_TITLE), "kind": "prompt", "prompt": text, **times}
    again = show_repeat(times["repeat"], HERE) if times["repeat"] else ""
    sys.stdout.write(json.dumps({"values": values, "again": again}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
