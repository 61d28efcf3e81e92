"""Completion for bash: a function that finds the command among the words, and offers what can follow it."""

from collections.abc import Iterable

from services.cli.completion.tree import Node

TEXT = """\
# Completion of `pianola` for bash. Written by `pianola completion bash`.
_pianola() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} path= known i
    known=' {known} '
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ $known == *" $path/${{COMP_WORDS[i]}} "* ]] && path+="/${{COMP_WORDS[i]}}"
    done
    local words= options= asked=
    case $path in
{cases}
    esac
    COMPREPLY=()
    [[ $word == -* ]] && words=$options
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    [[ -n $asked && $word != -* ]] && _pianola_asked
}}
_pianola_asked() {{
    # What can follow is told by the apps. Bash takes `done=true` apart, so the line is read again.
    local line=${{COMP_LINE:-${{COMP_WORDS[*]}}}} typed word
    line=${{line:0:${{COMP_POINT:-${{#line}}}}}}
    read -ra typed <<< "$line"
    [[ $line == *' ' ]] && typed+=('')
    word=${{typed[${{#typed[@]}}-1]}}
    COMPREPLY=()
    while IFS= read -r line; do
        [[ $line == "$word"* ]] && COMPREPLY+=("$line")
    done < <(pianola --complete "${{typed[@]:1}}" 2> /dev/null)
    [[ ${{COMPREPLY[0]}} == *= ]] && compopt -o nospace 2> /dev/null
    [[ $word == *=* && $COMP_WORDBREAKS == *=* ]] && COMPREPLY=("${{COMPREPLY[@]#"${{word%=*}}="}}")
    return 0
}}
complete -o default -F _pianola pianola
"""


def script(nodes: Iterable[Node]) -> str:
    """Return the script. Where a file can follow, bash offers files, as it does when we offer nothing."""
    every = list(nodes)
    known = " ".join(f"/{'/'.join(node.path)}" for node in every if node.path)
    return TEXT.format(known=known, cases="\n".join(map(_case, every)))


def _case(node: Node) -> str:
    words, options = (" ".join(one.text for one in many) for many in (node.choices, node.options))
    path = "".join(f"/{word}" for word in node.path)
    asked = "yes" if node.is_asked else ""
    return f"        '{path}') words='{words}' options='{options}' asked={asked} ;;"
