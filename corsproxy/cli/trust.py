"""corsproxy trust: let this machine's browsers trust the local authority, or no more."""

from functools import partial
from typing import TYPE_CHECKING

import click

from corsproxy.cli import NO
from corsproxy.cli.help_text import Command
from corsproxy.cli.options import Sources, settings

if TYPE_CHECKING:
    from corsproxy.trust.stores import Store


@click.command("trust", cls=Command)
@click.option("--check", is_flag=True, help="Only say which stores trust it; exit 0 or 1.")
@click.option("--remove", is_flag=True, help="Take it out of every store, and delete its key.")
@click.option("--no-system", is_flag=True, help="Leave the system's store alone: browsers only.")
@partial(settings, shown=("allowed_hosts",))
def command(sources: Sources, *, check: bool, remove: bool, no_system: bool) -> int:
    """Let this machine's browsers trust the local authority of `tls: auto`.

    It is made if there is none yet; made anew if it is about to expire, or may not speak for a name
    in allowed_hosts. Then the system's store and those of Firefox and Chromium are told, each where
    that takes no more rights than this user has; for the others the command is printed.
    """
    if check and remove:
        raise click.UsageError("--check changes nothing, and --remove does: give one of them")
    hosts = sources.load(offline=True).config.allowed_hosts
    from corsproxy.trust import stores

    known = stores.found(system=not no_system)
    if remove:
        return _remove(known)
    return _check(known, hosts) if check else _add(known, hosts)


def _add(known: "list[Store]", hosts: tuple[str, ...]) -> int:
    from corsproxy.trust.authority import Authority
    from corsproxy.trust.data_folder import data_folder
    from corsproxy.trust.stores import NotDone

    folder = data_folder()
    authority = Authority.load(folder)
    if authority is None:
        authority = Authority.make(folder, hosts)
        print(f"made {authority.nickname} in {folder}")
    elif authority.expired or authority.unspoken(hosts):
        authority = authority.extended(hosts)
        print(f"made anew: {authority.nickname} in {folder}; restart what runs with the old one")
    left = 0
    for store in known:
        try:
            store.add(authority)
            print(f"trusted by {store.name}")
        except NotDone as error:
            left += 1
            print(f"to do for {store.name}:\n  {error.command}")
    print(f"for other machines and programs: {authority.certificate_file}")
    return NO if left else 0


def _check(known: "list[Store]", hosts: tuple[str, ...]) -> int:
    from corsproxy.trust.authority import Authority
    from corsproxy.trust.data_folder import data_folder
    from corsproxy.trust.stores import NotDone

    authority = Authority.load(data_folder())
    if authority is None:
        print("there is no local authority yet\n  fix: corsproxy trust")
        return NO
    good = True
    for store in known:
        try:
            trusted = store.trusts(authority)
            print(f"{'trusted' if trusted else 'not trusted'} by {store.name}")
        except NotDone as error:
            trusted = False
            print(f"{store.name} cannot be asked:\n  {error.command}")
        good &= trusted
    if unspoken := authority.unspoken(hosts):
        print(f"it may not speak for {', '.join(unspoken)}")
    if authority.expired:
        print("it expires within 30 days, or has expired")
    if good and not unspoken and not authority.expired:
        return 0
    print("  fix: corsproxy trust")
    return NO


def _remove(known: "list[Store]") -> int:
    from corsproxy.trust.authority import Authority
    from corsproxy.trust.data_folder import data_folder
    from corsproxy.trust.stores import NotDone

    left = 0
    for store in known:
        try:
            store.remove()
            print(f"no longer trusted by {store.name}")
        except NotDone as error:
            left += 1
            print(f"to do for {store.name}:\n  {error.command}")
    folder = data_folder()
    print(f"deleted from {folder}" if Authority.remove(folder) else f"there is none in {folder}")
    return NO if left else 0
