import threading

from corsproxy.watch.outbox import Outbox


def test_pieces_are_written_in_their_order() -> None:
    written: list[bytes] = []
    outbox = Outbox(written.append, "test")
    for number in range(100):
        outbox.put(b"%d" % number)
    outbox.close()
    assert written == [b"%d" % number for number in range(100)]
    assert outbox.dropped == 0


def test_a_stuck_reader_costs_the_oldest_and_keeps_nobody_waiting() -> None:
    stuck, reached = threading.Event(), threading.Event()
    written: list[bytes] = []

    def write(piece: bytes) -> None:
        reached.set()
        stuck.wait()
        written.append(piece)

    outbox = Outbox(write, "test", most=10)
    outbox.put(b"first")
    reached.wait()
    for number in range(25):
        outbox.put(b"%d" % number)
    assert outbox.dropped == 15
    outbox.close(patience=0.01)
    assert written == []
    stuck.set()
    outbox.close()
    assert written == [b"first"] + [b"%d" % number for number in range(15, 25)]


def test_a_piece_that_cannot_be_written_is_counted_and_the_next_is_tried() -> None:
    written: list[bytes] = []

    def write(piece: bytes) -> None:
        if piece == b"bad":
            raise OSError(28, "No space left on device")
        written.append(piece)

    outbox = Outbox(write, "test")
    outbox.put(b"bad")
    outbox.close()
    assert outbox.dropped == 1
    assert outbox.failure is not None
    outbox = Outbox(write, "test")
    outbox.put(b"bad")
    outbox.put(b"good")
    outbox.close()
    assert (written, outbox.dropped, outbox.failure) == ([b"good"], 1, None)
