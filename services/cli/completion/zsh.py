"""Completion for zsh: a function that finds the command among the words, and describes what can follow it."""

from collections.abc import Iterable

from services.cli.completion.tree import Node, Word

TEXT = """\
#compdef pianola
# Completion of `pianola` for zsh. Written by `pianola completion zsh`.
_pianola() {{
    local path_= word
    local -a choices options
    local known=' {known} '
    for word in "${{(@)words[2,CURRENT-1]}}"; do
        [[ $known == *" $path_/$word "* ]] && path_+="/$word"
    done
    local free= asked=
    case $path_ in
{cases}
    esac
    if [[ ${{words[CURRENT]}} == -* ]]; then
        _describe option options
        return
    fi
    (( $#choices )) && _describe command choices
    [[ -n $free ]] && _files
    [[ -n $asked ]] && _pianola_asked
}}
_pianola_asked() {{
    # What can follow is told by the apps; behind `field=` comes no blank.
    local -a found
    found=("${{(@f)$(pianola --complete "${{(@)words[2,CURRENT]}}" 2> /dev/null)}}")
    compadd -S '' -- "${{(@M)found:#*=}}"
    compadd -- "${{(@)found:#*=}}"
}}
if [[ $funcstack[1] == _pianola ]]; then
    _pianola "$@"
elif (( $+functions[compdef] )); then
    compdef _pianola pianola
fi
"""


def script(nodes: Iterable[Node]) -> str:
    """Return the script. It works as a file `_pianola` in `fpath`, and when it is sourced."""
    every = list(nodes)
    known = " ".join(f"/{'/'.join(node.path)}" for node in every if node.path)
    return TEXT.format(known=known, cases="\n".join(map(_case, every)))


def _case(node: Node) -> str:
    path = "".join(f"/{word}" for word in node.path)
    free, asked = ("yes" if one else "" for one in (node.free, node.is_asked))
    words = f"choices=({_listed(node.choices)}) options=({_listed(node.options)})"
    return f"        '{path}') {words} free={free} asked={asked} ;;"


def _listed(words: Iterable[Word]) -> str:
    return " ".join(f"'{word.text}:{word.about}'" for word in words)
