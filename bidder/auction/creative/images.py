"""What the address of an image tells of its media type."""

from urllib.parse import urlsplit

JPEG = frozenset({"image/jpeg", "image/jpg"})
_TYPES = {
    "jpg": JPEG,
    "jpeg": JPEG,
    "png": frozenset({"image/png"}),
    "gif": frozenset({"image/gif"}),
    "webp": frozenset({"image/webp"}),
    "avif": frozenset({"image/avif"}),
    "svg": frozenset({"image/svg+xml"}),
}


def image_types(url: str) -> frozenset[str]:
    """The media types that the ending of the path stands for, all spellings in use; empty where it tells nothing."""
    name, dot, ending = urlsplit(url).path.rpartition(".")
    return _TYPES.get(ending.lower(), frozenset()) if name and dot else frozenset()
