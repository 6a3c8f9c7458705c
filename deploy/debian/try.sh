#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Boots systemd in a tree of Debian packages, in namespaces of its own, and installs the package there: the unit of deploy/systemd must
# start, count real calls over a veth pair, read its configuration anew, serve systemd's socket, end by the watchdog when it hangs,
# and stop; an upgrade must keep the configuration, and purging leave nothing. As root, not in CI: about two minutes, and
#   apt-get install mmdebstrap systemd-container lintian
# try.sh [PACKAGE]: what npm run deb made if not given.
set -eu
cd "$(dirname "$0")/../.."
package=$(realpath "${1:-$(ls build/ringtap_*_"$(dpkg --print-architecture)".deb)}")
tree=$(mktemp -d /var/tmp/ringtap-deb-XXXXXX)

end() {
  if [ -n "${machine:-}" ]; then kill "$machine" 2>/dev/null || true; wait "$machine" 2>/dev/null || true; fi
  rm -rf "$tree"
}
trap end EXIT

echo '== lintian'
lintian --fail-on error,warning "$package" 2>&1 | { grep -v 'running with root privileges' || true; }

echo '== tree'
mmdebstrap --quiet --variant=minbase \
  --include=systemd-sysv,dbus,adduser,libatomic1,libstdc++6,iproute2,sip-tester,curl,ca-certificates bookworm "$tree"
cp "$package" "$tree/root/ringtap.deb"
cp deploy/debian/try-inside.sh "$tree/root"
# The next version, with another default.
mkdir "$tree/root/next"
dpkg-deb --raw-extract "$package" "$tree/root/next"
sed -i 's/^Version: .*/&+next/' "$tree/root/next/DEBIAN/control"
echo '# next' >>"$tree/root/next/etc/default/ringtap"
dpkg-deb --root-owner-group -Znone --build "$tree/root/next" "$tree/root/ringtap-next.deb" >/dev/null
rm -r "$tree/root/next"

echo '== systemd'
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --quiet --directory "$tree" --boot --register=no --keep-unit --private-network \
  --capability=CAP_NET_ADMIN,CAP_NET_RAW,CAP_SYS_ADMIN,CAP_BPF,CAP_PERFMON --system-call-filter=bpf --console=pipe \
  </dev/null >"$tree/console" 2>&1 &
machine=$!
init=''
for _ in $(seq 100); do
  sleep 0.2
  init=$(pgrep --parent "$machine" | head -n 1) && [ -n "$init" ] && [ "$(cat "/proc/$init/comm")" = systemd ] && break
done
nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup --root --wd=/proc/"$init"/root \
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive sh -eu /root/try-inside.sh
echo 'ok'
