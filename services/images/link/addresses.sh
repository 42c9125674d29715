#!/bin/sh
# Takes further addresses, each on the interface of the network that it lies in, and goes on as the command:
#   addresses COMMAND…
# ADDRESSES: separated by spaces. A link of a generated world has one for each node of the other site, so that two nodes with the same port are
# told apart. It takes root with NET_ADMIN, in this container's own network alone.
set -eu
for address in ${ADDRESSES:-}; do
  device=$(ip -4 -o route get "$address" | sed -n 's/.* dev \([^ ]*\).*/\1/p')
  ip address add "$address/32" dev "$device"
done
exec "$@"
