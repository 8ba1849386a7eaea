"""Go: slices of strings, and the function of an origin."""

from corsproxy.cors.origin import RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.go_text import all_exact, allows, declarations, strings


def policy(*origins: str | RegexPattern) -> Policy:
    return Policy.from_lists(origins=origins)


def test_strings_are_quoted() -> None:
    assert strings(['a"b', "c"]) == '[]string{"a\\"b", "c"}'


def test_a_list_is_enough_for_single_origins() -> None:
    assert all_exact(policy("https://a.test"))
    assert not all_exact(policy("https://a.test", "https://*.b.test"))
    assert not all_exact(policy())


def test_an_expression_of_the_policys_own_is_held_to_the_shape_of_origins() -> None:
    found = policy(RegexPattern("https://`[a-z]+"))
    assert allows(found).count("MatchString(origin)") == 2
    assert [line.partition(" = ")[0] for line in declarations(found)] == [
        "var allowedOrigins",
        "var anOrigin",
    ]


def test_without_origins_the_function_is_constant() -> None:
    assert allows(policy()) == "func(origin string) bool { return false }"
    assert list(declarations(policy())) == []
