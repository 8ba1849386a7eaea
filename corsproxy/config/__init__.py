"""Configuration: text in; a Config, or every mistake at once, out."""

from corsproxy.config.diagnostics import ConfigError, Diagnostic, Severity
from corsproxy.config.loading import Loaded, load, load_text
from corsproxy.config.settings import Config, Route

__all__ = [
    "Config",
    "ConfigError",
    "Diagnostic",
    "Loaded",
    "Route",
    "Severity",
    "load",
    "load_text",
]
