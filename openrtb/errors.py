"""The one error this package raises."""


class DecodeError(ValueError):
    """Bytes that cannot be read as the OpenRTB document asked for. The fault is the sender's.

    `path` is the JSON path of the place, `$` for the document itself; the message names what was found there and
    what would be right.
    """

    def __init__(self, message: str, path: str = "$") -> None:
        super().__init__(f"{path}: {message}")
        self.message = message
        self.path = path

    def below(self, path: str) -> "DecodeError":
        """The same error with its path continued at the front: it was found by reading a part, which is at `path`."""
        return DecodeError(self.message, path + self.path)

    def __reduce__(self) -> tuple[type["DecodeError"], tuple[str, str]]:
        return (DecodeError, (self.message, self.path))
