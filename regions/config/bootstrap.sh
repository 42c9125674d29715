#!/bin/sh
# Runs once, on the node that starts the cluster: the app's database and the observers' role.
set -eu
psql -v ON_ERROR_STOP=1 "$1" <<'SQL'
-- Not as arguments, which everybody on the machine may read.
\getenv ledger LEDGER_PASSWORD
\getenv observer OBSERVER_PASSWORD
-- Reading statistics lets a replica's answer name its timeline.
create role ledger login password :'ledger' in role pg_read_all_stats;
create database ledger owner ledger;
-- The observers' role. A standby refuses its probe write many times a second by design: that is no news for the log.
create role blackstart login password :'observer' in role pg_monitor, pg_read_all_data;
alter role blackstart set log_min_messages = 'fatal';
\connect ledger
create schema blackstart authorization blackstart;
create table blackstart.probe (node text primary key, n bigint not null) with (fillfactor = 10);
alter table blackstart.probe owner to blackstart;
SQL
