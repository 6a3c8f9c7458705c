#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lints the chart and writes what it makes of its values into rendered/, with the sum of the chart it was made of. Needs helm, which
# Debian does not have: tests read rendered/ and ask for a new run where the chart is another.
set -eu
cd "$(dirname "$0")"

helm lint --strict ringtap
render() {
  name=$1
  shift
  {
    echo "# Written by deploy/helm/render.sh; do not edit. Chart: $(./chart-sum.sh)"
    helm template ringtap ringtap --namespace voice --kube-version 1.30.0 "$@"
  } >"rendered/$name.yaml"
}
mkdir -p rendered
render defaults
render everything --values everything.yaml
