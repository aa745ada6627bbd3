"""What judging and rendering cost, in microseconds a call: `python -m tests.auction.creative.bench_creative`."""

from collections.abc import Callable
from timeit import repeat
from typing import Any

from bidder.auction.creative import misfit, prepare, render, slots_of
from bidder.auction.creative.markup.place import lay_out
from bidder.config.schema import Creative
from bidder.domain.links import Links
from tests.auction.creative.builders import LINKS, creative, media, native_imp, request

TICKET = "A" * 160
LONG = Links(
    win=LINKS.win,
    billing=LINKS.billing,
    loss=LINKS.loss,
    impression=LINKS.impression.replace("TICKET", TICKET),
    click=LINKS.click.replace("TICKET", TICKET),
)

HTML = '<div style="width:300px"><a href="{click}" target="_blank"><img src="https://cdn.brand.com/a.jpg"></a></div>'
FILES = (media(), media(bitrate_kbps=600, size="640x360"))
ASSETS = [
    {"id": 1, "required": 1, "title": {"len": 75}},
    {"id": 2, "required": 1, "img": {"type": 1, "w": 80, "h": 80}},
    {"id": 3, "required": 1, "img": {"type": 3, "wmin": 1000, "hmin": 500}},
    {"id": 4, "data": {"type": 3}},
    {"id": 5, "required": 1, "data": {"type": 1, "len": 25}},
    {"id": 6, "required": 1, "data": {"type": 2, "len": 140}},
]
BANNER = {"banner": {"w": 300, "h": 250, "format": [{"w": 728, "h": 90}], "battr": [13], "api": [3, 5]}}
PLAYER = {"mimes": ["video/mp4"], "minduration": 5, "maxduration": 30, "w": 640, "h": 360}

CASES: dict[str, tuple[Creative, dict[str, Any]]] = {
    "banner, html": (creative(image=None, html=HTML), BANNER),
    "banner, image": (creative(), BANNER),
    "VAST 3.0": (creative("video", media=FILES), {"video": {**PLAYER, "protocols": [2, 3, 5, 6]}}),
    "VAST 4.2": (creative("video", media=FILES), {"video": {**PLAYER, "protocols": [2, 3, 7, 11, 13]}}),
    "VAST wrapper": (
        creative("video", media=(), vast_url="https://tags.brand.com/v"),
        {"video": {**PLAYER, "protocols": [5, 6]}},
    ),
    "DAAST": (creative("audio"), {"audio": {"mimes": ["audio/mpeg"], "protocols": [9, 10]}}),
    "native, 6 assets": (creative("native"), native_imp(ASSETS, eventtrackers=[{"event": 1, "methods": [1, 2]}])),
}


def micros(call: Callable[[], object], number: int = 10_000) -> float:
    """The best of five runs."""
    return min(repeat(call, number=number, repeat=5)) / number * 1e6


def costs(shown: Creative, imp: dict[str, Any]) -> tuple[float, float, float, float]:
    """Of finding the slots, judging, rendering and preparing."""
    ready, asked = prepare(shown, "c"), request(imp)
    (slot,) = slots_of(asked.imp[0], asked)

    def anew() -> None:
        lay_out.cache_clear()
        prepare(shown, "c")

    return (
        micros(lambda: slots_of(asked.imp[0], asked)),
        micros(lambda: misfit(ready, slot, "x", ())),
        micros(lambda: render(ready, slot, LONG)),
        micros(anew, 200),
    )


def main() -> None:
    print(f"{'':18}{'slots':>8}{'misfit':>8}{'render':>8}{'prepare':>9}")
    for name, (shown, imp) in CASES.items():
        print(f"{name:18}{{:8.2f}}{{:8.2f}}{{:8.2f}}{{:9.1f}}".format(*costs(shown, imp)))


if __name__ == "__main__":
    main()
