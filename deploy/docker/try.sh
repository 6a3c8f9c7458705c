#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the image and runs it as docs/install.md says, with podman, as root: real calls over a veth pair must be counted, with one
# worker and with two, the health check must pass, and replay must work without any capability. No image is pulled: the base is made
# of Debian's packages and the Node of npm. Not in CI: about two minutes, and
#   apt-get install podman crun mmdebstrap sip-tester curl iproute2
set -eu
cd "$(dirname "$0")/../.."
folder=$(mktemp -d /var/tmp/ringtap-docker-XXXXXX)
near=ringtap-try-$$-a far=ringtap-try-$$-b

# No controllers of version 1 beside version 2, which crun refuses; storage of its own, nothing is left of it.
pod() {
  unshare --mount sh -c 'mount -t cgroup2 none /sys/fs/cgroup && exec podman "$@"' sh \
    --root "$folder/storage" --runroot "$folder/run" --cgroup-manager cgroupfs --log-level fatal "$@"
}
run() {
  pod run --name ringtap --cgroups disabled --ulimit "nofile=$(ulimit -Hn):$(ulimit -Hn)" --ulimit nproc=1000:1000 "$@"
}
near() { ip netns exec "$near" "$@"; }
end() {
  pod rm --force ringtap >/dev/null 2>&1 || true
  ip netns del "$near" 2>/dev/null || true
  ip netns del "$far" 2>/dev/null || true
  rm -rf "$folder"
}
trap end EXIT

echo '== base image'
base=$folder/base
mkdir -p "$base/node/usr/local/bin" "$base/node/usr/local/lib/node_modules"
mmdebstrap --quiet --variant=minbase --include=ca-certificates,libatomic1,libstdc++6 bookworm "$base/debian.tar"
cp node_modules/node-linux-*/bin/node "$base/node/usr/local/bin/node"
(cd "$base" && npm pack --silent npm@11 >/dev/null && tar -xzf npm-11*.tgz && mv package node/usr/local/lib/node_modules/npm)
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$base/node/usr/local/bin/npm"
cp /etc/ssl/certs/ca-certificates.crt "$base"
cat >"$base/Dockerfile" <<'END'
FROM scratch
ADD debian.tar /
COPY node/ /
COPY ca-certificates.crt /etc/ssl/certs/
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
END
name=$(sed -n 's/^FROM \(node:[^ ]*\)$/\1/p' deploy/docker/Dockerfile)
pod build --quiet --isolation chroot --tag "docker.io/library/$name" "$base"
rm -r "$base"

echo '== image'
pod build --quiet --isolation chroot --network host --format docker --file deploy/docker/Dockerfile --tag ringtap .

ip netns add "$near"
ip netns add "$far"
ip link add calls netns "$near" type veth peer name calls netns "$far"
number=1
for namespace in "$near" "$far"; do
  ip -n "$namespace" address add "198.51.100.$number/24" dev calls
  ip -n "$namespace" link set lo up
  ip -n "$namespace" link set calls up
  number=2
done

check_calls() {
  timeout 60 ip netns exec "$near" sipp -sn uas -i 198.51.100.1 -p 5060 -m 20 -nostdin >/dev/null 2>&1 &
  sleep 1
  timeout 60 ip netns exec "$far" sipp -sn uac -i 198.51.100.2 198.51.100.1:5060 -m 20 -r 20 -d 100 -nostdin >/dev/null 2>&1
  wait
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.5
    near curl -fs http://127.0.0.1:10060/metrics >"$folder/metrics"
    grep -q '^sip_session_attempt_results_total{.*"inbound",result="answered"} 20$' "$folder/metrics" && return
  done
  echo 'the calls are not counted' >&2
  exit 1
}

for workers in 1 2; do
  echo "== $workers workers"
  more=''
  [ "$workers" = 1 ] || more='--cap-add PERFMON'
  # shellcheck disable=SC2086 # words
  run --detach --network "ns:/run/netns/$near" --cap-drop ALL --cap-add NET_RAW --cap-add BPF $more --read-only \
    --security-opt seccomp=deploy/seccomp/ringtap.json ringtap run -i calls --capture.workers "$workers" >/dev/null
  near curl -fs --retry 40 --retry-delay 1 --retry-all-errors http://127.0.0.1:10060/-/ready >/dev/null
  pod logs ringtap 2>&1 | grep -q '"privileges are given up" uid=65534 capabilities=none'
  check_calls
  pod healthcheck run ringtap
  pod stop --time 10 ringtap >/dev/null
  [ "$(pod inspect ringtap --format '{{.State.ExitCode}}')" = 0 ]
  pod rm ringtap >/dev/null
done

echo '== replay without capabilities'
run --rm --network none --cap-drop ALL --read-only --volume "$PWD/test/golden/calls/captures:/captures:ro" \
  ringtap replay /captures/answer-202.pcap | grep '^sip_session_attempt_results_total.*result="answered"} 1$'
echo 'ok'
