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
# These need the whole machine: they look for what is left in the kernel, or run many workers.
alone=(test/e2e/hep-workers.test.ts test/e2e/process.test.ts test/e2e/workers.test.ts)
# Of the others two at a time; those with real peers spend most of their time waiting.
mapfile -t peers < <(find test/{deploy,e2e,hep,kernel,packages} -name '*.test.ts' | grep -vxF "$(printf '%s\n' "${alone[@]}")" | sort)
mapfile -t pure < <(find src test -name '*.test.ts' | grep -vxF "$(printf '%s\n' "${alone[@]}" "${peers[@]}")" | sort)
echo '== tests that need the machine for themselves'
node --test --test-concurrency=1 "${alone[@]}"
echo '== tests with the kernel and real peers'
node --test --test-concurrency=2 "${peers[@]}"
echo '== tests of the code and of captures'
exec node --test --test-concurrency=2 "${pure[@]}"
