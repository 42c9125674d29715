#!/bin/bash
# Patroni's `pre_promote`: asks the gate, gate.py, which waits beside Patroni. Loading Python and its libraries takes a tenth of a second of processor
# time, which a busy machine gives it in a second or two, just when all writes wait. Where nobody waits, it is loaded all the same.
if { exec 3<> "/dev/tcp/127.0.0.1/$GATE_PORT"; } 2> /dev/null && read -r status <&3; then exit "$status"; fi
echo "gate: nobody waits at the gate" >&2
exec python3 "${0%/*}/gate.py" "$@"
