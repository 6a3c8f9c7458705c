#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# npm test: everything there is. Needs root: the kernel and end-to-end tests make network namespaces and load eBPF.
# The node test runner comes last, so that its closing lines close the output.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" -ne 0 ]; then
  echo 'npm test needs root for network namespaces, packet sockets and eBPF: run "sudo npm test" (without root: npm run check)' >&2
  exit 1
fi
scripts/install-test-tools.sh
# npm 11 puts the Node of this project first in PATH, older ones do not.
PATH="$(dirname "$(ls -d "$PWD"/node_modules/node-linux-*/bin/node)"):$PWD/node_modules/.bin:$PATH"

echo '== types'
tsc
echo '== lint and format'
biome check --error-on-warnings .
echo '== eBPF object is what its source gives'
scripts/build-bpf.sh
git diff --exit-code --stat -- bpf/build || { echo 'the committed eBPF object differs from what clang-19 makes of its source: run npm run bpf' >&2; exit 1; }
echo '== tests'
exec node --test --test-concurrency=1 'src/**/*.test.ts' 'test/**/*.test.ts'
