#!/bin/sh
# Takes further addresses, each on the interface of the network that it lies in, and goes on as the command:
#   addresses COMMAND…
# ADDRESSES: separated by spaces. A link of a generated world has one for each node of the other site, so that two nodes with the same port are
# told apart. CARRIED: the address:port of each proxy; who tries another port of these addresses is noted, to be told what the link lacks:
#   nft list set inet strays tried
# It takes root with NET_ADMIN, in this container's own network alone.
set -eu
for address in ${ADDRESSES:-}; do
  device=$(ip -4 -o route get "$address" | sed -n 's/.* dev \([^ ]*\).*/\1/p')
  ip address add "$address/32" dev "$device"
done
joined() { printf '%s' "$*" | tr ' ' ','; }
if [ -n "${ADDRESSES:-}" ] && [ -n "${CARRIED:-}" ]; then
  # shellcheck disable=SC2086
  nft -f - <<END || echo "addresses: netfilter does not answer here, so connections to ports that no link carries go unnoticed" >&2
table inet strays {
  set tried { type ipv4_addr . ipv4_addr . inet_service; flags dynamic; size 256; }
  set carried { type ipv4_addr . inet_service; elements = { $(joined $CARRIED | sed 's/:/ . /g') }; }
  chain arriving {
    type filter hook input priority 0;
    ip daddr { $(joined $ADDRESSES) } tcp flags & (syn | ack) == syn ip daddr . tcp dport != @carried add @tried { ip saddr . ip daddr . tcp dport }
  }
}
END
fi
exec "$@"
