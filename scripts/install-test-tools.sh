#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what the tests need beside Node, from Debian's archive. Does nothing where all is there.
set -eu

packages='
  clang-19
  curl
  ethtool
  gcc
  iproute2
  jsonnet
  kamailio
  kamailio-tls-modules
  kamailio-websocket-modules
  libbpf-dev
  libc6-dev
  libcap2-bin
  openssl
  procps
  prometheus
  python3
  python3-phonenumbers
  rtpengine-daemon
  sip-tester
  systemd
  tcpreplay
  tshark
'

missing=''
for package in $packages; do
  # A package that was removed but not purged is still known to dpkg, with another status.
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
if [ -z "$missing" ]; then
  exit 0
fi

if [ "$(id -u)" -ne 0 ]; then
  echo "The tests need these packages:$missing. Install them as root: sudo $0" >&2
  exit 1
fi

# The tests run kamailio, rtpengine and prometheus themselves: no service is to start (invoke-rc.d and
# deb-systemd-invoke ask this file).
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi

install() {
  # shellcheck disable=SC2086 # a list of words
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends $missing
}
# The package lists may be missing (a fresh container) or old: they are read anew only where that is so.
install || { apt-get update --quiet && install; }

# Nor at the next boot.
for service in kamailio prometheus rtpengine-daemon; do
  case "$missing " in
    *" $service "*) update-rc.d "$service" disable ;;
  esac
done
