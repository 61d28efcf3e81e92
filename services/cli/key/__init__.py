"""`pianola key`: the keys of programs that come over HTTP."""
