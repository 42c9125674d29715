#!/usr/bin/python3
"""
Patroni with one rule changed: a primary whose standbys are all gone acknowledges nothing until one is back that has everything.

Under quorum commit Patroni 4.0 gives up synchronous replication when no standby streams any more. The primary then acknowledges
alone, and what it acknowledges is lost with its disk. `synchronous_mode_strict` does not help: it stops the acknowledgements, and
`/sync` is emptied all the same, so once the primary is dead nobody knows who has what. Later Patroni keeps both `/sync` and the
standbys that a commit waits for (https://github.com/patroni/patroni/pull/3435, in no release up to 4.1.4).

A primary is alone when none of the voters in `/sync` may be counted on. Then
1. nothing is changed while nobody streams at all: any quorum + 1 voters still have all that was acknowledged;
2. when some are back, and not all voters, a commit waits for everybody: the voters, and who else streams. `/sync` stays;
3. who streams at the next look, too, and has confirmed what the primary had when 2. was in force, has all that was ever
   acknowledged. These become the voters, and only then does a commit wait for them alone.
So neither a standby that streams for a moment, nor one that is behind, nor a new one is believed to have everything.
"""
import logging, sys


def never_alone(adjust, wanted):
    """
    What the primary's Patroni calls in each loop, to make `/sync` and `synchronous_standby_names` follow the standbys that stream. `adjust`
    is Patroni's own; `wanted()` says how many standbys a commit waits for, where there are enough.
    """
    log = logging.getLogger(__name__)
    streamed = None  # While alone: who streamed at the last look, and was waited for since.
    tenure = 0  # The timeline. This process may lead, follow, and lead again.

    def act(ha):
        nonlocal streamed, tenure
        sync, own = ha.cluster.sync, ha.state_handler
        handler = own.sync_handler
        if tenure != own.get_primary_timeline():
            # What a commit waited for before says nothing any more: nobody is believed yet.
            streamed, tenure = streamed and type(streamed)(), own.get_primary_timeline()
        if streamed is not None:
            # Who had caught up before has to show it again.
            handler._ready_replicas.clear()
        state = handler.current_state(ha.cluster)
        voters = type(state.active)(name for name in sync.voters if name != own.name)
        is_signed = sync.leader == own.name
        if not voters or voters <= state.active or ((streamed is None or not is_signed) and voters & state.active):
            streamed = None
            return adjust(ha)
        if streamed is None:
            log.warning("none of %s can be counted on: nothing is acknowledged until one has everything", ", ".join(sorted(voters)))
            streamed = type(state.active)()
        if not is_signed:
            # What others acknowledged meanwhile is not this node's to say.
            return
        whole = state.active & state.sync_confirmed & streamed
        if whole:
            count = min(wanted(), len(whole))
            if ha.dcs.write_sync_state(own.name, whole, len(whole) - count, version=sync.version):
                log.info("%s have everything: commits wait for %d of them", ", ".join(sorted(whole)), count)
                handler.set_synchronous_standby_names(whole, count)
                streamed = None
            return
        if state.active:
            everybody = voters | state.sync | state.active
            handler.set_synchronous_standby_names(everybody, len(everybody))
        streamed = state.active

    return act


if __name__ == "__main__":
    # Not above: for each start of PostgreSQL, Patroni imports its main program once more.
    import patroni.postgresql  # first, as Patroni's own start does it: patroni.ha and it import each other
    from patroni import global_config
    from patroni.__main__ import main
    from patroni.ha import Ha
    act = never_alone(Ha._process_quorum_replication, lambda: global_config.synchronous_node_count)
    Ha._process_quorum_replication = lambda ha: act(ha)
    sys.exit(main())
