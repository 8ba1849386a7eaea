"""The wildcard of names, where a gateway sends it as it stands.

By the standard it never covers what `NON_WILDCARD_NAMES` has, and by the policy neither; in every
browser of today it does (`cors/browser/browsers.py`). It is written, since it says what the policy
says, and it is told, since more is granted by it.
"""

from corsproxy.cors.names import WILDCARD, Names
from corsproxy.gateways.conversion.export import Export
from corsproxy.gateways.conversion.forwarding import covers_authorization

EFFECT = f"`{WILDCARD}` is sent as it stands, and browsers let it cover authorization, too"
FIX = "list authorization beside `*`, or name the headers"


def sent_literally(export: Export, names: Names, *, credentials: bool | None = None) -> Names:
    """`names`, which are sent as they stand unless `credentials` are allowed, by the policy's word.

    Beside credentials the wildcard is cut or echoed: what is told of that is its gateway's affair.
    """
    if credentials is None:
        credentials = export.policy.allow_credentials
    if names.any and not credentials and not covers_authorization(names):
        export.lose("allow_headers", EFFECT, FIX)
    return names
