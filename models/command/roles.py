"""`model promote | rollback | shadow | canary`: which version does what. A version is checked before it gets a role."""

import sys
from argparse import ArgumentParser, Namespace
from typing import Literal

from models import pointers
from models.command.arguments import percent
from models.command.inspect import add_store
from models.command.output import DONE, UNUSABLE, say
from models.errors import StoreError
from models.store import Store


def add_promote_arguments(parser: ArgumentParser) -> None:
    """The arguments of `promote`."""
    parser.add_argument("model", metavar="NAME[:VERSION]", help="default version: the newest")
    add_store(parser)


def run_promote(options: Namespace) -> int:
    """Makes a version the champion. Raises `RefusedError` with the reasons where it may not serve."""
    store = Store(options.store)
    name, version = _newest(store, options.model)
    store.load(name, version)
    before = pointers.promote(store.root / name, version)
    say({"name": name, "champion": version, "previous": before}, options.json)
    return DONE


def add_rollback_arguments(parser: ArgumentParser) -> None:
    """The arguments of `rollback`."""
    parser.add_argument("name", metavar="NAME")
    add_store(parser)


def run_rollback(options: Namespace) -> int:
    """Makes the previous version the champion again. Raises `StoreError` where there is none, `RefusedError`."""
    store = Store(options.store)
    if ":" in options.name:
        raise StoreError(f"a rollback goes back to the previous champion: NAME without a version, found {options.name}")
    store.resolve(options.name)
    previous = pointers.read(store.root / options.name, "previous")
    if previous is not None:
        store.load(options.name, previous)
    failed, back = pointers.rollback(store.root / options.name)
    say({"name": options.name, "champion": back, "rolled_back": failed}, options.json)
    return DONE


def add_shadow_arguments(parser: ArgumentParser) -> None:
    """The arguments of `shadow`."""
    _add_role_arguments(parser)


def run_shadow(options: Namespace) -> int:
    """Gives a version the shadow's role, or takes it away."""
    return _run_role(options, "shadow", None)


def add_canary_arguments(parser: ArgumentParser) -> None:
    """The arguments of `canary`."""
    parser.add_argument("share", nargs="?", type=percent, metavar="SHARE%", help="such as 5%%")
    _add_role_arguments(parser)


def run_canary(options: Namespace) -> int:
    """Gives a version a share of the bids, or takes it away."""
    if options.share is None and not options.off:
        sys.stderr.write("model canary: expected a share such as 5%, or --off\n")
        return UNUSABLE
    return _run_role(options, "canary", options.share)


def _add_role_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", metavar="NAME[:VERSION]", help="default version: the newest")
    parser.add_argument("--off", action="store_true", help="take the role away")
    add_store(parser)


def _run_role(options: Namespace, role: Literal["shadow", "canary"], share: float | None) -> int:
    store = Store(options.store)
    name, version = _newest(store, options.model)
    if options.off:
        pointers.clear(store.root / name, role)
        say({"name": name, role: None}, options.json)
        return DONE
    store.load(name, version)
    pointers.point(store.root / name, role, version, share)
    say({"name": name, role: version} | ({} if share is None else {"share": share}), options.json)
    return DONE


def _newest(store: Store, model: str) -> tuple[str, str]:
    """Name and version of `NAME:VERSION`, or the newest of `NAME`."""
    name, colon, _ = model.partition(":")
    versions = store.versions(name)
    return store.resolve(model if colon or not versions else f"{name}:{versions[-1]}")
