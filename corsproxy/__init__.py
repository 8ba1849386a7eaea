"""corsproxy: CORS, from localhost to production, from one policy file."""

__version__ = "0.1.0"
