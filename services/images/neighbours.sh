#!/bin/bash
# Gives up a neighbour that died after 0.1 s, on every interface of this container:
#   neighbours                 sets it
#   neighbours USER COMMAND…   sets it, becomes that user for good, with none of root's powers, and goes on as that command
#
# Toxiproxy dials one upstream at a time for each proxy, and a dial to an address that died hangs while the kernel believes in its neighbour
# (half a minute, then the SYN's own back-off): long after the node is back, the proxy would still wait. With these settings a neighbour is
# believed for half a second, then asked for 0.1 s, and a dial to a node that is known to be dead fails after 0.03 s. All dials of a proxy
# wait for each other, so that is how fast it can refuse what is meant for a dead node.
#
# By netlink, at each start: Docker Engine 27 and later refuse what is one interface's own in `sysctls`, older ones know of no other place
# for it, and inside a container /proc/sys is read-only. It takes root with NET_ADMIN, in this container's own network alone.
set -eu
for path in /sys/class/net/*; do
  device=${path##*/}
  [ "$device" != lo ] || continue
  ip ntable change name arp_cache dev "$device" base_reachable 500 delay_probe 0 ucast_probes 10 mcast_probes 3 retrans 10 ||
    echo "neighbours: the settings of $device stay as they are: a node that dies is believed in for half a minute" >&2
done
[ $# -gt 0 ] || exit 0
user=$1
shift
HOME=$(getent passwd "$user" | cut -d: -f6)
export HOME USER="$user"
exec setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups --bounding-set -all --inh-caps -all -- "$@"
