#!/bin/sh
# Brings the software Vulkan driver that GPU tests run on: Mesa's lavapipe, version 24 or newer, and the
# Vulkan loader. Dawn needs features that the Mesa of Debian 12 lacks, so there it comes from backports.
#
# Prints the path of the driver's manifest on standard output (everything else goes to standard error):
#   export VK_DRIVER_FILES="$(sh test/setup/gpu.sh)"
# Does nothing when a good driver is installed. Needs root otherwise.
set -eu

minimum=24

say() { echo "gpu.sh: $*" >&2; }

mesa_major() {
  dpkg-query -W -f '${Version}' mesa-vulkan-drivers 2>/dev/null | sed 's/^[0-9]*://; s/[^0-9].*//'
}

good_driver() {
  major="$(mesa_major || true)"
  [ -n "$major" ] && [ "$major" -ge "$minimum" ] && [ -n "$(manifest)" ] && ldconfig -p | grep -q 'libvulkan\.so\.1'
}

# The manifest is lvp_icd.json or lvp_icd.<architecture>.json, by Mesa's version.
manifest() {
  for file in /usr/share/vulkan/icd.d/lvp_icd*.json; do
    [ -e "$file" ] && echo "$file" && return
  done
  true
}

# The line of the system's own apt sources that names its main suite, as "mirror key".
own_source() {
  suite="$1"
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -e "$file" ] || continue
    awk -v suite="$suite" '
      function flush() { if (found && uri != "") { print uri, key; exit 0 } found = 0; uri = ""; key = "" }
      /^[ \t]*$/ { flush() }
      /^URIs:/ { uri = $2 }
      /^Suites:/ { for (i = 2; i <= NF; i++) if ($i == suite) found = 1 }
      /^Signed-By:/ { key = $2 }
      END { flush() }' "$file"
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -e "$file" ] || continue
    sed -n "s/^deb[ \t]\{1,\}\(\[[^]]*\]\)\{0,1\}[ \t]*\([^ \t]*\)[ \t]\{1,\}$suite[ \t].*/\2 \1/p" "$file" |
      sed 's/\[.*signed-by=\([^] ]*\).*\]/\1/; s/\[.*\]//'
  done
}

enable_backports() {
  suite="$1"
  set -- $(own_source "$suite" | head -n 1)
  [ $# -ge 1 ] || { say "found no apt source for the suite $suite to take the mirror from"; exit 1; }
  mirror="$1"
  options=""
  [ $# -ge 2 ] && options="[signed-by=$2] "
  echo "deb $options$mirror $suite-backports main" >"/etc/apt/sources.list.d/$suite-backports.list"
}

install_driver() {
  [ "$(id -u)" = 0 ] || { say "installing mesa-vulkan-drivers needs root"; exit 1; }
  . /etc/os-release
  target=""
  if [ "${VERSION_CODENAME:-}" = bookworm ]; then
    enable_backports bookworm
    target="-t bookworm-backports"
  fi
  apt-get update >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $target \
    mesa-vulkan-drivers libvulkan1 >&2
}

good_driver || install_driver
good_driver || { say "no lavapipe of Mesa $minimum or newer after installing"; exit 1; }
manifest
