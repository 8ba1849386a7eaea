import threading

from corsproxy.watch.output_queue import OutputQueue


def test_pieces_are_written_in_their_order() -> None:
    written: list[bytes] = []
    outbox = OutputQueue(written.append, "test")
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

    outbox = OutputQueue(write, "test", max_bytes=20)
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

    outbox = OutputQueue(write, "test")
    outbox.put(b"bad")
    outbox.close()
    assert outbox.dropped == 1
    assert outbox.failure is not None
    outbox = OutputQueue(write, "test")
    outbox.put(b"bad")
    outbox.put(b"good")
    outbox.close()
    assert (written, outbox.dropped, outbox.failure) == ([b"good"], 1, None)


def test_what_waits_is_bounded_in_bytes_and_counted_in_lines() -> None:
    stuck, reached = threading.Event(), threading.Event()

    def write(_: bytes) -> None:
        reached.set()
        stuck.wait()

    outbox = OutputQueue(write, "test", max_bytes=1000)
    outbox.put(b"")
    reached.wait()
    for _ in range(50):
        outbox.put(b"a" * 100, count=3)
        assert outbox.waiting <= 1000
    assert outbox.dropped == 40 * 3
    stuck.set()
    outbox.close()


def test_the_gap_is_told_where_it_is_as_soon_as_the_reader_reads_again() -> None:
    stuck, reached = threading.Event(), threading.Event()
    written: list[bytes] = []

    def write(piece: bytes) -> None:
        reached.set()
        stuck.wait()
        written.append(piece)

    outbox = OutputQueue(write, "test", max_bytes=20, gap=lambda count: b"[%d lost]" % count)
    outbox.put(b"first")
    reached.wait()
    for number in range(10, 25):
        outbox.put(b"%d" % number)
    stuck.set()
    outbox.close()
    assert written == [b"first", b"[5 lost]15", *(b"%d" % number for number in range(16, 25))]


def test_a_gap_that_nothing_follows_is_told_too() -> None:
    written: list[bytes] = []
    outbox = OutputQueue(written.append, "test", gap=lambda count: b"[%d lost]" % count)
    outbox.lose(7)
    outbox.close()
    assert written == [b"[7 lost]"]


def test_what_could_not_be_written_is_part_of_the_next_gap() -> None:
    written: list[bytes] = []

    def write(piece: bytes) -> None:
        if b"bad" in piece:
            raise ValueError("not even an OSError")
        written.append(piece)

    outbox = OutputQueue(write, "test", gap=lambda count: b"[%d lost]" % count)
    outbox.put(b"bad", count=2)
    assert outbox.drained(5)
    outbox.put(b"bad again")
    assert outbox.drained(5)
    outbox.put(b"good")
    assert outbox.close()
    assert (written, outbox.dropped) == ([b"[3 lost]good"], 3)


def test_whoever_cannot_wait_for_the_end_is_told_so() -> None:
    stuck = threading.Event()

    def write(_: bytes) -> None:
        stuck.wait()

    outbox = OutputQueue(write, "test")
    outbox.put(b"piece")
    assert not outbox.drained(0.01)
    assert not outbox.close(patience=0.01)
    stuck.set()
    assert outbox.close()
