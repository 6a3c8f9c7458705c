#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run-on-kernel.sh FOLDER COMMAND [ARGUMENT...]: runs a command as root on another kernel, whose Debian package was extracted
# into FOLDER, and ends as it does. A virtual machine without KVM sees the files of this one; what is written there is gone
# afterwards. It has 3 GiB, no network but lo, half an hour, and two processors in turn: with both at once QEMU 7.2 now and
# then breaks what V8 compiles.
set -eu

folder=$(realpath "$1")
shift
kernel=$(echo "$folder"/boot/vmlinuz-*)
version=${kernel##*/vmlinuz-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Debian 13 has /usr/lib alone, and depmod(8) looks in /lib.
modules=$(find "$folder" -type d -path "*/lib/modules/$version")
mkdir -p "$work/all/lib/modules" "$work/root/modules" "$work/root/bin"
ln -s "$modules" "$work/all/lib/modules/$version"
[ -e "$modules/modules.dep" ] || depmod --basedir "$work/all" "$version"

# The first root file system: what the kernel needs to see the files of this machine.
cp /bin/busybox "$work/root/bin"
for wanted in virtio_pci 9pnet_virtio 9p overlay; do
  modprobe --dirname "$work/all" --set-version "$version" --show-depends "$wanted"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
  name=$(basename "$module")
  case $name in
    *.xz) xz --decompress --stdout "$module" ;;
    *) cat "$module" ;;
  esac >"$work/root/modules/${name%.xz}"
  echo "/bin/busybox insmod /modules/${name%.xz}" >>"$work/root/load"
done
for word in "$@"; do
  printf " '%s'" "$(printf %s "$word" | sed "s/'/'\\\\''/g")"
done >"$work/root/command"
cat >"$work/root/init" <<END
#!/bin/busybox sh
PATH=/bin
/bin/busybox --install -s /bin
mkdir -p /proc /sys /dev /files /written /all
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
. /load
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro files /files
mount -t tmpfs tmpfs /written
mkdir /written/upper /written/work
mount -t overlay -o lowerdir=/files,upperdir=/written/upper,workdir=/written/work overlay /all
mkdir -p /all/lib/modules/$version
mount --bind /files$modules /all/lib/modules/$version
for kind in proc sys dev; do mount --move /\$kind /all/\$kind; done
mkdir -p /all/dev/shm /all/dev/net /all/dev/pts
mount -t tmpfs tmpfs /all/dev/shm
mount -t tmpfs tmpfs /all/run
mount -t bpf bpf /all/sys/fs/bpf
mkdir /all/run/netns
[ -e /all/dev/net/tun ] || mknod /all/dev/net/tun c 10 200
ip link set lo up
ulimit -n 65536
{
  echo 'export PATH="$PATH" HOME=/root NO_COLOR=1'
  echo 'cd "$PWD"'
  cat /command
  echo
  echo 'echo "exit code: \$?"'
  echo '/bin/busybox poweroff -f'
} >/all/run/command
# Modules are loaded by a program of the root that this process has.
exec switch_root /all /bin/sh /run/command
END
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio --quiet --create --format newc --owner 0:0) >"$work/initrd"

case $(uname -m) in
  x86_64) machine='qemu-system-x86_64 -machine q35 -cpu max' console=ttyS0 ;;
  aarch64) machine='qemu-system-aarch64 -machine virt -cpu max,pauth-impdef=on' console=ttyAMA0 ;;
esac
# shellcheck disable=SC2086 # words
timeout 1800 $machine -accel tcg,thread=single -smp 2 -m 3072 -display none -monitor none -serial stdio -no-reboot \
  -nic none -virtfs local,path=/,mount_tag=files,security_model=none,readonly=on,multidevs=remap \
  -kernel "$kernel" -initrd "$work/initrd" -append "console=$console quiet loglevel=1 panic=-1" </dev/null |
  sed -u 's/\r$//; s/^\x1b\[[?0-9;]*[a-zA-Z]//' | tee "$work/output" | sed -u '/^exit code: /d'
code=$(sed -n 's/^exit code: //p' "$work/output")
exit "${code:-1}"
