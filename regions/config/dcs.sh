#!/bin/bash
# Starts a member of etcd, and sees to it that etcd asks everybody who they are. CLIENT_PORT is where this member listens to clients.
# Tokens are signed (JWT), not remembered: a member that was away takes those of the others at once, and one that is alone still answers those who came before.
set -eu
(umask 077 && printf '%s' "$DCS_PASSWORD" > /tmp/token.key)

call() (
  exec 3<> "/dev/tcp/127.0.0.1/$CLIENT_PORT" || exit 0
  printf 'POST /v3/auth/%s HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s' "$1" "${#2}" "$2" >&3
  timeout 10 cat <&3
)
# As JSON has it in a string: a password may be made of anything that can be typed.
quoted() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}
user() { call user/add "{\"name\":\"$1\",\"password\":$(quoted "$2")}"; }
# What begins with a prefix: from it to the one whose last character, always "/", is the next ("0").
may() {
  local from to
  from=$(printf '%s/' "$3" | base64) to=$(printf '%s0' "$3" | base64)
  call role/add "{\"name\":\"$1\"}"
  call role/grant "{\"name\":\"$1\",\"perm\":{\"permType\":\"$2\",\"key\":\"$from\",\"range_end\":\"$to\"}}"
  call user/grant "{\"user\":\"$1\",\"role\":\"$1\"}"
}

# Every member does it, whichever is first; what another has made already stays, and once one is through, no other may.
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
# Not a child of etcd, which would not collect it.
(until_asked &)
exec /usr/bin/etcd --auth-token="jwt,sign-method=HS256,priv-key=/tmp/token.key,ttl=24h" --bcrypt-cost=4 "$@"
