"""An end in order while requests and notices come without a pause."""

import signal
from pathlib import Path

from tests.processes.reckoning import reckon
from tests.processes.test_faults import market


def test_a_drain_under_load_keeps_every_accepted_notice_and_makes_no_server_error(tmp_path: Path) -> None:
    with market(tmp_path) as (bidder, traders):
        bidder.signal(signal.SIGTERM)
        assert bidder.exit_code() == 0
    assert traders.answers.keys() <= {0, 200, 204}
    assert traders.notice_answers.keys() <= {0, 204}
    assert bidder.log_events()[-1] == "stopped"
    reckon(bidder.state, traders, "drained")
