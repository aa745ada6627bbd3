"""What is no HTTP request."""


class BrokenError(Exception):
    """Bytes that are no clean HTTP request, or one beyond the limits: refused, and nothing after them is believed."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        """400, 414 or 431."""
