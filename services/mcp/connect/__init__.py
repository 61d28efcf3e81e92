"""What Pianola takes from other programs: it connects to their servers and calls their tools, with limits for all.

Whatever a server does (print rubbish, hang, die, send 50 MB), it is one sentence, and nobody else waits for it.
"""
