"""The socket between control and a worker."""

import socket

from bidder.processes.messages import Drop, Flipped, control_end, worker_end


async def test_messages_arrive_whole_and_in_order() -> None:
    ours, theirs = socket.socketpair()
    control, worker = await control_end(ours), await worker_end(theirs)
    control.send(Drop(1))
    control.send(Drop(2))
    assert [await worker.receive(), await worker.receive()] == [Drop(1), Drop(2)]
    control.close()
    worker.close()


async def test_what_is_sent_to_a_side_that_is_gone_is_lost_without_a_fault() -> None:
    ours, theirs = socket.socketpair()
    control, worker = await control_end(ours), await worker_end(theirs)
    control.close()
    assert await worker.receive() is None
    worker.close()
    worker.send(Flipped(1))
    await worker.flush()
