"""Which standbys receive from this node, and how far they got."""
import math, os, threading, time
from contextlib import contextmanager
import psycopg2

PAUSE_S = 0.02
# Between two questions while nobody waits for the answer.
KEEP_S = 5.0
RETRY_S = 1.0
# How far a standby got, in bytes. Replay is ahead of the receiver where it reads from files.
RECEIVED = "select greatest(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0'), pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0'))::int8"


class Ahead(Exception):
    """A voter has what this node lacks."""


def connect(address):
    # No encryption is used. To ask for it would cost one more round trip.
    connection = psycopg2.connect(address, user="postgres", password=os.environ.get("SUPERUSER_PASSWORD"), dbname="postgres", sslmode="disable", gssencmode="disable",
                                  connect_timeout=2, tcp_user_timeout=2000, options="-c statement_timeout=2000")
    connection.autocommit = True
    return connection


def ask(connection, query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


class Voter(threading.Thread):
    """Asks another node how far it got: all the time while somebody waits for the answer, and otherwise seldom, to keep the connection ready."""
    def __init__(self, address, asking):
        super().__init__(daemon=True)
        self.address, self.asking = address, asking
        # When it was asked, and how far it had got by then, in bytes.
        self.answer = -math.inf, 0
        self.problem = "no answer yet"

    def run(self):
        while True:
            try:
                connection = connect(self.address)
                while True:
                    asked = time.monotonic()
                    self.answer, self.problem = (asked, ask(connection, RECEIVED)[0][0]), None
                    self.pause(KEEP_S)
            except psycopg2.Error as error:
                self.problem = str(error).strip()
                self.pause(RETRY_S)

    def pause(self, idle_s):
        if self.asking.is_set():
            time.sleep(PAUSE_S)
        else:
            self.asking.wait(idle_s)


class Voters:
    """All other nodes. They are connected in advance: over a link that takes a sixth of a second each, which a promotion does not have."""
    def __init__(self, name):
        self.name = name
        self.asking = threading.Event()
        self.askers, self.lock = 0, threading.Lock()
        self.known = {}

    def know(self, addresses):
        for name, address in addresses.items():
            if name != self.name and name not in self.known and address:
                self.known[name] = Voter(address, self.asking)
                self.known[name].start()

    def problems(self):
        return ", ".join(f"{name}: {voter.problem or 'answers'}" for name, voter in self.known.items())

    @contextmanager
    def asked(self):
        with self.lock:
            self.askers += 1
            self.asking.set()
        try:
            yield
        finally:
            with self.lock:
                self.askers -= 1
                if self.askers == 0:
                    self.asking.clear()


class Followers:
    """The voters that stream from this node and have nothing that it lacks."""
    def __init__(self, own, voters):
        self.own, self.voters = own, voters
        # Since when each of our senders has streamed, at the latest. A standby that begins anew has a new sender.
        self.streams = {}

    def now(self, cluster):
        """Their names. Raises Ahead where one of them has more than this node."""
        members = {cluster["leader"], *cluster["standbys"]}
        rows = ask(self.own, "select pid, application_name from pg_stat_replication where state = 'streaming'")
        seen = time.monotonic()
        self.streams = {pid: self.streams.get(pid, seen) for pid, _ in rows}
        known = self.voters.known
        answers = {}
        for pid, name in rows:
            if name in members and name in known:
                asked, received = known[name].answer
                if asked > self.streams[pid]:
                    answers[name] = received
        mine = ask(self.own, RECEIVED)[0][0]
        for name, theirs in answers.items():
            if theirs > mine:
                raise Ahead(f"{name} has {theirs - mine} bytes more than this node, and must be promoted instead")
        return sorted(answers)
