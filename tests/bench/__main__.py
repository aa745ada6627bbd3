"""`python -m tests.bench [codec|engine]...`: prints a table for each; without names, all of them."""

import sys
from collections.abc import Callable, Iterator

from tests.bench import codec, engine

TABLES: dict[str, Callable[[], Iterator[tuple[str, str, str]]]] = {"codec": codec.rows, "engine": engine.rows}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in TABLES]
    if unknown:
        print(f"no benchmark called {', '.join(unknown)}; there are {', '.join(TABLES)}", file=sys.stderr)
        return 2
    for name in names or TABLES:
        print(f"\n{name}\n")
        for what, figure, bar in TABLES[name]():
            print(f"| {what:52} | {figure:40} | {bar:10} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
