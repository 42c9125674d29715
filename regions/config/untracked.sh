#!/bin/bash
# Keeps a table of netfilter rules for as long as it runs: traffic from one address of the world to another is not
# tracked. Traffic to and from the engine's machine itself, which is translated, stays as it is.
[ "${UNTRACKED:-on}" != off ] || exec sleep infinity
table=blackstart_${NET//./_}
{
  echo "add table ip $table { flags owner; }"
  echo "add chain ip $table arriving { type filter hook prerouting priority raw; }"
  echo "add rule ip $table arriving ip saddr $NET.0/24 ip daddr $NET.0/24 fib daddr type != local notrack"
  exec sleep infinity
} | nft --interactive
# The world works without the table, too, so its absence is no failure.
exec sleep infinity
