r"""Origin patterns as regexes of programming languages, which read more, and other, than RE2.

A policy's own expression is carried over only where JavaScript, Python, Ruby and Go read it alike:
`\z` is the end of the text in one of them and the letter in another. What RE2 asks beside the
expression, that the whole has the shape of an origin, is said by a lookahead.
"""

import re

from corsproxy.cors.origin import OriginPattern, RegexPattern
from corsproxy.cors.policy import Policy
from corsproxy.gateways.conversion.narrowing import Cut
from corsproxy.gateways.conversion.origin_regex import SHAPE, regex
from corsproxy.gateways.conversion.sayable import with_origins

_PORTABLE = re.compile(
    r"""(?:
        [A-Za-z0-9:/._,;=!@%~<>"'|)-]
      | [$^] (?! [*+?{] )
      | \\ [!-/:-@\[-^`{-~dDwW]
      | \[ \^? (?: [A-Za-z0-9:/._,;=!@%~+*?$()|{}<>"'-] | \\ [!-/:-@\[-^`{-~] )++ \]
      | \( (?: \?: | (?! \? ) )
      | (?: [*+?] | \{ [0-9]{1,4} (?: , [0-9]{0,4} )? \} ) \?? (?! [*+?{] )
    )*+""",
    re.VERBOSE,
)

ORIGINS_CUT = Cut(
    "the expression is not read alike by RE2 and in other languages",
    "write it with letters, classes, groups and . * + ? {n} alone",
)
"""What becomes of the others, and what helps."""


def portable(pattern: OriginPattern | RegexPattern) -> bool:
    """Whether the languages read its expression alike."""
    return isinstance(pattern, OriginPattern) or _PORTABLE.fullmatch(pattern.text) is not None


def with_portable_origins(policy: Policy) -> Policy:
    """`policy` with the patterns alone that are read alike."""
    return with_origins(policy, portable)


def expression(pattern: OriginPattern | RegexPattern) -> str:
    """What matches the whole of each origin of `pattern` where the reader asks for the whole."""
    if isinstance(pattern, OriginPattern):
        return regex(pattern)
    return f"(?={SHAPE}$){regex(pattern)}"


def anchored(pattern: OriginPattern | RegexPattern) -> str:
    """The same for a reader that searches."""
    return f"^{expression(pattern)}$"


def is_exact(pattern: OriginPattern | RegexPattern) -> bool:
    """Whether it names a single origin, so that its text says it all."""
    return isinstance(pattern, OriginPattern) and pattern.exact
