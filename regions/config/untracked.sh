#!/bin/bash
# Keeps a table of netfilter rules for as long as it runs: what goes from one address of the world to another is not tracked. Ways to and from the
# engine's machine itself, which are translated, stay as they are.
[ "${UNTRACKED:-on}" != off ] || exec sleep infinity
table=blackstart_${NET//./_}
{
  echo "add table ip $table { flags owner; }"
  echo "add chain ip $table arriving { type filter hook prerouting priority raw; }"
  echo "add rule ip $table arriving ip saddr $NET.0/24 ip daddr $NET.0/24 fib daddr type != local notrack"
  exec sleep infinity
} | nft --interactive
# Not to have the table is no reason for the world to be less than whole.
exec sleep infinity
