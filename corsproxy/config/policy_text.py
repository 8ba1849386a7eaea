"""A policy alone as a policy file: no upstream, which a flag or a line more names."""

from corsproxy.config.config_writer import setting_lines
from corsproxy.config.schema import CORS, GROUPS, default_of
from corsproxy.cors.policy import Policy


def policy_text(policy: Policy, title: str) -> str:
    """What `load` makes `policy` of again, below the comment `title`."""
    lines = [f"# {title}", f"# {GROUPS['cors']}", "cors:"]
    for setting in CORS:
        name = setting.key.removeprefix("cors.")
        value = getattr(policy, name)
        if value != default_of(setting):
            lines += [f"  # {setting.help}", *setting_lines(name, value, "  ")]
    return "\n".join(lines if len(lines) > 3 else [*lines[:2], "cors: {}"]) + "\n"
