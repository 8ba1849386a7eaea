"""corsproxy: CORS, from localhost to production, from one policy file.

The public API is what `__all__` lists, here and in `corsproxy.testing`; everything else is private
and may change in any release.
Each name is loaded when it is first used (PEP 562), so that `import corsproxy` costs nothing.
"""

__version__ = "0.1.0"

__all__ = [
    "Attempt",
    "Config",
    "ConfigError",
    "Decision",
    "Diagnostic",
    "Explanation",
    "Gateway",
    "Mode",
    "Names",
    "OriginPattern",
    "Origins",
    "PatternError",
    "Policy",
    "PolicyError",
    "RegexPattern",
    "Request",
    "Verdict",
    "__version__",
    "decide",
    "explain",
    "load",
    "on_preflight",
    "on_response",
]

TYPE_CHECKING = False  # as type checkers read it; `typing` is not loaded for it
if TYPE_CHECKING:
    from corsproxy.api import Explanation, explain, load
    from corsproxy.config.diagnostics import ConfigError, Diagnostic
    from corsproxy.config.settings import Config
    from corsproxy.cors.browser.attempt import Attempt
    from corsproxy.cors.browser.verdict import Verdict, on_preflight, on_response
    from corsproxy.cors.decision import Decision, decide
    from corsproxy.cors.names import Names
    from corsproxy.cors.origin import OriginPattern, Origins, RegexPattern
    from corsproxy.cors.origin_spelling import PatternError
    from corsproxy.cors.policy import Mode, Policy, PolicyError
    from corsproxy.cors.request import Request
    from corsproxy.proxy.gateway import Gateway

_MODULES = {
    "api": ("Explanation", "explain", "load"),
    "config.diagnostics": ("ConfigError", "Diagnostic"),
    "config.settings": ("Config",),
    "cors.browser.attempt": ("Attempt",),
    "cors.browser.verdict": ("Verdict", "on_preflight", "on_response"),
    "cors.decision": ("Decision", "decide"),
    "cors.names": ("Names",),
    "cors.origin": ("OriginPattern", "Origins", "RegexPattern"),
    "cors.policy": ("Mode", "Policy", "PolicyError"),
    "cors.request": ("Request",),
    "cors.origin_spelling": ("PatternError",),
    "proxy.gateway": ("Gateway",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


if not TYPE_CHECKING:  # it would give every name a type, misspelled ones too

    def __getattr__(name: str) -> object:
        if name not in _MODULE_OF:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        found: object = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return __all__
