"""The benchmark: everybody in turn, several rounds, then ratios of the same round.

    python -m bench [--smoke] [--rounds N] [--seconds S] [--only NAME,NAME] [--loads NAME,NAME]

One core for the proxy, the other for the load and the upstream. What a machine does beside this
moves all figures; ratios of one round move least, and only they may be quoted: of processor time
for each request where the machine is shared, since throughput then tells who was interrupted.

corsproxy runs as most start it: the quick policy, all features at their defaults. The heads of
responses differ as those of real APIs do, but for the load `repeated`.
"""

import argparse
import contextlib
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench import measure
from bench.measure import Load
from bench.peers import PEERS, Peer, Running, started, upstream

LOADS = ("browser", "repeated", "small", "post", "preflight")
LARGE = ("download", "upload")
REFERENCE = "nginx"
"""Whose processor time is 1."""
RESULTS = Path(__file__).parent / "results"

Rounds = dict[str, dict[str, list[Load]]]
"""By load, then by peer."""
Memory = dict[str, dict[str, float | None]]
"""By peer, then by what was measured."""
Starts = dict[str, list[float]]
"""Seconds to the first answer, by peer."""

BARS = [
    # load, peer, what is compared, and by which factor it may exceed, or has to
    ("small", "nginx", "cpu_microseconds", 1.8),
    ("browser", "nginx", "cpu_microseconds", 1.8),
    ("post", "nginx", "cpu_microseconds", 1.8),
    ("preflight", "nginx", "cpu_microseconds", 2.0),
    ("repeated", "nginx", "cpu_microseconds", 1.5),
    ("browser", "naive aiohttp", "per_second", 8.0),
    ("browser", "http-proxy", "per_second", 4.0),
]
MAX_START = 1.15
"""Of a bare aiohttp server's."""
MAX_RSS = 48
"""MiB after each load was played once."""


def main() -> int:
    """Run it; 1 when corsproxy itself gave a wrong answer."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="bench-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        behind = upstream(folder)
        stack.callback(behind.stop)
        runs = _start(options.only, behind, folder, stack)
        there = [peer for peer in PEERS if _has(runs, peer)]
        memory = {peer.name: _memory(peer, behind, folder) for peer in there}
        starts = _starts(there, behind, folder, options.rounds)
        rounds = _drive(runs, options, memory)
        single = {run.name: measure.load(run, "small", options.seconds, 1) for run in runs}
        for run in runs:
            memory[run.name]["rss_mib"] = run.memory() / 2**20
    _tables(rounds, single)
    _table_of_rest(starts, memory)
    _bars(rounds, starts, memory)
    _keep(rounds, single, memory, starts, options.json)
    wrong = [load.errors for by in rounds.values() for load in by["corsproxy"] if load.errors]
    print(*wrong, sep="\n", file=sys.stderr)
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a few seconds: does it run at all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--only", default="", help="these peers beside corsproxy")
    parser.add_argument("--loads", default=",".join((*LOADS, *LARGE)))
    parser.add_argument("--json", type=Path, default=None, help="where to keep the figures")
    options = parser.parse_args()
    if options.smoke:
        options.rounds, options.seconds, options.only = 1, 1, options.only or "naive aiohttp"
    return options


def _start(only: str, behind: Running, folder: Path, stack: contextlib.ExitStack) -> list[Running]:
    """Everybody who can be; the others are named."""
    runs = []
    for peer in PEERS:
        if only and peer.name not in ("corsproxy", *only.split(",")):
            continue
        try:
            run = started(peer, behind.port, folder)
        except Exception as error:  # noqa: BLE001 - whatever keeps a peer away must not stop the rest
            _skip(peer, error)
            continue
        stack.callback(run.stop)
        runs.append(run)
    return runs


def _skip(peer: Peer, error: Exception) -> None:
    if peer.name == "corsproxy":
        raise error
    print(f"SKIPPED {peer.name}: {error}", file=sys.stderr)


def _drive(runs: list[Running], options: argparse.Namespace, memory: Memory) -> Rounds:
    """Each round has each peer once under each load, so that a ratio is of neighbours.

    Memory is noted after the first of them, too: what corsproxy remembers for its inspector grows
    with each burst, up to a bound.
    """
    names = options.loads.split(",")
    rounds: Rounds = {name: {run.name: [] for run in runs} for name in names}
    for number in range(options.rounds):
        for name in names:
            connections = 4 if name in LARGE else measure.CONNECTIONS
            for run in runs:
                found = measure.load(run, name, options.seconds, connections)
                rounds[name][run.name].append(found)
            print(".", end="", flush=True, file=sys.stderr)
        if not number:
            for run in runs:
                memory[run.name]["rss_first_mib"] = run.memory() / 2**20
    print(file=sys.stderr)
    return rounds


def _has(runs: list[Running], peer: Peer) -> bool:
    return any(run.name == peer.name for run in runs)


def _memory(peer: Peer, behind: Running, folder: Path) -> dict[str, float | None]:
    """What connections cost a program that did nothing else: freed memory would take them in."""
    run = started(peer, behind.port, folder)
    try:
        return {"idle_kib": measure.held(run, b"/"), "events_kib": measure.held(run, b"/events")}
    finally:
        run.stop()


def _starts(peers: list[Peer], behind: Running, folder: Path, rounds: int) -> Starts:
    """Seconds to the first answer, one peer after the other, round by round."""
    starts: Starts = {peer.name: [] for peer in peers}
    for _ in range(rounds):
        for peer in peers:
            run = started(peer, behind.port, folder)
            starts[peer.name].append(run.start_seconds)
            run.stop()
    return starts


def _tables(rounds: Rounds, single: dict[str, Load]) -> None:
    for name, by in rounds.items():
        print(f"\n{name}")
        print("  peer                req/s   corsproxy is        CPU us  /nginx   p50 ms  p99 ms")
        for peer, loads in by.items():
            print(_row(peer, by["corsproxy"], loads, by.get(REFERENCE, [])))
    print("\none connection, small: p50 in us")
    ours = single["corsproxy"].p50_milliseconds
    for peer, load in single.items():
        p50 = load.p50_milliseconds
        print(f"  {peer:<18} {p50 * 1e3:>6.0f}   corsproxy needs {ours / p50 if p50 else 0:.2f}x")


def _row(peer: str, ours: list[Load], loads: list[Load], reference: list[Load]) -> str:
    faster = ratios(ours, loads, "per_second")
    spread = f"{median(faster):.2f}x ({min(faster):.2f}-{max(faster):.2f})" if faster else "-"
    cpu = ratios(loads, reference, "cpu_microseconds") if reference else []
    return (
        f"  {peer:<18} {_middle(loads, 'per_second'):>6.0f}   {spread:<19} "
        f"{_middle(loads, 'cpu_microseconds'):>6.1f}  {f'{median(cpu):.2f}x' if cpu else '-':<6} "
        f"{_middle(loads, 'p50_milliseconds'):>7.2f}  {_middle(loads, 'p99_milliseconds'):>6.2f}"
        + (f"   {loads[-1].errors}" if loads[-1].errors else "")
    )


def ratios(ones: list[Load], others: list[Load], what: str) -> list[float]:
    """`what` of the first in terms of the second's, round by round."""
    pairs = [(getattr(a, what), getattr(b, what)) for a, b in zip(ones, others, strict=True)]
    return [a / b for a, b in pairs if b]


def _middle(loads: list[Load], what: str) -> float:
    return float(median(getattr(load, what) for load in loads))


def _table_of_rest(starts: Starts, memory: Memory) -> None:
    print(
        "\n  peer               start ms  RSS MiB, 1 round  all rounds  KiB/idle  KiB/event stream"
    )
    for peer, seconds in starts.items():
        found = memory[peer]
        print(
            f"  {peer:<18} {median(seconds) * 1e3:>7.0f} {_shown(found['rss_first_mib']):>17}"
            f" {_shown(found['rss_mib']):>11} {_shown(found['idle_kib']):>9}"
            f" {_shown(found['events_kib']):>17}"
        )


def _bars(rounds: Rounds, starts: Starts, memory: Memory) -> None:
    """What the project asks of itself, where it was measured."""
    print("\n  bar                                              asked   found")
    for load, peer, what, bar in BARS:
        by = rounds.get(load, {})
        if peer in by:
            found = median(ratios(by["corsproxy"], by[peer], what))
            title = f"{load}: {what.replace('_', ' ')} beside {peer}'s"
            _bar(title, bar, found, good=found >= bar if what == "per_second" else found <= bar)
    if bare := starts.get("naive aiohttp"):
        found = median(a / b for a, b in zip(starts["corsproxy"], bare, strict=True))
        _bar("start beside naive aiohttp's", MAX_START, found, good=found <= MAX_START)
    if rss := memory["corsproxy"]["rss_first_mib"]:
        _bar("MiB after the first round", MAX_RSS, rss, good=rss < MAX_RSS)


def _bar(title: str, asked: float, found: float, *, good: bool) -> None:
    print(f"  {title:<48} {asked:>5.2f}  {found:>6.2f}{'' if good else '  MISSED'}")


def _shown(number: float | None) -> str:
    return "stalls" if number is None else f"{number:.1f}"


def _keep(
    rounds: Rounds,
    single: dict[str, Load],
    memory: Memory,
    starts: Starts,
    place: Path | None,
) -> None:
    """All figures as JSON, by commit."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    place = place or RESULTS / f"{commit or 'unknown'}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    kept = {
        "commit": commit,
        "python": platform.python_version(),
        "machine": platform.platform(),
        "loads": {
            name: {peer: [measure.as_json(load) for load in loads] for peer, loads in by.items()}
            for name, by in rounds.items()
        },
        "one_connection": {peer: measure.as_json(load) for peer, load in single.items()},
        "memory": memory,
        "start_seconds": starts,
    }
    place.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    print(f"\nall figures: {place}")


sys.exit(main())
