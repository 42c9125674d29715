#!/usr/bin/python3
"""
Patroni with one rule added: a standby that went leaves `/sync` only when those that stay have everything that was acknowledged.

Under quorum commit Patroni 4.0 drops who streams no more at once, and takes those that still stream for nodes that have everything. They
may not: what the dropped one acknowledged may not have reached one that stands still. When nobody streams any more, Patroni gives up
synchronous replication: the primary acknowledges alone, and what it acknowledges is lost with its disk. `synchronous_mode_strict` does
not help: it stops the acknowledgements, and `/sync` is emptied all the same, so nobody knows who has what. (Later Patroni does not
empty it: https://github.com/patroni/patroni/pull/3435, in no release up to 4.1.4.)

When voters in `/sync` do not stream,
1. a commit waits for every voter that does, and for so many others that what `/sync` says stays true. Where no voter streams it waits
   for all voters, and for who else streams;
2. who has confirmed what the primary had once 1. was in force has all that was ever acknowledged;
3. when each voter that streams has (where none streams: one of the others), these become the voters. Only then does a commit wait for
   them alone.
Until then `/sync` stays as it is, and any quorum + 1 of its voters have everything.
"""
import logging, sys, time

PATIENCE, AGAIN = 0.5, 0.02  # Seconds within one loop of Patroni's: a standby that streams needs milliseconds.


def never_alone(adjust, wanted):
    """
    What the primary's Patroni calls in each loop, to make `/sync` and `synchronous_standby_names` follow the standbys that stream. `adjust`
    is Patroni's own; `wanted()` says how many standbys a commit waits for, where there are enough.
    """
    log = logging.getLogger(__name__)
    rule, mark = None, 0  # What a commit waits for since somebody went, and what the primary had once that was in force.
    said = None

    def act(ha):
        nonlocal rule, said
        until = time.monotonic() + PATIENCE
        while True:
            sync, own = ha.cluster.sync, ha.state_handler
            active = own.sync_handler.current_state(ha.cluster).active
            voters = type(active)(name for name in sync.voters if name != own.name)
            if not voters or voters <= active or sync.leader != own.name:
                rule = said = None
                return adjust(ha)
            if said != (voters, active):
                said = voters, active
                log.warning("%s stream no more: they stay in /sync until who streams (%s) has everything", listed(voters - active), listed(active))
            late = time.monotonic() >= until
            if not active or drop(ha, voters, active, late) or late:
                return
            time.sleep(AGAIN)
            own.reset_cluster_info_state(None)

    def drop(ha, voters, active, late):
        """Makes those that stay the voters, if they have everything; says whether that was tried."""
        nonlocal rule, mark
        sync, own = ha.cluster.sync, ha.state_handler
        handler, staying, waited = own.sync_handler, voters & active, voters | active
        if staying:
            # As many as acknowledge a commit now, by what `/sync` says, and each that stays among them.
            others = max(0, len(voters) - sync.quorum - len(staying))
            waited = staying | type(active)(sorted(voters - staying)[:others])
        candidates = staying or active
        handler.set_synchronous_standby_names(waited, len(waited))
        own.reset_cluster_info_state(None)
        state = handler.current_state(ha.cluster)
        if (state.sync, state.numsync) != (waited, len(waited)):
            # PostgreSQL has not read it yet.
            return False
        now = own.get_primary_timeline(), own.synchronous_standby_names()
        if rule != now:
            rule, mark = now, own.last_operation()
        whole = candidates & type(active)(row["application_name"] for row in own.pg_stat_replication() if (row["flush_lsn"] or 0) >= mark)
        if whole != candidates and (staying or not whole or not late):
            return False
        count, rule = min(wanted(), len(whole)), None
        if ha.dcs.write_sync_state(own.name, whole, len(whole) - count, version=sync.version):
            log.info("%s have everything: commits wait for %d of them", listed(whole), count)
            handler.set_synchronous_standby_names(whole, count)
        return True

    return act


def listed(names):
    return ", ".join(sorted(names)) or "none"


if __name__ == "__main__":
    # Not above: for each start of PostgreSQL, Patroni imports its main program once more.
    import patroni.postgresql  # first, as Patroni's own start does it: patroni.ha and it import each other
    from patroni import global_config
    from patroni.__main__ import main
    from patroni.ha import Ha
    act = never_alone(Ha._process_quorum_replication, lambda: global_config.synchronous_node_count)
    Ha._process_quorum_replication = lambda ha: act(ha)
    sys.exit(main())
