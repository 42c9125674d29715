#!/bin/bash
# PostgreSQL as it comes: a primary, and a standby that streams from it (FOLLOW).
set -eu
data=/data/pg
if [ ! -s $data/PG_VERSION ]; then
  if [ -n "${FOLLOW:-}" ]; then
    # All of it or nothing: what was killed half-way would start as a database of its own.
    until rm -rf $data $data.new && pg_basebackup -D $data.new -R -X stream -d "host=$FOLLOW user=postgres"; do sleep 1; done
    mv $data.new $data
  else
    initdb -D $data -U postgres -A trust >/dev/null
    printf 'host all all all trust\nhost replication all all trust\n' >>$data/pg_hba.conf
    pg_ctl -D $data -w -o "-c listen_addresses=''" start >/dev/null
    psql -qU postgres -c 'create table items (key text primary key)'
    pg_ctl -D $data -w stop >/dev/null
  fi
fi
exec postgres -D $data -c listen_addresses='*' -c hot_standby=on -c wal_receiver_timeout=5s -c wal_retrieve_retry_interval=500ms
