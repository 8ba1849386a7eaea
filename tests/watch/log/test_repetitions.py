import tracemalloc

from corsproxy.watch.log.repetitions import Repetitions


def test_each_thing_is_counted_for_itself() -> None:
    once = Repetitions()
    assert [once.count(key) for key in ("a", "b", "a", "a")] == [1, 1, 2, 3]


def test_what_did_not_happen_for_longest_is_forgotten_first() -> None:
    once = Repetitions(max_keys=2)
    for key in ("a", "b", "a", "c"):
        once.count(key)
    assert once.count("a") == 3
    assert once.count("b") == 1


def test_what_it_remembers_takes_no_room_for_text() -> None:
    once = Repetitions()
    tracemalloc.start()
    for number in range(1000):
        once.count((f"{number}{'a' * 60_000}", "reason"))
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken < 1_000_000
