#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What try.sh runs where systemd is pid 1.
set -eu
fail() {
  echo "$*" >&2
  systemctl status --no-pager --full --lines 30 ringtap.service >&2 || true
  exit 1
}
until_true() {
  for _ in $(seq 100); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.2
  done
  fail "not so: $*"
}
get() { curl --fail --silent --max-time 10 "http://127.0.0.1:${port:-10060}$1"; }
main_pid() { systemctl show --property MainPID --value ringtap.service; }
is_counted() { get /metrics | grep "^sip_session_attempt_results_total{interface=\"near\",direction=\"inbound\",result=\"answered\"} $1\$"; }
has_other_pid() { [ "$(main_pid)" != "$1" ] && [ "$(main_pid)" != 0 ] && get /-/ready; }

until_true systemctl is-system-running
ip link set lo up
ip netns add caller
ip link add near type veth peer name far netns caller
ip address add 198.51.100.1/24 dev near
ip link set near up
ip -n caller address add 198.51.100.2/24 dev far
ip -n caller link set far up

echo '== install: started and enabled, ready when systemctl returns'
apt-get install --yes --quiet --no-install-recommends /root/ringtap.deb >/dev/null 2>&1 || fail 'apt-get install'
systemctl is-enabled --quiet ringtap.service
[ "$(systemctl is-active ringtap.service)" = active ] || fail 'is not active'
get /-/ready >/dev/null || fail 'is not ready'
ringtap version

echo '== calls are counted, by a user without any capability'
timeout 60 sipp -sn uas -i 198.51.100.1 -p 5060 -m 20 -nostdin >/dev/null 2>&1 &
sleep 1
timeout 60 ip netns exec caller sipp -sn uac -i 198.51.100.2 198.51.100.1:5060 -m 20 -r 20 -d 100 -nostdin >/dev/null 2>&1 ||
  fail 'the calls'
wait
until_true is_counted 20
status=/proc/$(main_pid)/status
grep -q "^Uid:[[:space:]]*$(id -u ringtap)[[:space:]]" "$status" || fail 'is not the user ringtap'
[ "$(grep -cE '^(Cap(Inh|Prm|Eff|Amb):[[:space:]]*0{16}|NoNewPrivs:[[:space:]]*1|Seccomp:[[:space:]]*2)$' "$status")" = 6 ] ||
  fail "$(cat "$status")"

echo '== reload'
echo 'ARGS="--config.file /etc/ringtap/ringtap.yml --capture.workers 2"' >/etc/default/ringtap
printf 'sip:\n  ports: [5060]\n' >/etc/ringtap/ringtap.yml
systemctl restart ringtap.service
printf 'sip:\n  ports: [5060, 5080]\n' >/etc/ringtap/ringtap.yml
pid=$(main_pid)
systemctl reload ringtap.service || fail 'reload'
journalctl --unit ringtap.service --grep 'configuration reloaded.*sip.ports' --quiet >/dev/null || fail 'it read nothing anew'
[ "$(main_pid)" = "$pid" ] || fail 'it is another process'

echo '== socket, on a port below 1024'
mkdir -p /etc/systemd/system/ringtap.socket.d /run/systemd/system/ringtap.service.d
printf '[Socket]\nListenStream=\nListenStream=127.0.0.1:80\n' >/etc/systemd/system/ringtap.socket.d/port.conf
printf '[Service]\nWatchdogSec=3s\n' >/run/systemd/system/ringtap.service.d/watchdog.conf
echo 'ARGS="--web.systemd-socket"' >/etc/default/ringtap
port=80
systemctl daemon-reload
systemctl stop ringtap.service
systemctl enable --quiet --now ringtap.socket
[ "$(main_pid)" = 0 ] || fail 'runs already'
get /metrics | grep -q '^ringtap_build_info' || fail 'nothing answers'
until_true get /-/ready

echo '== watchdog: a program that hangs is started anew'
pid=$(main_pid)
kill -STOP "$pid"
until_true has_other_pid "$pid"
journalctl --unit ringtap.service --grep "Failed with result 'watchdog'" --quiet >/dev/null || fail 'not by the watchdog'

echo '== exposure'
systemd-analyze security --no-pager --threshold=20 ringtap.service | tail -n 1 | grep -o 'Overall.*: [0-9.]*'

echo '== upgrade: configuration and what is switched on stay'
pid=$(main_pid)
dpkg --force-confold --install /root/ringtap-next.deb >/dev/null 2>&1 || fail 'dpkg --install'
until_true has_other_pid "$pid"
grep -q web.systemd-socket /etc/default/ringtap || fail 'the configuration is another'
systemctl disable --quiet --now ringtap.socket ringtap.service
dpkg --force-confold --install /root/ringtap-next.deb >/dev/null 2>&1 || fail 'dpkg --install'
[ "$(systemctl is-enabled ringtap.service) $(systemctl is-active ringtap.service)" = 'disabled inactive' ] || fail 'runs again'

echo '== stop, remove, purge'
echo 'ARGS=""' >/etc/default/ringtap
systemctl enable --quiet --now ringtap.service || fail 'did not start'
systemctl stop ringtap.service
[ "$(systemctl show --property Result ringtap.service)" = 'Result=success' ] || fail 'did not stop well'
systemctl start ringtap.service || fail 'did not start'
dpkg --remove ringtap >/dev/null 2>&1 || fail 'dpkg --remove'
[ "$(systemctl is-active ringtap.service)" = inactive ] && [ -e /etc/default/ringtap ] || fail 'removed, and runs or lost its configuration'
# What the administrator made is the administrator's.
rm -r /etc/ringtap/ringtap.yml /etc/systemd/system/ringtap.socket.d /run/systemd/system/ringtap.service.d
dpkg --purge ringtap >/dev/null 2>&1 || fail 'dpkg --purge'
left=$(find / -xdev -path /proc -prune -o -path /root -prune -o -name '*ringtap*' -print
  getent passwd ringtap || true
  getent group ringtap || true)
[ -z "$left" ] || fail "left: $left"
