"""Debian's buildah as root, in the place of a container engine.

What takes long (the base image, the wheels) is made once and kept under the user's cache folder;
each is made beside its place and renamed into it, so that a half-made one is never used.
"""

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "corsproxy-tests"
LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-sbom.lock")


def missing() -> str:
    """What this machine lacks to build and run an image; "" when it lacks nothing."""
    if os.name != "posix" or os.geteuid() != 0:
        return "root"
    return ", ".join(tool for tool in ("buildah", "debootstrap") if not shutil.which(tool))


def buildah_command(*arguments: str) -> list[str]:
    store = ["--storage-driver", "vfs", "--root", f"{CACHE}/images", "--runroot", f"{CACHE}/run"]
    return ["buildah", *store, *arguments]


def buildah(*arguments: str) -> str:
    return output(*buildah_command(*arguments))


def output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout.strip()


def inspect(image: str) -> dict[str, object]:
    """The image's own settings: Entrypoint, Env, User, Healthcheck, ..."""
    config = json.loads(buildah("inspect", "--type", "image", image))["Docker"]["config"]
    assert isinstance(config, dict)
    return config


@contextlib.contextmanager
def container(image: str) -> Iterator[str]:
    """A container of `image`, not yet running anything."""
    name = buildah("from", "--pull-never", image)
    try:
        yield name
    finally:
        buildah("rm", name)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """While no other process builds: the base and the wheels are made once, for all."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@functools.cache
def base_image() -> str:
    """Debian with Python and a C compiler, as small as debootstrap makes it."""
    suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
    name = f"localhost/corsproxy-base:{suite}-cc"
    if buildah("images", "--quiet", "--filter", f"reference={name}"):
        return name
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as tree:
        packages = "python3,python3-venv,python3-dev,gcc,libc6-dev"
        wanted = ("--variant=minbase", f"--include={packages}")
        output("debootstrap", *wanted, suite, tree, _mirror(suite))
        shutil.rmtree(f"{tree}/var/cache/apt")
        with container("scratch") as name_of_container:
            buildah("copy", "--quiet", name_of_container, tree, "/")
            buildah("commit", "--quiet", name_of_container, name)
    return name


def _mirror(suite: str) -> str:
    """Where apt gets this suite from: that mirror is known to be within reach."""
    wanted = ("Created-By: Packages", "Component: main", f"Codename: {suite}")
    return output("apt-get", "indextargets", "--format", "$(REPO_URI)", *wanted).splitlines()[0]


@functools.cache
def wheels() -> Path:
    """What the locks name, for the base image's Python, fetched by this machine's own pip."""
    digest = hashlib.sha256(b"".join((REPOSITORY / lock).read_bytes() for lock in LOCKS))
    folder = CACHE / f"wheels-{digest.hexdigest()[:16]}"
    if folder.exists():
        return folder
    version = _base_python()
    tags = ["manylinux2014", *(f"manylinux_2_{minor}" for minor in range(5, 37))]
    wanted = ["--only-binary=:all:", f"--python-version={version}", "--implementation=cp"]
    wanted += [f"--platform={tag}_{platform.machine()}" for tag in tags]
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as fresh:
        pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes")
        for lock in LOCKS:
            output(*pip, *wanted, "--dest", f"{fresh}/wheels", "-r", str(REPOSITORY / lock))
        Path(fresh, "wheels").rename(folder)
    return folder


def _base_python() -> str:
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    with container(base_image()) as name:
        return buildah("run", "--isolation", "chroot", name, "--", "python3", "-c", program)
