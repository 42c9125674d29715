#!/bin/bash
# Gives up a neighbour that died after 0.2 s, on every interface of this container:
#   neighbours                 sets it
#   neighbours USER COMMAND…   sets it, becomes that user for good, with none of root's powers, and goes on as that command
#
# Toxiproxy dials one upstream at a time for each proxy, and a dial to an address that died hangs while the kernel believes in its neighbour
# (half a minute, then the SYN's own back-off): long after the node is back, the proxy would still wait. With these settings a neighbour is
# believed for half a second and asked twice, so a dial to a dead node fails about as fast.
#
# By netlink, at each start: Docker Engine 27 and later refuse what is one interface's own in `sysctls`, older ones know of no other place
# for it, and inside a container /proc/sys is read-only. It takes root with NET_ADMIN, in this container's own network alone.
set -eu
for path in /sys/class/net/*; do
  device=${path##*/}
  [ "$device" != lo ] || continue
  ip ntable change name arp_cache dev "$device" base_reachable 500 delay_probe 0 ucast_probes 2 mcast_probes 2 retrans 50 ||
    echo "neighbours: the settings of $device stay as they are: a node that dies is believed in for half a minute" >&2
done
[ $# -gt 0 ] || exit 0
user=$1
shift
HOME=$(getent passwd "$user" | cut -d: -f6)
export HOME USER="$user"
exec setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups --bounding-set -all --inh-caps -all -- "$@"
