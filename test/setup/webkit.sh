#!/bin/sh
# Brings what `npm run test:webkit` needs: WebKitGTK's own small browser (MiniBrowser, part of webkit2gtk-driver) and a
# screen that nobody sees. Does nothing where both are installed. Needs root otherwise.
set -eu

say() { echo "webkit.sh: $*" >&2; }

installed() {
  command -v xvfb-run >/dev/null && ls /usr/lib/*/webkit2gtk-4.1/MiniBrowser >/dev/null 2>&1
}

installed && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  say "install webkit2gtk-driver, xvfb and xauth (the names of Debian's packages)"
  exit 1
fi
apt-get update >&2
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends webkit2gtk-driver xvfb xauth >&2
installed
