"""Completion for fish: one line for each word that can follow a command."""

from collections.abc import Iterable, Iterator

from services.cli.completion.tree import Node

HEAD = """\
# Completion of `pianola` for fish. Written by `pianola completion fish`.
function __pianola_at
    # Whether the words before the cursor that are commands are these.
    set -l path
    set -l tokens (commandline -opc)
    for token in $tokens[2..-1]
        if contains -- (string join / -- $path $token) {known}
            set -a path $token
        end
    end
    set -l joined (string join / -- $path)
    test "$joined" = "$argv[1]"
end
function __pianola_asked
    # What can follow is told by the apps.
    pianola --complete (commandline -opc)[2..-1] (commandline -ct) 2> /dev/null
end
complete -c pianola -f
"""


def script(nodes: Iterable[Node]) -> str:
    """Return the script."""
    every = list(nodes)
    known = " ".join("/".join(node.path) for node in every if node.path)
    return HEAD.format(known=known) + "".join(line for node in every for line in _lines(node))


def _lines(node: Node) -> Iterator[str]:
    at = f"complete -c pianola -n '__pianola_at \"{'/'.join(node.path)}\"'"
    if node.is_asked:
        yield f"{at} -a '(__pianola_asked)'\n"
    for choice in node.choices:
        yield f"{at} -a {choice.text} -d '{choice.about}'\n"
    for option in node.options:
        yield f"{at} -l {option.text.lstrip('-')} -d '{option.about}'\n"
    if node.free:
        yield f"{at} -F\n"
