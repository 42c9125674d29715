#!/bin/bash
# Starts HAProxy, and beside it keepalived where this router shares an address with another (ADDRESS, PEER,
# SHARED_ADDRESS). When it is told to end, it takes no new requests, answers those under way, and then gives the address
# away: an answer cannot be sent from an address that is gone.
set -eu
neighbours
setpriv --reuid haproxy --regid haproxy --clear-groups --bounding-set -all --inh-caps -all haproxy -W -db -f /etc/haproxy/haproxy.cfg &
haproxy=$!
keepalived=
if [ -n "${SHARED_ADDRESS:-}" ]; then
  sed "s|@ADDRESS@|$ADDRESS|; s|@PEER@|$PEER|; s|@SHARED_ADDRESS@|$SHARED_ADDRESS|; s|@SHARED_HOST@|${SHARED_ADDRESS%/*}|; s|@PRIORITY@|$PRIORITY|" /etc/blackstart/shared-address.conf > /tmp/keepalived.conf
  # Not before HAProxy answers: an address without a listener is worse than no address.
  tries=0
  until (exec 3<> /dev/tcp/127.0.0.1/8080) 2> /dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { echo 'router: HAProxy did not listen within 10 s' >&2; exit 1; }
    sleep 0.1
  done
  # Where HAProxy has died and the kernel has not, nobody listens for a moment at an address that clients still use. A
  # refusal would be final for them. Silence makes their TCP ask again after a second, at the router that has the
  # address by then. Only answers to the first packet of a connection have the number 0: a client on a connection that
  # is gone is refused at once.
  nft 'add table ip refusals; add chain ip refusals out { type filter hook output priority 0; }; add rule ip refusals out tcp sport 8080 tcp flags & rst == rst tcp sequence 0 drop' ||
    echo 'router: without the rule that keeps refusals back; clients of one that dies are refused until the other has the address' >&2
  # A router that had the address and stood still believes that it still has it. Its kernel did not stand still, and hears
  # that the other one has it, in adverts (protocol 112) of any priority but 0, which gives it away. Until a quarter of a
  # second after the last of them, less than it takes to miss three, this router does not say that it has it.
  nft 'add table ip shared
    add set ip shared others { type ipv4_addr; flags dynamic, timeout; }
    add chain ip shared in { type filter hook input priority 0; }
    add rule ip shared in ip protocol 112 @th,16,8 != 0 update @others { ip saddr timeout 250ms }
    add chain ip shared out { type filter hook output priority 0; }
    add rule ip shared out ip protocol 112 @th,16,8 != 0 ip daddr @others drop' ||
    echo 'router: without the rules for a router that stood still; the connections of its clients break when it goes on' >&2
  # What is added to the priority of this router: see shared-address.conf.
  echo 0 > /tmp/stood-still
  # Some kernels end no connections for whoever asks (CONFIG_INET_DIAG_DESTROY), and ss does not say so.
  exec 3<> /dev/tcp/127.0.0.1/8080
  ss --kill --tcp dst 127.0.0.1 dport = 8080 > /dev/null || true
  [ -z "$(ss -Htn state established dst 127.0.0.1 dport = 8080)" ] ||
    echo 'router: this kernel keeps connections by an address that is gone; clients that use their ports again may wait' >&2
  exec 3>&-
  keepalived --dont-fork --log-console --use-file /tmp/keepalived.conf &
  keepalived=$!
fi
# Whether any request is with a replica, as HAProxy counts. It asks on fd 3, because an HAProxy that was told to end
# takes no new questions either.
busy() {
  local proxy server sessions started=
  printf 'show stat\n' >&3
  while IFS=, read -r -t 1 -u 3 proxy server _ _ sessions _; do
    case $proxy in *'# pxname') started=1 ;; '') [ -z "$started" ] || return 1 ;; esac
    if [ "$server" = BACKEND ] && [ "$sessions" != 0 ]; then
      while read -r -t 1 -u 3 proxy && [ -n "$proxy" ]; do :; done
      return 0
    fi
  done
  return 1
}
drain() {
  # A question to an HAProxy that is gone must not end this script before the address is given away.
  trap '' PIPE
  [ -z "$keepalived" ] || { exec 3<> /dev/tcp/127.0.0.1/9101 && printf 'prompt\n' >&3; } || true
  kill -USR1 "$haproxy"
  [ -n "$keepalived" ] || return
  # A client that comes meanwhile asks again after a second, so this may take as long.
  for _ in $(seq 40); do
    busy || break
    sleep 0.025
  done
  exec 3>&-
  kill -TERM "$keepalived"
  wait "$keepalived" || true
}
trap drain TERM INT
# The trap ends the first wait.
wait "$haproxy" || wait "$haproxy"
