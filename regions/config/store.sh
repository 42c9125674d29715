#!/bin/bash
# Starts a node of the store, `redis` or `sentinel`. NODE and PORT say who it is, SENTINELS who knows the primary.
set -eu
cd /var/lib/redis
# By the shell itself: arguments of another program are for everybody on the machine to read. Redis takes a value in quotes.
quoted=${PASSWORD//\\/\\\\} quoted="\"${quoted//\"/\\\"}\""
template() {
  local text
  text=$(< "/etc/blackstart/$1.conf")
  text=${text//@NODE@/"$NODE"} text=${text//@PORT@/"$PORT"}
  printf '%s\n' "${text//@PASSWORD@/"$quoted"}"
}
fill() { (umask 077 && template "$1" > "$1.conf"); }
# What a sentinel writes down it writes without quotes, and a password with a space in it would keep it from starting again.
own_words() {
  local secret='^(# \?\?\? )?(requirepass|sentinel (auth-pass|sentinel-pass)) '
  (umask 077 && { grep -Ev "$secret" sentinel.conf; template sentinel | grep -E "$secret"; } > sentinel.new && mv sentinel.new sentinel.conf)
}
export REDISCLI_AUTH=$PASSWORD

if [[ $1 == sentinel ]]; then
  # It writes down who it is, whom it voted for and who is primary: after a restart it must not vote twice, nor go back to the first primary.
  if [[ -s sentinel.conf ]]; then own_words; else fill sentinel; fi
  exec redis-server sentinel.conf --sentinel
fi

# What one sentinel knows of the primary, "epoch host port"; nothing when it does not answer. Each fail-over has a higher epoch.
ask() {
  local -A said=()
  local name value
  while read -r name && read -r value; do said[${name:-none}]=$value; done < <(timeout 1 redis-cli -h "${1%:*}" -p "${1#*:}" sentinel master ledger 2> /dev/null)
  [[ -z ${said[config-epoch]:-} ]] || echo "${said[config-epoch]} ${said[ip]} ${said[port]}"
}

# A node that restarts is empty, and must be neither a second primary nor one that the other copies its emptiness from: it follows whom the
# sentinels name. While they still name itself, it waits for them to notice that it was gone. One sentinel alone does not count if it can be
# helped: it may have been away along with this node, and have missed a fail-over.
restarted=$([[ -s redis.conf ]] && echo yes || echo no)
for try in $(seq 10); do
  answers=$(for sentinel in ${SENTINELS//,/ }; do ask "$sentinel" & done; wait)
  read -r _ host port <<< "$(sort -rn <<< "$answers" | head -n 1)"
  if [[ $(grep -c . <<< "$answers") -ge 2 && ! ($host == "$NODE" && $restarted == yes) ]]; then break; fi
  sleep 0.5
done

fill redis
# No sentinel answered within these 5 to 15 s: as they would say at the very first start.
host=${host:-redis-east} port=${port:-6371}
[[ $host == "$NODE" ]] || echo "replicaof $host $port" >> redis.conf
echo "store: $NODE starts, and $host is primary (the sentinels said: ${answers//$'\n'/, })"
exec redis-server redis.conf
