#!/bin/sh
# See that there is a Chromium for the browser tests; install the system's where that is possible.
set -eu

for browser in chromium chromium-browser google-chrome; do
    if command -v "$browser" >/dev/null 2>&1; then
        exit 0
    fi
done

if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    as_root=impossible
fi
if [ "$as_root" != impossible ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium from the system's packages …"
    $as_root apt-get update -qq && $as_root apt-get install -qq -y chromium >/dev/null && exit 0
fi
echo "The browser tests need Chromium, and it could not be installed here." >&2
echo "Install it (Debian: sudo apt-get install chromium), then run make test again." >&2
exit 1
