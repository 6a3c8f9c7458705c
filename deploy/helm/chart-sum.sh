#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One sum of the files of the chart and of the values it is rendered with.
set -eu
cd "$(dirname "$0")"
find ringtap everything.yaml -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d ' ' -f 1
