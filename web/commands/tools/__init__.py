"""Tools of other programs: allow one, ask first again, add or remove a server."""
