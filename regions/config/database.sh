#!/bin/bash
# Starts Patroni on this node once a DCS member answers with a quorum behind it: Patroni gives up for good when none is there at its
# start, and a region that comes back starts all of its nodes at once.
set -eu
sed "s/@NODE@/$PATRONI_NAME/" "${PATRONI_TEMPLATE:-/etc/blackstart/patroni.yml}" > /tmp/patroni.yml

healthy() {
  exec 3<> "/dev/tcp/${1%:*}/${1#*:}" || return 1
  printf 'GET /health HTTP/1.0\r\n\r\n' >&3
  timeout 2 grep -q '"health":"true"' <&3
}

for try in $(seq 300); do
  for member in ${PATRONI_ETCD3_HOSTS//,/ }; do
    if (healthy "$member") 2>/dev/null; then exec patroni /tmp/patroni.yml; fi
  done
  sleep 0.2
done
echo "database: no DCS member answered within 60 s (asked $PATRONI_ETCD3_HOSTS)" >&2
exit 1
