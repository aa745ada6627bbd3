"""Documents broken on purpose: bytes flipped and cut, fields replaced by what does not belong there."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.0, 1.5, 1e300, 2**53, 2**63, 10**399, "", "1", "1.0", "-1", "nan", "text", "٣",
    "\x00", "x" * 5_000, [], [None], [1], ["1"], [[[]]], {}, {"": {}}, {"a": [1]}, "${AUCTION_PRICE}", "{", "é" * 10,
)  # fmt: skip
ODD_BYTES = (
    b"\xff", b"\xef\xbb\xbf", b"\x00", b'"', b"\\", b"{", b"[", b"]", b"}", b":", b",", b"\\ud800", b"1e999", b"NaN",
)  # fmt: skip


def broken(bodies: list[bytes], seed: int, count: int) -> Iterator[bytes]:
    """`count` mutants of the bodies, the same for the same seed; each takes one to three mutations."""
    random = Random(seed)
    for _ in range(count):
        body = random.choice(bodies)
        for _ in range(random.randint(1, 3)):
            body = _field(body, random) if random.random() < 0.5 else _byte(body, random)
        yield body


def _byte(body: bytes, random: Random) -> bytes:
    start = random.randrange(len(body) + 1)
    end = min(len(body), start + random.choice((0, 0, 1, 1, 2, 8, 64)))
    put = random.choice((b"", random.choice(ODD_BYTES), random.randbytes(1), body[start:end] * 2))
    return body[:start] + put + body[end:]


def _field(body: bytes, random: Random) -> bytes:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return _byte(body, random)
    places = list(_places(document))
    if not places:
        return body
    parent, key = random.choice(places)
    if random.random() < 0.15 and isinstance(parent, dict):
        parent[random.choice(("id", "ext", "w", "imp", "long", "k" * 2_000))] = parent.pop(key)
    else:
        parent[key] = random.choice(ODD_VALUES)
    return json.dumps(document, ensure_ascii=random.random() < 0.5).encode(errors="surrogatepass")


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        yield node, key
        yield from _places(value)
