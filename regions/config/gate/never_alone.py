#!/usr/bin/python3
"""
Patroni with one rule changed: a primary whose standbys are all gone acknowledges nothing until one is back.

Under quorum commit Patroni 4.0 gives up synchronous replication when no standby streams any more. The primary then acknowledges
alone, and what it acknowledges is lost with its disk. `synchronous_mode_strict` does not help: it stops the acknowledgements, and
`/sync` is emptied all the same, so once the primary is dead nobody knows who has what. Later Patroni keeps both `/sync` and the
standbys that a commit waits for (https://github.com/patroni/patroni/pull/3435, in no release up to 4.1.4). So does this.
"""
import logging, sys
import patroni.postgresql  # first, as Patroni's own start does it: patroni.ha and it import each other
from patroni.__main__ import main
from patroni.ha import Ha

adjust = Ha._process_quorum_replication
is_alone = False


def adjust_unless_alone(ha):
    """Called by the primary's Patroni in each loop, to make `/sync` and `synchronous_standby_names` follow the standbys that stream."""
    global is_alone
    sync, own = ha.cluster.sync, ha.state_handler
    was_alone, is_alone = is_alone, sync.leader == own.name and bool(sync.voters) and not own.sync_handler.current_state(ha.cluster).active
    if not is_alone:
        adjust(ha)
    elif not was_alone:
        logging.getLogger(__name__).warning("no standby streams: commits wait for %s", ", ".join(sync.voters))


if __name__ == "__main__":
    Ha._process_quorum_replication = adjust_unless_alone
    sys.exit(main())
