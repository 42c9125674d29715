#!/bin/bash
# Patroni's `pre_promote`: asks the gate, gate.py, which waits beside Patroni. To load Python and its libraries takes a
# tenth of a second of processor time. A busy machine needs a second or two for that, just when all writes wait. Where
# no gate waits, it is loaded all the same.
if { exec 3<> "/dev/tcp/127.0.0.1/$GATE_PORT"; } 2> /dev/null && read -r status <&3; then exit "$status"; fi
echo "gate: nobody waits at the gate" >&2
exec python3 "${0%/*}/gate.py" "$@"
