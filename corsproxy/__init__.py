"""corsproxy: CORS, from localhost to production, from one policy file."""
