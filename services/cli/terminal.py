"""The terminal: while we run in its foreground, Ctrl-C is ours alone.

`make` and its children form one group, and Ctrl-C reaches all of the group: make would then end with an error although
we ended well. So we become a group of our own, in the foreground, and give the terminal back at the end.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def foreground() -> Iterator[None]:
    """Take the terminal if we are in its foreground; without a terminal, or in the background, change nothing."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        yield
        return
    before = os.tcgetpgrp(terminal)
    ours = before == os.getpgrp() and os.getpid() != os.getsid(0) and os.getpid() != before
    if ours:
        _take(terminal)
    try:
        yield
    finally:
        if ours:
            _give_back(terminal, before)
        os.close(terminal)


def _take(terminal: int) -> None:
    # Whoever sets the foreground from the background is stopped, unless it ignores this signal. And Ctrl-Z would leave
    # make waiting with nobody who could wake us.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())


def _give_back(terminal: int, group: int) -> None:
    try:
        os.tcsetpgrp(terminal, group)
    except OSError:
        return  # the group, or the terminal, is gone: nobody waits for it
