"""
A primary and three standbys, with Patroni's own rules for `/sync` and `synchronous_standby_names` and those of never_alone.py. Standbys
stand still while they seem to stream, go, come back behind, stream for a moment, and lose their disks; etcd refuses, and Patroni starts
again. After each step it is asked who could be promoted if the primary died now, by the gate's rule, and whether what was acknowledged
would be lost.

  alone.py stock|guarded FIRST_SEED COUNT   prints as JSON what was lost, what was never acknowledged again, and how often what happened
"""
import json, os, random, sys, time
from collections import Counter
from itertools import combinations
from types import SimpleNamespace

sys.path.insert(0, "/gate")
import patroni.postgresql
from patroni import global_config
from patroni.dcs import Member, SyncState
from patroni.ha import Ha
from patroni.postgresql.sync import SyncHandler, parse_sync_standby_names
from patroni.quorum import QuorumError
from never_alone import never_alone

# Waits take no time here; what else happens meanwhile is the story's.
clock = time.time()
time.time = time.monotonic = lambda: clock
meanwhile = lambda: None


def sleep(seconds):
    global clock
    clock += seconds
    meanwhile()


time.sleep = sleep
global_config.update(None, {"synchronous_mode": "quorum", "synchronous_node_count": 2})
STANDBYS = ["a", "b", "c"]
happened = Counter()


class World:
    """`at` says how much of the primary's WAL each node has; what is `acked` was acknowledged to clients."""

    def __init__(self, rules, draw):
        self.rules, self.draw, self.wal, self.acked, self.names = rules, draw, 10, 0, ""
        self.at, self.streams = dict.fromkeys(STANDBYS, 10), set(STANDBYS)
        self.sync, self.refuses = SyncState(1, "p", ",".join(STANDBYS), 1), False
        self.start()
        self.handler.set_synchronous_standby_names(STANDBYS, 2)

    def start(self):
        """Patroni starts; PostgreSQL runs."""
        self.process, self.handler = self.rules(), SyncHandler(self)

    # What Patroni asks of PostgreSQL.
    name, state, supports_multiple_sync, supports_quorum_commit = "p", "running", True, True
    config = property(lambda self: self)

    def set_synchronous_standby_names(self, names):
        changed, self.names = names != self.names, names or ""
        return changed

    def synchronous_standby_names(self):
        return self.names

    def pg_stat_replication(self):
        listed = parse_sync_standby_names(self.names).members
        return [
            {"pid": 1, "application_name": name, "sync_state": "quorum" if name in listed else "async", "write_lsn": self.at[name], "flush_lsn": self.at[name], "replay_lsn": self.at[name]}
            for name in sorted(self.streams)
        ]

    def last_operation(self):
        return self.wal

    def query(self, *_):
        self.wal += 1

    is_primary = lambda self: True
    get_primary_timeline = lambda self: 1
    synchronous_commit = lambda self: "on"
    reset_cluster_info_state = lambda self, _: None

    # What it asks of the DCS.
    def write_sync_state(self, leader, names, quorum, version=None):
        self.check("before /sync is written")
        if self.refuses and self.draw.random() < 0.3:
            happened["/sync was not written"] += 1
            return None
        self.sync = SyncState(self.sync.version + 1, leader, ",".join(sorted(names or [])), quorum or 0)
        self.check("after /sync was written")
        return self.sync

    def loop(self):
        members = [Member.from_node(1, name, "", json.dumps({"state": "running", "conn_url": "postgres://x/"})) for name in STANDBYS]
        ha = SimpleNamespace(cluster=SimpleNamespace(sync=self.sync, members=members), state_handler=self, sync_handler=self.handler, dcs=self)
        ha.dcs.loop_wait = 10
        ha._maybe_enable_synchronous_mode = lambda: self.sync
        self.sync_handler = self.handler
        try:
            self.process(ha)
        except QuorumError:
            # Patroni logs it, and looks again in its next loop.
            happened["Patroni gave up"] += 1
        self.check("after a loop")

    # What happens.
    def write(self):
        self.wal += 1
        self.acknowledge()

    def acknowledge(self):
        """A commit is acknowledged when as many of those that are listed have it as are asked for."""
        rule = parse_sync_standby_names(self.names)
        if rule.num == 0 or not rule.members:
            happened["acknowledged with nobody"] += 1
            self.acked = self.wal
        else:
            has = sorted((self.at[name] for name in rule.members if name in self.streams), reverse=True)
            if len(has) >= rule.num and rule.num:
                self.acked = max(self.acked, min(has[rule.num - 1], self.wal))
        self.check("after a write")

    def catch_up(self, name):
        if name in self.streams:
            self.at[name] = self.wal
            self.acknowledge()

    def check(self, when):
        """Of each node that the gate would let through without the primary: has it all, or does one of those that it asked have more?"""
        voters, have = set(self.sync.voters), {name for name in STANDBYS if self.at[name] > 0}
        for node in sorted(have):
            needed = self.sync.quorum + (0 if node in voters else 1)
            for asked in combinations(sorted((voters & have) - {node}), needed):
                if max(self.at[each] for each in (node, *asked)) < self.acked:
                    raise Lost(f"{when}: {node} with {asked} lacks {self.acked - self.at[node]}; /sync {self.sync.sync_standby} {self.sync.quorum}, '{self.names}', {self.at}, streams {sorted(self.streams)}")


class Lost(Exception):
    pass


def story(rules, seed):
    """What was lost, or None; and whether writes went on once all had been well for a while."""
    global meanwhile
    draw = random.Random(seed)
    meanwhile = lambda: None
    world = World(rules, draw)
    world.refuses = True

    def meanwhile():
        # A standby that stands still streams all the same, until its connection ends.
        act, name = draw.choice(["write", "go", "catch up", "catch up", ""]), draw.choice(STANDBYS)
        if act == "write":
            world.write()
        elif act == "go":
            world.streams.discard(name)
        elif act == "catch up":
            world.catch_up(name)

    try:
        for _ in range(60):
            stream = len(set(world.sync.voters) & world.streams)
            happened["all stream" if stream == len(world.sync.voters) else "some voters are gone" if stream else "alone"] += 1
            act = draw.choice([*["write", "loop", "come", "catch up"] * 4, "go", "go", "all go", "start"])
            name = draw.choice(STANDBYS)
            if act == "write":
                world.write()
            elif act == "loop":
                world.loop()
            elif act == "go" and name in world.streams:
                world.streams.discard(name)
                # It may have lost its disk.
                if draw.random() < 0.2:
                    world.at[name] = 0
                happened["went"] += 1
            elif act == "all go":
                world.streams.clear()
                happened["all went at once"] += 1
            elif act == "come" and name not in world.streams:
                # Without a disk it is copied from the primary.
                world.at[name] = world.at[name] or world.wal
                world.streams.add(name)
                happened["came back behind" if world.at[name] < world.acked else "came back"] += 1
            elif act == "catch up":
                world.catch_up(name)
            elif act == "start":
                world.start()
        meanwhile, world.refuses = (lambda: None), False
        world.streams = set(STANDBYS) - {draw.choice([*STANDBYS, ""])}
        for _ in range(6):
            for name in STANDBYS:
                world.catch_up(name)
            world.loop()
        for name in STANDBYS:
            world.catch_up(name)
        world.write()
        for name in STANDBYS:
            world.catch_up(name)
        return None, world.acked == world.wal
    except Lost as lost:
        return f"seed {seed}: {lost}", True


lost, stuck = [], []
for seed in range(int(sys.argv[2]), int(sys.argv[2]) + int(sys.argv[3])):
    adjust = Ha._process_quorum_replication
    found, goes_on = story(lambda: adjust if sys.argv[1] == "stock" else never_alone(adjust, lambda: 2), seed)
    if found:
        lost.append(found)
    if not goes_on:
        stuck.append(seed)
print(json.dumps({"lost": len(lost), "example": lost[:3], "stuck": stuck[:5], "happened": happened}))
