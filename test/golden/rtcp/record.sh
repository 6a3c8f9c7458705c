#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test/golden/rtcp/record.sh NAME 'ACCOUNT-PARAMETERS' yes|no CODEC-MODULE: records, as root, a call of 20 s between two
# baresip (Debian's baresip-core 1.0.0) in a network namespace of its own: what is SIP and RTCP of it.
#
#     record.sh baresip-mux '' yes opus.so
#     record.sh baresip-srtp ';mediaenc=srtp-mand' no g711.so
set -euo pipefail
if [[ ${IN_NAMESPACE:-} != yes ]]; then IN_NAMESPACE=yes exec unshare -n "$0" "$@"; fi
name=$1 parameters=$2 mux=$3 codec=$4
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
ip link set lo up
ip link add v0 type veth peer name v1
ip address add 10.9.0.1/24 dev v0
ip link set v0 up
ip link set v1 up
for side in a:5060 b:5070; do
  own=$folder/${side%:*} port=${side#*:}
  mkdir "$own"
  cat > "$own/config" <<CONFIG
poll_method epoll
sip_listen 10.9.0.1:$port
audio_source ausine,440
audio_player aufile,$own/heard.wav
audio_alert aufile,$own/alert.wav
rtp_stats yes
rtcp_mux $mux
net_interface v0
module_path /usr/lib/baresip/modules
module $codec
module ausine.so
module aufile.so
module_tmp account.so
module_app menu.so
module srtp.so
CONFIG
  echo "<sip:${side%:*}@10.9.0.1:$port>;regint=0;answermode=auto$parameters" > "$own/accounts"
  : > "$own/contacts"
done
# To its own address, traffic goes over lo.
dumpcap -q -P -i lo -f udp -w "$folder/all.pcap" &
dump=$!
sleep 1
timeout 60 baresip -f "$folder/b" -t 32 > /dev/null 2>&1 &
callee=$!
sleep 1
timeout 60 baresip -f "$folder/a" -e '/dial sip:b@10.9.0.1:5070' -t 24 > /dev/null 2>&1 || true
sleep 1
kill "$callee" || true
sleep 1
kill "$dump"
wait "$dump" || true
tshark -n -r "$folder/all.pcap" -Y 'sip or rtcp or srtcp' -F pcap -w "$here/recorded/$name.pcap"
