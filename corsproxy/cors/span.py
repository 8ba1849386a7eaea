"""Where a setting stands in the text that was read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a policy file, or the flag or variable that stands for it.

    `line` and `column` count from 1, in characters; both are 0 for a flag or a variable,
    whose name is then `source` (`--allow-origin`, `CORSPROXY_MAX_AGE`).
    """

    source: str
    line: int = 0
    column: int = 0
    length: int = 1

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source
