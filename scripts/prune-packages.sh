#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# prune-packages.sh NODE_MODULES: removes from packages what does not run here: documentation, types, source of native code, programs
# of their own, and what is for musl (Node's build is for glibc).
set -eu
cd "$1"
rm -rf koffi/doc koffi/vendor koffi/cnoke.cjs koffi/src/koffi/src/trampolines.cjs @koromix/*/musl_* \
  bcryptjs/bin yaml/bin.mjs
find . -type f \( -name '*.md' -o -name '*.ts' -o -name '*.cts' -o -name '*.map' \) -delete
find koffi/src -type f ! -name '*.js' ! -name '*.cjs' -delete
find . -type d -empty -delete
