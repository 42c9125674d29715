#!/usr/bin/python3
"""
The gate that every promotion passes (Patroni's `pre_promote`): this node holds the leader key, and must not become primary before nothing
that was acknowledged, or still can be, would be lost by it. Status 0 lets Patroni promote; anything else makes it give the key back.

`/sync` names voters and a quorum q: whatever the former primary acknowledged, or acknowledges yet, is on at least one of any q + 1 voters.
So the gate waits until q other voters
1. stream from this node: a standby has one source at a time, so they receive nothing from the former primary any more, and as long as
   the leader key is ours Patroni keeps them here. Whatever the former primary still acknowledges, it can only do through this node;
2. have nothing that this node lacks, asked after that. One that has more must be promoted instead.
Then it signs `/sync` with its own name, on condition that the leader key is still its own and nobody else wrote there. From then on the former
primary is a voter like any other, and cannot come back on the strength of its name alone.

And it takes a timeline that nobody had. PostgreSQL goes by the history files that it has; one that is promoted, and replaced before anybody has its file, leaves the next
one to choose the same number for another history. Each looks to the other like one of its own then, and the one that was replaced follows nobody for ever.

So it does not matter who took the leader key from the former primary, whether it deserved that, or whether it still runs. Patroni alone
relies on the former primary having stopped by the time its lease has ended. Argued in docs/arbiter.md, modelled in tests/unit/arbiter.

  gate.py NODE ETCD_MEMBERS      as arguments, for Patroni keeps its own environment from its scripts; PGPORT is where NODE listens
  gate.py NODE ETCD_MEMBERS PORT waits on 127.0.0.1:PORT until it is asked, by ask.sh, as often as it is asked
"""
import json, os, re, socket, sys, threading, time
from contextlib import suppress
from dcs import Dcs, Refused, decode, encode
from followers import PAUSE_S, Followers, Voters, ask, connect

NAME = sys.argv[1]
dcs = Dcs(sys.argv[2].split(","), os.environ.get("DCS_PATRONI_PASSWORD"))
PREFIX = "/service/blackstart/"
# The last timeline that anybody was let through to. Not among Patroni's own keys.
TIMELINE = "/gate/blackstart/timeline"
LIMIT_S = 10.0
# Who waits for standbys looks so often whether the leader key is still its own; nothing is signed without it in any case.
REREAD_S = 0.2
# Who waits to be asked looks so often who is there.
KNOW_S = 5.0


def say(text):
    print(f"gate: {text}", file=sys.stderr, flush=True)


def read_cluster():
    """`/sync` with its revision, the members' addresses, and the last timeline. `leader` is None where no synchronous mode is in force."""
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
        # Of the key as it is held now: held, lost and held again is another one.
        "tenure": keys["leader"]["create_revision"] if "leader" in keys and decode(keys["leader"]["value"]) == NAME else None,
        "taken": int(decode(timelines[0]["value"])) if timelines else 0,
        "taken_revision": timelines[0]["mod_revision"] if timelines else "0",
        "addresses": {key[len("members/"):]: json.loads(decode(kv["value"])).get("conn_url") for key, kv in keys.items() if key.startswith("members/")},
    }


def needed_by(cluster):
    """How many other voters must follow this node before it may be promoted."""
    # Whoever signed last has all there is: nobody can have acknowledged anything since without signing.
    if cluster["leader"] == NAME:
        return 0
    return cluster["quorum"] + (0 if NAME in cluster["standbys"] else 1)


def successor(cluster, copies, names):
    """
    `/sync` for this node as a primary that commits with any `copies` of `names`, as true as the one it follows: any quorum + 1 of its members
    have what was acknowledged before, and what this node will acknowledge. Patroni chose copies and names by an earlier `/sync`, perhaps.
    """
    members = {cluster["leader"], *cluster["standbys"], NAME}
    if copies == 0:
        return {"leader": NAME, "sync_standby": "", "quorum": 0}
    others = (members | names) - {NAME}
    quorum = max(cluster["quorum"] + len(names - members), len(others) - copies)
    return {"leader": NAME, "sync_standby": ",".join(sorted(others)), "quorum": quorum}


def commits_with(own):
    """How many standbys this node will commit with, and which count: `ANY 2 ("a","b","c")` is (2, {a, b, c})."""
    setting = ask(own, "show synchronous_standby_names")[0][0]
    found = re.fullmatch(r'(?:ANY |FIRST )?(\d+) ?\((.*)\)', setting)
    names = {name.strip().strip('"') for name in (found[2] if found else setting).split(",")} - {""}
    return (int(found[1]) if found else min(1, len(names))), names


def next_timeline(folder, current, taken):
    """
    The timeline that PostgreSQL will choose: the first after `current` without a history file in `folder`. Where a number was `taken` elsewhere, a file
    without a history stands for it, which standbys can be given, and none takes for an heir of what it has.
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
    """Where its WAL is, and the timeline that this node follows."""
    folder, checkpoint, recovery = ask(own, "select current_setting('data_directory') || '/pg_wal', (select timeline_id from pg_control_checkpoint()), (select min_recovery_end_timeline from pg_control_recovery())")[0]
    histories = [int(name[:8], 16) for name in os.listdir(folder) if re.fullmatch(r"[0-9A-F]{8}\.history", name)]
    return folder, max(checkpoint, recovery, *histories)


def sign(cluster, own):
    """Writes `/sync` with this node as its leader, and its timeline. False where the key is not ours any more or somebody else wrote meanwhile."""
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
    """Without an arbiter the leader key is lost by its lease alone, and Patroni's own rules are enough for that."""
    return os.environ.get("ARBITER") == "off"


def attempt(voters, wanted=lambda: True):
    """The status for Patroni."""
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
    """Answers each connection with a status and a line feed. One that is closed before that takes its question back."""
    def answer(client):
        with client, suppress(OSError):
            client.sendall(f"{attempt(voters, lambda: not has_left(client))}\n".encode())

    def look_around():
        """A token, and who is there: now, while nobody waits for it."""
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
