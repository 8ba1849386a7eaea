"""Decision and Verdict in words and JSON: one wording for log, inspector, shell and answers."""

from corsproxy.cors.explain.findings import Explained, explained, findings_text

__all__ = ["Explained", "explained", "findings_text"]
