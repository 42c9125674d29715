#!/bin/bash
# Starts a node of the store, `redis` or `sentinel`. NODE and PORT say which one it is, SENTINELS who knows the primary.
set -eu
cd /var/lib/redis
# By the shell itself: everybody on the machine can read the arguments of another program. Redis takes a value in
# quotes.
quoted=${PASSWORD//\\/\\\\} quoted="\"${quoted//\"/\\\"}\""
template() {
  local text
  text=$(< "/etc/blackstart/$1.conf")
  text=${text//@NODE@/"$NODE"} text=${text//@PORT@/"$PORT"}
  printf '%s\n' "${text//@PASSWORD@/"$quoted"}"
}
fill() { (umask 077 && template "$1" > "$1.conf"); }
# A sentinel writes its settings down without quotes. A password with a space in it would then keep it from starting
# again.
own_words() {
  local secret='^(# \?\?\? )?(requirepass|sentinel (auth-pass|sentinel-pass)) '
  (umask 077 && { grep -Ev "$secret" sentinel.conf; template sentinel | grep -E "$secret"; } > sentinel.new && mv sentinel.new sentinel.conf)
}
export REDISCLI_AUTH=$PASSWORD

if [[ $1 == sentinel ]]; then
  # A sentinel writes down its identity, its votes and the primary. After a restart it must neither vote twice nor go
  # back to the first primary.
  if [[ -s sentinel.conf ]]; then own_words; else fill sentinel; fi
  exec redis-server sentinel.conf --sentinel
fi

# What one sentinel knows of the primary: "epoch host port"; nothing when it does not answer. Each fail-over has a
# higher epoch.
ask() {
  local -A said=()
  local name value
  while read -r name && read -r value; do said[${name:-none}]=$value; done < <(timeout 1 redis-cli -h "${1%:*}" -p "${1#*:}" sentinel master ledger 2> /dev/null)
  [[ -z ${said[config-epoch]:-} ]] || echo "${said[config-epoch]} ${said[ip]} ${said[port]}"
}

# A node that restarts is empty. It must neither become a second primary nor a primary whose emptiness the other node
# copies. So it follows the node that the sentinels name. While they still name this node itself, it waits until they
# notice that it was gone. One sentinel alone does not count if that can be avoided: it may have been away together with
# this node, and have missed a fail-over.
restarted=$([[ -s redis.conf ]] && echo yes || echo no)
for try in $(seq 10); do
  answers=$(for sentinel in ${SENTINELS//,/ }; do ask "$sentinel" & done; wait)
  read -r _ host port <<< "$(sort -rn <<< "$answers" | head -n 1)"
  if [[ $(grep -c . <<< "$answers") -ge 2 && ! ($host == "$NODE" && $restarted == yes) ]]; then break; fi
  sleep 0.5
done

fill redis
# No sentinel answered within these 5 to 15 s: the node starts as at the very first start.
host=${host:-redis-east} port=${port:-6371}
[[ $host == "$NODE" ]] || echo "replicaof $host $port" >> redis.conf
echo "store: $NODE starts, and $host is primary (the sentinels said: ${answers//$'\n'/, })"
exec redis-server redis.conf
