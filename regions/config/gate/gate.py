#!/usr/bin/python3
"""
The gate that every promotion passes (Patroni's `pre_promote`). This node holds the leader key. It must not become primary
while that could lose a write that was acknowledged, or that still can be. Exit status 0 lets Patroni promote; any other
status makes it give the key back.

`/sync` names voters and a quorum q: whatever the former primary acknowledged, or still acknowledges, is on at least one of
any q + 1 voters. So the gate waits until q other voters
1. stream from this node. A standby has one source at a time, so these receive nothing from the former primary any more,
   and Patroni keeps them here as long as the leader key is ours. Whatever the former primary still acknowledges, it can
   acknowledge only through this node;
2. have nothing that this node lacks. They are asked after 1. If one has more, that one must be promoted instead.
Then the gate signs `/sync` with the name of this node, on condition that it still holds the leader key and nobody else has
written `/sync` meanwhile. From then on the former primary is a voter like any other: its name alone no longer proves that
it has everything.

The gate also takes a timeline that no other node has taken. PostgreSQL picks the next number by the history files that it
has. If a node is promoted, and replaced before anybody has its history file, the next node would pick the same number for
another history. Each of the two would then take the other's history for its own, and the replaced one could never follow
again.

So it does not matter who took the leader key from the former primary, whether that was right, or whether the former primary
still runs. Patroni alone relies on the former primary having stopped when its lease ends. The argument is in
docs/arbiter.md, the model in tests/unit/arbiter.

  gate.py NODE ETCD_MEMBERS      PGPORT is the port of NODE. The rest are arguments: Patroni hides its environment from its scripts
  gate.py NODE ETCD_MEMBERS PORT waits on 127.0.0.1:PORT, and answers ask.sh each time that it asks
"""
import json, os, re, socket, sys, threading, time
from contextlib import suppress
from dcs import Dcs, Refused, decode, encode
from followers import PAUSE_S, Followers, Voters, ask, connect

NAME = sys.argv[1]
dcs = Dcs(sys.argv[2].split(","), os.environ.get("DCS_PATRONI_PASSWORD"))
PREFIX = "/service/blackstart/"
# The last timeline that any node was let through to. It is not among Patroni's own keys.
TIMELINE = "/gate/blackstart/timeline"
LIMIT_S = 10.0
# While the gate waits for standbys it checks this often whether the leader key is still ours. Nothing is signed without it
# in any case.
REREAD_S = 0.2
# While the gate waits to be asked it checks this often which other nodes there are.
KNOW_S = 5.0


def say(text):
    print(f"gate: {text}", file=sys.stderr, flush=True)


def read_cluster():
    """`/sync` with its revision, the members' addresses, and the last timeline. `leader` is None where the cluster has no synchronous mode."""
    ranges = [{"key": encode(PREFIX), "range_end": encode(PREFIX[:-1] + "0")}, {"key": encode(TIMELINE)}]
    answer = dcs.ask("/v3/kv/txn", {"success": [{"request_range": each} for each in ranges]})
    found, timelines = [each["response_range"].get("kvs", []) for each in answer["responses"]]
    keys = {decode(kv["key"])[len(PREFIX):]: kv for kv in found}
    sync = json.loads(decode(keys["sync"]["value"])) if "sync" in keys else {}
    return {
        "leader": sync.get("leader"),
        "standbys": [name for name in (sync.get("sync_standby") or "").split(",") if name],
        "quorum": int(sync.get("quorum") or 0),
        "revision": keys["sync"]["mod_revision"] if "sync" in keys else None,
        # Of the key as it is held now: a key that was lost and taken again has another one.
        "tenure": keys["leader"]["create_revision"] if "leader" in keys and decode(keys["leader"]["value"]) == NAME else None,
        "taken": int(decode(timelines[0]["value"])) if timelines else 0,
        "taken_revision": timelines[0]["mod_revision"] if timelines else "0",
        "addresses": {key[len("members/"):]: json.loads(decode(kv["value"])).get("conn_url") for key, kv in keys.items() if key.startswith("members/")},
    }


def needed_by(cluster):
    """How many other voters must follow this node before it may be promoted."""
    # The node that signed last has everything: nobody can have acknowledged a write since without signing.
    if cluster["leader"] == NAME:
        return 0
    return cluster["quorum"] + (0 if NAME in cluster["standbys"] else 1)


def successor(cluster, copies, names):
    """
    `/sync` for this node as a primary that commits with any `copies` of `names`. It promises what the one before promised: any quorum + 1 of
    its members have what was acknowledged before, and what this node will acknowledge. Patroni may have chosen copies and names by an
    earlier `/sync`.
    """
    members = {cluster["leader"], *cluster["standbys"], NAME}
    if copies == 0:
        return {"leader": NAME, "sync_standby": "", "quorum": 0}
    others = (members | names) - {NAME}
    quorum = max(cluster["quorum"] + len(names - members), len(others) - copies)
    return {"leader": NAME, "sync_standby": ",".join(sorted(others)), "quorum": quorum}


def commits_with(own):
    """How many standbys this node will commit with, and which ones count: `ANY 2 ("a","b","c")` is (2, {a, b, c})."""
    setting = ask(own, "show synchronous_standby_names")[0][0]
    found = re.fullmatch(r'(?:ANY |FIRST )?(\d+) ?\((.*)\)', setting)
    names = {name.strip().strip('"') for name in (found[2] if found else setting).split(",")} - {""}
    return (int(found[1]) if found else min(1, len(names))), names


def next_timeline(folder, current, taken):
    """
    The timeline that PostgreSQL will choose: the first after `current` without a history file in `folder`. For each number that was `taken`
    elsewhere a file without a history is made. Standbys can receive it, and none of them takes it for a successor of its own history.
    """
    def path(timeline):
        return os.path.join(folder, f"{timeline:08X}.history")
    timeline = current + 1
    while timeline <= taken or os.path.exists(path(timeline)):
        if not os.path.exists(path(timeline)):
            with open(path(timeline), "x") as file:
                file.write("# taken by a primary that was replaced before this node heard of it\n")
        timeline += 1
    return timeline


def timeline_of(own):
    """The folder of this node's WAL, and the timeline that it follows."""
    folder, checkpoint, recovery = ask(own, "select current_setting('data_directory') || '/pg_wal', (select timeline_id from pg_control_checkpoint()), (select min_recovery_end_timeline from pg_control_recovery())")[0]
    histories = [int(name[:8], 16) for name in os.listdir(folder) if re.fullmatch(r"[0-9A-F]{8}\.history", name)]
    return folder, max(checkpoint, recovery, *histories)


def sign(cluster, own):
    """Writes `/sync` with this node as its leader, and its timeline. False where the key is no longer ours or somebody else wrote meanwhile."""
    timeline = next_timeline(*timeline_of(own), cluster["taken"])
    value = json.dumps(successor(cluster, *commits_with(own)), separators=(",", ":"))
    answer = dcs.ask("/v3/kv/txn", {
        "compare": [
            {"key": encode(PREFIX + "leader"), "target": "CREATE", "result": "EQUAL", "create_revision": cluster["tenure"]},
            {"key": encode(PREFIX + "leader"), "target": "VALUE", "result": "EQUAL", "value": encode(NAME)},
            {"key": encode(PREFIX + "sync"), "target": "MOD", "result": "EQUAL", "mod_revision": cluster["revision"]},
            {"key": encode(TIMELINE), "target": "MOD", "result": "EQUAL", "mod_revision": cluster["taken_revision"]},
        ],
        "success": [{"request_put": {"key": encode(key), "value": encode(put)}} for key, put in ((PREFIX + "sync", value), (TIMELINE, str(timeline)))],
    })
    return answer.get("succeeded", False)


def gate(voters, wanted):
    started = time.monotonic()
    own = connect(f"host=/tmp port={os.environ['PGPORT']}")
    followers, cluster, last = Followers(own, voters), None, "nothing"
    while time.monotonic() - started < LIMIT_S:
        if cluster is None or time.monotonic() - read > REREAD_S:
            read, cluster = time.monotonic(), read_cluster()
            voters.know(cluster["addresses"])
        if cluster["tenure"] is None:
            raise RuntimeError("the leader key is not ours any more")
        if not cluster["leader"]:
            return "no synchronous mode is in force"
        needed = needed_by(cluster)
        held = followers.now(cluster) if needed > 0 else []
        last = f"{len(held)} of {needed} voters follow this node ({', '.join(held) or 'none'}); /sync is of {cluster['leader']}, with {', '.join(cluster['standbys'])}"
        if not wanted():
            raise RuntimeError("nobody waits for it any more")
        if len(held) < needed:
            time.sleep(PAUSE_S)
        elif sign(cluster, own):
            return f"passed after {time.monotonic() - started:.3f} s: {last}"
        else:
            last, cluster = "/sync or the leader key changed while it was signed", None
    raise TimeoutError(f"gave up after {LIMIT_S:.0f} s; last seen: {last}; {voters.problems()}")


def needless():
    """Whether no gate is needed: without an arbiter a leader key is lost only when its lease ends, and then Patroni's own rules suffice."""
    return os.environ.get("ARBITER") == "off"


def attempt(voters, wanted=lambda: True):
    """The exit status for Patroni."""
    if needless():
        return 0
    try:
        with voters.asked():
            say(gate(voters, wanted))
        return 0
    except Exception as error:
        say(f"not promoting: {type(error).__name__}: {error}")
        return 1


def wait_on(port, voters):
    """Answers each connection with a status and a line feed. A connection that is closed before that withdraws its question."""
    def answer(client):
        with client, suppress(OSError):
            client.sendall(f"{attempt(voters, lambda: not has_left(client))}\n".encode())

    def look_around():
        """Gets a token, and learns which nodes there are: now, while nobody waits for that."""
        if needless():
            return
        with suppress(OSError, Refused):
            voters.know(read_cluster()["addresses"])

    with socket.create_server(("127.0.0.1", port)) as server:
        server.settimeout(KNOW_S)
        look_around()
        while True:
            try:
                client, _ = server.accept()
            except TimeoutError:
                look_around()
                continue
            client.setblocking(True)
            threading.Thread(target=answer, args=[client], daemon=True).start()


def has_left(client):
    try:
        return client.recv(1, socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


if __name__ == "__main__":
    if len(sys.argv) > 3:
        wait_on(int(sys.argv[3]), Voters(NAME))
    else:
        sys.exit(attempt(Voters(NAME)))
