"""Which campaign has which slot on the board. Only control assigns; the names stand on the board itself."""

from collections.abc import Callable, Iterable

from bidder.ledger.board import NAME_BYTES, PPB, Board


class NoSlotError(Exception):
    """The board has fewer slots than there are campaigns, and campaigns that are gone but not yet done with."""


class Slots:
    """Slots by campaign: the same for as long as the board lives, unless the campaign was gone and another took it.

    A slot is free again when its campaign is gone, every worker has loaded a generation without it, no worker's grant
    on it is left, and the book holds nothing for it.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._names = board.slot_names()
        self._gone_since: dict[int, int] = {}

    def assign(self, campaigns: Iterable[str], generation: int, has_open: Callable[[str], bool]) -> dict[str, int]:
        """The slot of each campaign of the coming `generation`; `has_open` is `Book.has_open`.

        Raises `NoSlotError`, `ValueError` for a name longer than `NAME_BYTES`; then nothing is changed.
        """
        taken = {name: slot for slot, name in enumerate(self._names) if name}
        wanted = dict.fromkeys(campaigns)
        new = [name for name in wanted if name not in taken]
        if any(not name or len(name.encode()) > NAME_BYTES for name in new):
            raise ValueError(f"the id of a campaign has 1 to {NAME_BYTES} bytes, found {max(new, key=len)!r}")
        free = [
            slot for slot, name in enumerate(self._names) if not name or self._is_free(slot, name, wanted, has_open)
        ]
        if len(new) > len(free):
            raise NoSlotError(f"{len(new)} new campaigns, {len(free)} of {len(self._names)} slots are free")
        for name, slot in zip(new, free, strict=False):
            self._write(slot, name)
            taken[name] = slot
        self._mark_gone(wanted, generation)
        return {name: taken[name] for name in wanted}

    def _is_free(self, slot: int, name: str, wanted: dict[str, None], has_open: Callable[[str], bool]) -> bool:
        gone_since = self._gone_since.get(slot)
        if name in wanted or gone_since is None:
            return False
        loaded = all(generation >= gone_since for generation in self._board.loaded)
        return loaded and self._board.unspent(slot) == 0 and not has_open(name)

    def _mark_gone(self, wanted: dict[str, None], generation: int) -> None:
        for slot, name in enumerate(self._names):
            if name in wanted or not name:
                self._gone_since.pop(slot, None)
            else:
                self._gone_since.setdefault(slot, generation)

    def _write(self, slot: int, name: str) -> None:
        self._names[slot] = name
        self._board.throttle_ppb[slot] = self._board.multiplier_ppb[slot] = PPB
        self._board.names[slot * NAME_BYTES : (slot + 1) * NAME_BYTES] = name.encode().ljust(NAME_BYTES, b"\0")
