#!/bin/sh
# See that there is a browser for the tests: Chromium without a window, which takes half the processor time, or any other
# Chromium. Install the system's where that is possible.
set -eu

have() {
    command -v "$1" >/dev/null 2>&1
}

if have chromium-headless-shell; then
    exit 0
fi
if [ -z "${CI:-}" ] && { have chromium || have chromium-browser || have google-chrome; }; then
    exit 0
fi

if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    as_root=impossible
fi
if [ "$as_root" != impossible ] && have apt-get; then
    echo "Installing Chromium from the system's packages …"
    $as_root apt-get update -qq || true
    for package in chromium-headless-shell chromium; do
        $as_root apt-get install -qq -y "$package" >/dev/null 2>&1 && exit 0
    done
fi
if have chromium || have chromium-browser || have google-chrome; then
    exit 0
fi
echo "The browser tests need Chromium, and it could not be installed here." >&2
echo "Install it (Debian: sudo apt-get install chromium-headless-shell), then run make test again." >&2
exit 1
