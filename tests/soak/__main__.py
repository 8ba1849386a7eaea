"""Hostile and ordinary clients together, for a bounded time: nothing breaks, stops or grows.

    python -m tests.soak [--minutes M] [--only KIND ...] [--seed N]

Good clients do what a page does and time it; beside them come hostile clients of named kinds, an
upstream that misbehaves, policies good and bad. Exits 1 where a bar of `verdict` is missed. Linux
only: memory and descriptors are read from /proc. All traffic stays on loopback.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from statistics import median

from tests.soak import hostile_heads, hostile_streams
from tests.soak.hostile import KINDS
from tests.soak.stage import ON_THE_MACHINE, Asked, Soaked, soak
from tests.soak.verdict import Measured, mistakes, p99

assert hostile_heads
assert hostile_streams
ALL_KINDS = (*KINDS, *ON_THE_MACHINE)


def table(measured: Measured) -> str:
    """The parts of the time, one line each."""
    lines = [
        _row("part", "good", "p50 ms", "p99 ms", "max ms", "control p99", "MiB", "least", "descr.")
    ]
    columns = [
        [measured.before(series), *measured.thirds(series)]
        for series in (measured.times, measured.control, measured.memory, measured.descriptors)
    ]
    names = ("alone", "first", "second", "last")
    for name, times, control, memory, descriptors in zip(names, *columns, strict=True):
        if times and control and memory:
            seconds = [median(times), p99(times), max(times), p99(control)]
            shown = [f"{value * 1e3:.1f}" for value in seconds]
            amounts = [f"{amount(memory) / 2**20:.1f}" for amount in (median, min)]
            opened = f"{median(descriptors):.0f}"
            lines.append(_row(name, str(len(times)), *shown, *amounts, opened))
    return "\n".join(lines)


def _row(name: str, *cells: str) -> str:
    return f"{name:8}" + "".join(f"{cell:>13}" for cell in cells)


def report(soaked: Soaked) -> list[str]:
    """Print everything; the bars that were missed."""
    print(table(soaked.measured))
    print("came:", ", ".join(f"{kind} {count}" for kind, count in soaked.came.items()) or "nobody")
    missed = list(mistakes(soaked.measured))
    for mistake in missed:
        print(f"NO: {mistake}")
    if soaked.told:
        print(f"the program printed, among the rest:\n{soaked.told}")
    print("no" if missed else "yes: nothing broke, stopped or grew")
    return missed


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument(
        "--only", nargs="+", choices=ALL_KINDS, metavar="KIND", help="hostile kinds"
    )
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    kinds = given.only or ALL_KINDS
    print(f"{given.minutes:g} minutes with {', '.join(kinds)}", flush=True)
    sys.exit(1 if report(asyncio.run(soak(Asked(given.minutes * 60, kinds, given.seed)))) else 0)


if __name__ == "__main__":
    main()
