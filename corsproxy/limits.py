"""The limits that no setting changes: what is kept, for how long, and what is dropped then.

Those that a user can set are `limits` and `timeouts` in `config/settings.py`.

Exchanges are dropped or only counted in several places between a request and whoever reads of it;
ARCHITECTURE.md has them as one table.
"""

# From the lanes to the watchers.

BURST, RATE = 200, 25
"""Exchanges reported at once, and in each second of a flood; of the others, those that went well
are only counted, since so many cannot be read."""

QUEUE_MAX_EXCHANGES = 10_000
QUEUE_MAX_BYTES = 32_000_000
"""What may wait for one watcher; of ordinary exchanges ten thousand are less."""

RECENT_MAX_EXCHANGES = 10_000
RECENT_MAX_BYTES = 48_000_000
"""What the inspector remembers."""
RECENT_MAX_PER_SECOND = 500
"""Exchanges kept of one second, beside those that were refused or failed: all of these are."""

LOG_MAX_LINES_PER_SECOND = 50
"""Requests a second beyond which the log counts instead of listing."""

OUTPUT_MAX_BYTES = 1 << 20
"""What may wait for a terminal or a pipe."""
HAR_OUTPUT_MAX_BYTES = 8 << 20
"""What may wait for the disk."""

# On a client's connection, in either lane.

KEEPALIVE_TIMEOUT = 75.0
"""Seconds a connection may say nothing, or be in the middle of a request's head."""

HANDSHAKE_TIMEOUT = 10.0
"""Seconds until the first byte of a TLS handshake, and from there until its end."""

TLS_SHUTDOWN_TIMEOUT = 5.0
"""Seconds that a client gets to say that it, too, is at the end of a TLS connection."""

MAX_MADE_CERTIFICATES = 64
"""Names and addresses with a certificate of their own; all are made anew beyond that."""

MAX_HELD_BYTES = 65536
"""Bytes that may come before their turn (pipelined requests); with more the client is paused."""

MAX_WAITING_BYTES = 131072
"""Bytes of content, or of a tunnel, that may wait for a slow receiver until the sender is paused.
"""

MAX_FIELDS = 1000
"""Header lines of one request; on the admin address, too."""

OPEN_AFTER = 0.5
"""Seconds from a request to when it is told of before its end, if its response has begun."""

MAX_BUFFERED_CONTENT = 8 << 20
"""Bytes of a request's chunked content that are kept until its length is known, for an upstream
that speaks HTTP/1.0; with more the response is 411."""
MAX_BUFFERED_CONTENTS = 64 << 20
"""The same of all requests together."""

LINGERING_TIME = 30.0
"""Seconds for which unused content is read and dropped before the connection is closed."""

LINGERING_TIMEOUT = 5.0
"""Seconds after which it is closed because no more of it comes."""

LINGERING_TIME_AFTER_ERROR = 2.0
"""Seconds that a client gets to read a response after which its connection ends."""

GRACE = 10.0
"""Seconds that requests under way get to finish at shutdown."""

LAST_REQUEST = 0.5
"""Seconds at shutdown in which a client that was answered just now may ask once more."""

# At start-up and at a reload.

MAX_ANNOUNCED = 20
"""Routes, or changed settings, that are listed on the terminal; more are counted."""

LARGEST_FILE = 1 << 20
"""Bytes of a policy file. Ten thousand origins are a quarter of it."""

# Of what is judged afterwards.

RECORD_MAX_BYTES = 64 << 20
"""Bytes of a HAR that a browser saved; the content of responses is most of it, and is not kept."""
RECORD_MAX_BRACKETS = 6_000_000
"""Objects and lists in it, those in the content of responses included. Each costs sixty bytes, of
which its text is two."""
RECORD_MAX_ENTRIES = 50_000
"""Requests in it; judging as many takes some seconds."""

# Of what is asked of a deployed server.

VERIFY_MAX_REQUESTS = 1000
VERIFY_MAX_PER_SECOND = 20.0
"""Requests that `corsproxy verify` sends, and how many of them in a second; both have a flag."""
