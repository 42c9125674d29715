#!/bin/bash
# Starts a member of etcd, and sets up etcd so that it asks every client for credentials. CLIENT_PORT is where this
# member listens for clients. Tokens are signed (JWT), not stored. So a member that was away accepts the tokens of the
# others at once, and a member that is alone still answers the clients that it had before.
set -eu
(umask 077 && printf '%s' "$DCS_PASSWORD" > /tmp/token.key)

call() (
  exec 3<> "/dev/tcp/127.0.0.1/$CLIENT_PORT" || exit 0
  printf 'POST /v3/auth/%s HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s' "$1" "${#2}" "$2" >&3
  timeout 10 cat <&3
)
# A password as a JSON string: it may contain any character that can be typed.
quoted() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}
user() { call user/add "{\"name\":\"$1\",\"password\":$(quoted "$2")}"; }
# The range of all keys with a prefix: up to the prefix whose last character, always "/", is the next one ("0").
may() {
  local from to
  from=$(printf '%s/' "$3" | base64) to=$(printf '%s0' "$3" | base64)
  call role/add "{\"name\":\"$1\"}"
  call role/grant "{\"name\":\"$1\",\"perm\":{\"permType\":\"$2\",\"key\":\"$from\",\"range_end\":\"$to\"}}"
  call user/grant "{\"user\":\"$1\",\"role\":\"$1\"}"
}

# Every member does this, in any order. What another member has made already stays, and once one has finished, no other
# may do it.
make_users() {
  user root "$DCS_PASSWORD"
  call role/add '{"name":"root"}'
  call user/grant '{"user":"root","role":"root"}'
  user patroni "$DCS_PATRONI_PASSWORD"
  may patroni READWRITE /service
  may patroni READWRITE /gate
  user arbiter "$DCS_ARBITER_PASSWORD"
  may arbiter READWRITE /service
  user observer "$OBSERVER_PASSWORD"
  may observer READ /service
  call enable '{}'
}
until_asked() {
  for try in $(seq 600); do
    case $(call status '{}' 2> /dev/null) in
      *"user name is empty"*) return ;;
      *authRevision*) make_users > /dev/null 2>&1 ;;
    esac
    sleep 0.2
  done
  echo "dcs: etcd does not ask for users yet: no majority of its members within two minutes" >&2
}
# As for a link (services/images/link/link.sh): etcd's watcher may be late by a millisecond.
{ echo 1000000 > /proc/self/timerslack_ns; } 2> /dev/null || true
# Not a child process of etcd, which would not reap it.
(until_asked &)
exec /usr/bin/etcd --auth-token="jwt,sign-method=HS256,priv-key=/tmp/token.key,ttl=24h" --bcrypt-cost=4 "$@"
