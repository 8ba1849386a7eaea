"""Lint: what is legal but unwise."""

from corsproxy.config.settings import Config
from corsproxy.config.tree import Notes


def judge(config: Config, notes: Notes) -> None:
    """Note what is unwise about `config`."""
