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
# What needs neither network nor kernel has both cores; the rest, which has the last word, the machine for itself.
alone='test/@(deploy|e2e|hep|kernel|packages)/**/*.test.ts'
mapfile -t beside < <(find src test -name '*.test.ts' -not -path 'test/deploy/*' -not -path 'test/e2e/*' -not -path 'test/hep/*' \
  -not -path 'test/kernel/*' -not -path 'test/packages/*' | sort)
echo '== tests'
node --test --test-concurrency=2 "${beside[@]}"
exec node --test --test-concurrency=1 "$alone"
