#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what the tests need beside Node, from Debian's archive. Does nothing where all is there.
set -eu

architecture=$(dpkg --print-architecture)
case $architecture in
  arm64) emulator=qemu-system-arm ;;
  *) emulator=qemu-system-x86 ;;
esac
packages="
  busybox-static
  clang-19
  cpio
  curl
  ethtool
  gcc
  iproute2
  jsonnet
  kamailio
  kamailio-tls-modules
  kamailio-websocket-modules
  kmod
  libbpf-dev
  libc6-dev
  libcap2-bin
  openssl
  procps
  prometheus
  python3
  python3-phonenumbers
  $emulator
  rtpengine-daemon
  sip-tester
  systemd
  tcpreplay
  tshark
  xz-utils
"
# Programs that Debian 12 has too old, of Debian 13, and the kernels of both for scripts/run-on-kernel.sh, in a folder of
# their own: what is installed stays of one release.
older=bookworm
newer=trixie
newer_files="libzstd.so.1 prometheus victoria-metrics linux-$older linux-$newer"
# test/support/newer-tool.ts has it too.
newer_folder=/opt/ringtap-test-tools

missing=''
for package in $packages; do
  # A package that was removed but not purged is still known to dpkg, with another status.
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
missing_files=''
for file in $newer_files; do
  [ -e "$newer_folder/$file" ] || missing_files="$missing_files $file"
done
if [ -z "$missing$missing_files" ]; then
  exit 0
fi

if [ "$(id -u)" -ne 0 ]; then
  echo "The tests need of Debian:$missing; of Debian $newer:$missing_files. Install it as root: sudo $0" >&2
  exit 1
fi

policy=/usr/sbin/policy-rc.d
is_our_policy=false
work=''
clean_up() {
  ! $is_our_policy || rm -f "$policy"
  [ -z "$work" ] || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

install_packages() {
  # The tests run kamailio, rtpengine and prometheus themselves: no service is to start (invoke-rc.d and
  # deb-systemd-invoke ask this file).
  if [ ! -e "$policy" ]; then
    is_our_policy=true
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
}

# From the mirror that the machine has, by lists of their own: apt verifies them as it does any other, and what the
# machine installs is still chosen from what it had.
install_newer() {
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  # shellcheck disable=SC2016 # apt-get's own variables
  mirror=$(apt-get indextargets --no-release-info --format '$(RELEASE) $(REPO_URI)' 'Identifier: Packages' 'Component: main' |
    awk -v release="$release" '$1 == release { print $2; exit }')
  if [ -z "$mirror" ]; then
    echo "No source of apt has main of $release: where to find $newer?" >&2
    exit 1
  fi
  mkdir -p "$newer_folder"
  work=$(mktemp -d "$newer_folder.XXXXXX")
  # apt-get downloads as this user.
  chown _apt "$work"
  cd "$work"
  mkdir lists cache root
  # Of the index only what names the packages.
  for release in "$older" "$newer"; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg arch=$architecture target=Packages]" \
      "$mirror $release main"
  done >sources.list
  newer_apt() {
    program=$1
    shift
    "$program" --quiet -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=- \
      -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Update::Error-Mode=any "$@"
  }
  newer_apt apt-get update
  for release in "$older" "$newer"; do
    # The package of this name names the kernel of the release.
    kernel=$(newer_apt apt-cache show "linux-image-$architecture/$release" | sed -n 's/^Depends: \([^ ]*\).*/\1/p')
    newer_apt apt-get download "$kernel/$release"
    dpkg-deb --extract "$kernel"_*.deb "linux-$release"
    rm "$kernel"_*.deb
    rm -rf "${newer_folder:?}/linux-$release"
    mv "linux-$release" "$newer_folder"
  done
  newer_apt apt-get download "libzstd1/$newer" "prometheus/$newer" "victoria-metrics/$newer"
  for archive in *.deb; do dpkg-deb --extract "$archive" root; done
  # All in one folder, each there as a whole or not at all.
  mv root/usr/bin/prometheus root/usr/bin/victoria-metrics "$newer_folder"
  cp --dereference root/usr/lib/*/libzstd.so.1 libzstd.so.1
  mv libzstd.so.1 "$newer_folder"
}

[ -z "$missing" ] || install_packages
[ -z "$missing_files" ] || install_newer
