#!/bin/bash
# Starts Patroni on this node once a DCS member answers that has a majority. Patroni would give up for good if there is
# none at its start, and a region that comes back starts all of its nodes at once.
set -eu
sed "s/@NODE@/$PATRONI_NAME/; s/@DCS@/$PATRONI_ETCD3_HOSTS/" "${PATRONI_TEMPLATE:-/etc/blackstart/patroni.yml}" > /tmp/patroni.yml

ask() {
  exec 3<> "/dev/tcp/${1%:*}/${1#*:}" || return 1
  printf '%s HTTP/1.0\r\nContent-Length: 0\r\n\r\n' "$2" >&3
  timeout 2 cat <&3
}
# A new etcd cluster has no version until its members have heard of each other. Patroni picks the API's path by that
# version, once: where it asks too early, it gets "404 page not found" for ever. A new cluster also asks nobody for
# credentials until it has users (dcs.sh).
usable() {
  ask "$1" 'GET /health' | grep -q '"health":"true"' && ask "$1" 'GET /version' | grep -Eq '"etcdcluster":"3\.([4-9]|[1-9][0-9])' &&
    ask "$1" 'POST /v3/auth/status' | grep -q 'user name is empty'
}

# A standby that crashed has more WAL than its control file says, perhaps more than the primary that was promoted
# meanwhile. Patroni decides by the control file whether to rewind. With too low a position there, it starts a standby
# that can never follow (it loops over "new timeline forked off before current recovery point"). So the standby first
# replays what it has, alone, and shuts down. Then the control file says how far it got.
replay_own_wal() {
  local data=/data/postgres bin=/usr/lib/postgresql/17/bin postgres
  "$bin/pg_controldata" "$data" 2> /tmp/controldata.err | grep -q 'cluster state: *in archive recovery' || return 0
  echo "database: this standby crashed; it replays its own WAL before Patroni looks at it"
  # The options that it ran with, as it wrote them down itself. Where an option is there twice, the last one counts.
  eval "set -- $(cat "$data/postmaster.opts")"
  rm -f "$data/postmaster.pid"
  "$@" -c listen_addresses= -c primary_conninfo= &
  postgres=$!
  for try in $(seq 100); do
    # The startup process waits for more WAL once it has read all there is.
    if psql -h /tmp -U postgres -d postgres -Atc "select wait_event from pg_stat_activity where backend_type = 'startup'" 2> /dev/null | grep -q RecoveryRetrieveRetryInterval; then break; fi
    kill -0 "$postgres" 2> /dev/null || break
    sleep 0.1
  done
  kill -INT "$postgres" 2> /dev/null || true
  wait "$postgres" || true
}
[[ ! -f /data/postgres/postmaster.opts ]] || replay_own_wal

# Asks this node's own Patroni one question. Prints the first line of the answer.
rest() (
  exec 4<> "/dev/tcp/127.0.0.1/${PATRONI_RESTAPI_LISTEN##*:}" || exit 0
  printf '%s HTTP/1.0\r\nAuthorization: Basic %s\r\nContent-Length: %d\r\n\r\n%s' "$1" "$(printf 'patroni:%s' "$RESTAPI_PASSWORD" | base64 -w 0)" "${#2}" "$2" >&4
  timeout 15 head -1 <&4 || true
)

# A node that is to end first makes itself dispensable: a primary hands over, a standby leaves the quorum, so that no
# commit waits for it. A node that ends without that leaves the others waiting until Patroni has noticed.
leave() {
  trap '' TERM
  if rest 'GET /primary' '' | grep -q ' 200'; then
    echo "database: told to end; hands over first"
    rest 'POST /switchover' "{\"leader\":\"$PATRONI_NAME\"}"
  fi
  sed -i 's/nosync: false/nosync: true/' /tmp/patroni.yml
  kill -HUP "$patroni"
  for try in $(seq 100); do
    rest 'GET /quorum' '' | grep -q ' 200' || break
    sleep 0.1
  done
  kill -TERM "$patroni"
}

run() {
  # Without an arbiter it is stock Patroni.
  if [[ ${ARBITER:-on} == off ]]; then patroni /tmp/patroni.yml & else python3 /etc/blackstart/gate/never_alone.py /tmp/patroni.yml & fi
  patroni=$!
  trap leave TERM
  # Loads the gate now, while there is time.
  PGPORT=${PATRONI_POSTGRESQL_LISTEN##*:} python3 /etc/blackstart/gate/gate.py "$PATRONI_NAME" "$members" "$GATE_PORT" &
  # The trap ends a wait while Patroni may still run.
  while kill -0 "$patroni" 2> /dev/null; do wait "$patroni" && code=0 || code=$?; done
  exit "$code"
}

members=$PATRONI_ETCD3_HOSTS
for try in $(seq 300); do
  for member in ${members//,/ }; do
    # Patroni ends when the first address of its list does not answer. That is the region's proxy, which gets two
    # seconds to start.
    if [[ $try -gt 10 || $member == "${members%%,*}" ]] && (usable "$member") 2>/dev/null; then
      export PATRONI_ETCD3_HOSTS="$member,$members"
      run
    fi
  done
  sleep 0.2
done
echo "database: no DCS member answered within 60 s (asked $PATRONI_ETCD3_HOSTS)" >&2
exit 1
