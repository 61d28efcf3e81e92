#!/bin/sh
# Make the virtual environment $1 with a Python of 3.11 or newer; keep one that works.
# `environment.sh $1 --forget-other`: only remove one of another Python than $PYTHON.
set -eu
venv=$1

version() {
    "$1" -c 'import sys; print(sys.version)' 2>/dev/null
}

if [ "${2:-}" = --forget-other ]; then
    if [ -x "$venv/bin/python" ] && named=$(version "$PYTHON") && [ "$named" != "$(version "$venv/bin/python")" ]; then
        rm -rf "$venv"
    fi
    exit 0
fi

recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if [ -x "$venv/bin/python" ] && recent "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0
fi

for python in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
    if command -v "$python" >/dev/null 2>&1 && recent "$python"; then
        found=$python
        break
    fi
done
if [ -z "${found:-}" ]; then
    echo "No Python of 3.11 or newer was found (python3 is: $(python3 --version 2>&1 || true))." >&2
    echo "Install one, or name it: make up PYTHON=/path/to/python3.11" >&2
    exit 1
fi
if ! "$found" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "$found cannot make virtual environments: its modules venv and ensurepip are missing." >&2
    echo "On Debian and Ubuntu: sudo apt-get install python3-venv" >&2
    exit 1
fi
echo "Making $venv with $("$found" --version) …"
rm -rf "$venv"
"$found" -m venv "$venv"
