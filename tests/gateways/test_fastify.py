"""fastify: as express, by its own names."""

from tests.gateways.snippets import ONE, text, told


def test_a_plugin_is_registered_in_either_form_of_modules() -> None:
    assert "await fastify.register(cors, {" in text("fastify", ONE)
    assert 'fastify.register(require("@fastify/cors"), {' in text("fastify", ONE, "commonjs")


def test_no_names_are_an_empty_list_since_none_would_be_any() -> None:
    assert "allowedHeaders: []," in text("fastify", ONE)
    assert 'origin: ["https://a.test"],' in text("fastify", ONE)


def test_names_that_would_be_sent_back_are_told() -> None:
    assert told("fastify", f"{ONE}\nallow_headers: ['*']\nallow_credentials: true") == [
        "allow_headers"
    ]
