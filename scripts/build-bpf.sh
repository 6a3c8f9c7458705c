#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rebuilds bpf/build/*.bpf.o, bit for bit the same with the pinned compiler. CI fails when git sees a difference.
set -eu
cd "$(dirname "$0")/.."

clang=clang-19
include="/usr/include/$(uname -m)-linux-gnu"

missing=
command -v "$clang" >/dev/null || missing="$missing clang-19"
[ -e /usr/include/bpf/bpf_helpers.h ] || missing="$missing libbpf-dev"
[ -e "$include/asm/types.h" ] || missing="$missing linux-libc-dev"
if [ -n "$missing" ]; then
  echo "build-bpf: to build the eBPF program, first run: apt-get install -y --no-install-recommends$missing" >&2
  exit 1
fi

mkdir -p bpf/build
for source in bpf/*.bpf.c; do
  object="bpf/build/$(basename "$source" .c).o"
  "$clang" -O2 -g -Wall -Wextra -Werror -target bpf -mcpu=v3 -ffile-prefix-map="$PWD=." \
    -I"$include" -c "$source" -o "$object"
  echo "$object $(sha256sum <"$object" | cut -c1-16)"
done
