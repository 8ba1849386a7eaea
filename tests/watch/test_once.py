from corsproxy.watch.once import Once


def test_each_thing_is_counted_for_itself() -> None:
    once = Once()
    assert [once.count(key) for key in ("a", "b", "a", "a")] == [1, 1, 2, 3]


def test_what_did_not_happen_for_longest_is_forgotten_first() -> None:
    once = Once(most=2)
    for key in ("a", "b", "a", "c"):
        once.count(key)
    assert once.count("a") == 3
    assert once.count("b") == 1
