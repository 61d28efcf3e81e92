"""Become the only process that gets Ctrl-C from the terminal.

`make` and its children form one process group, and Ctrl-C reaches the whole group: make would then fail although we
stopped properly. So we make a process group of our own, put it into the foreground, and give the terminal back later.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager


def hear_ctrl_c() -> None:
    """Let Ctrl-C end us, also where a shell script runs us in the background: it has us ignore the signal."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def has_terminal() -> bool:
    """Return whether we belong to a terminal, so that its Ctrl-C reaches us; not after `setsid`, for example."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC | os.O_NOCTTY))
    except OSError:
        return False
    return True


@contextmanager
def foreground() -> Iterator[None]:
    """Take the terminal if we are in its foreground. Without a terminal, or in the background, change nothing."""
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
    # A background process that changes the foreground group is stopped by SIGTTOU, unless it ignores that signal.
    # SIGTSTP (Ctrl-Z) is ignored because nothing could wake us again, and make would wait without end.
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())


def _give_back(terminal: int, group: int) -> None:
    try:
        os.tcsetpgrp(terminal, group)
    except OSError:
        return  # the group or the terminal is gone
