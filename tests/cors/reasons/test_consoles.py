"""The tell-tale words of the consoles tell every message from every other."""

from corsproxy.cors.reasons import CATALOGUE
from corsproxy.cors.reasons.consoles import CHROME_WORDS, FIREFOX_WORDS

SAID = {
    "CORSMissingAllowOrigin": "CORS header ‘Access-Control-Allow-Origin’ missing",
    "CORSMethodNotFound": "Did not find method in CORS header ‘Access-Control-Allow-Methods’",
    "CORSInvalidAllowMethod": "invalid token ‘(x)’ in CORS header ‘Access-Control-Allow-Methods’",
    "CORSInvalidAllowHeader": "invalid token ‘(x)’ in CORS header ‘Access-Control-Allow-Headers’",
    "CORSMissingAllowHeaderFromPreflight": "header ‘x-a’ is not allowed according to header"
    " ‘Access-Control-Allow-Headers’ from CORS preflight response",
}


def test_each_key_is_named_by_a_reason_and_has_its_words() -> None:
    named = {entry.firefox for entry in CATALOGUE.values()} - {""}
    assert named == set(FIREFOX_WORDS)


def test_each_message_is_that_of_a_reason() -> None:
    named = {entry.chrome for entry in CATALOGUE.values()} - {""}
    assert named == set(CHROME_WORDS)


def test_a_message_has_the_words_of_its_own_key_alone() -> None:
    for key, text in SAID.items():
        assert [name for name, words in FIREFOX_WORDS.items() if words in text] == [key]
