"""What a browser's record of its traffic, a HAR, says of a call, or cannot say."""

from corsproxy.cors.reasons.entry import Entry

RECORDED = (
    Entry(
        "recorded-without-response",
        "the browser did not save {what}, so the record cannot tell what became of the call",
        "paste what the page's console says to `corsproxy explain --console`, or ask the server"
        " with `corsproxy probe`",
    ),
    Entry(
        "recorded-failure",
        "the browser says {failure}, and nothing that was saved is a reason for CORS to block the"
        " call: the page sees a network error that looks like CORS",
        "look at the server, its certificate, the network and the browser's extensions; CORS is"
        " not the cause",
        step="Fetch, HTTP-network fetch",
    ),
    Entry(
        "recorded-without-credentials-mode",
        "the record does not say whether the page asked for credentials: without them the browser"
        " goes on, with them it stops, for the reason that follows",
        "look for credentials: 'include' in the page's call; without it nothing has to be done",
        step="Fetch, request credentials mode",
    ),
)
