#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# prune-packages.sh NODE_MODULES: removes from packages what does not run: documentation, types, source of native code, and what is
# for musl (Node's own build is for glibc).
set -eu
cd "$1"
rm -rf koffi/doc koffi/vendor @koromix/*/musl_*
find . -type f \( -name '*.md' -o -name '*.ts' -o -name '*.cts' -o -name '*.map' \) -delete
find koffi/src -type f ! -name '*.js' ! -name '*.cjs' -delete
find . -type d -empty -delete
