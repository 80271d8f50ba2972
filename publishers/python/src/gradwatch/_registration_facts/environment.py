"""What can be told of a job without asking it: where it runs, from which commit, with which frameworks. Cheap, and never in the way."""

import os
import platform
import socket
import sys
from pathlib import Path
from typing import Optional

_FRAMEWORKS = ("torch", "tensorflow", "keras", "jax", "lightning", "pytorch_lightning", "transformers")
_LARGEST_GIT_FILE = 4 << 20


def tags() -> "dict[str, str]":
    """Tags that runs may share: ``node``, ``commit``, ``python``, the version of each framework that is loaded, the scheduler's job."""
    found = {"node": _node(), "python": platform.python_version(), "commit": commit()}
    found["slurm_job"] = os.environ.get("SLURM_JOB_ID")
    for framework in _FRAMEWORKS:
        # Only what the script imported itself: looking must not import.
        found[framework] = _version(framework)
    return {name: value for name, value in found.items() if value}


def commit(start: Optional[Path] = None) -> Optional[str]:
    """The commit that the script's repository stands at, its first 12 digits; read from git's files, without starting git."""
    try:
        folder = (start or _script_folder()).resolve()
        for candidate in [folder, *folder.parents]:
            git = candidate / ".git"
            if git.exists():
                return _head(git)
    except (OSError, ValueError, RuntimeError):
        pass
    return None


def _node() -> Optional[str]:
    try:
        return os.environ.get("SLURMD_NODENAME") or socket.gethostname()
    except OSError:
        return None


def _version(module: str) -> Optional[str]:
    version = getattr(sys.modules.get(module), "__version__", None)
    return version if isinstance(version, str) else None


def _script_folder() -> Path:
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(script).parent if script else Path.cwd()


def _head(git: Path) -> Optional[str]:
    if git.is_file():  # A worktree or a submodule: "gitdir: <path>".
        git = git.parent / _read(git).partition(":")[2].strip()
    head = _read(git / "HEAD")
    if not head.startswith("ref:"):
        return _digits(head)
    ref = head.partition(":")[2].strip()
    shared = git / "commondir"
    homes = [git, git / _read(shared)] if shared.exists() else [git]
    for home in homes:
        if (home / ref).is_file():
            return _digits(_read(home / ref))
    for home in homes:
        packed = home / "packed-refs"
        if packed.is_file():
            for line in _read(packed).splitlines():
                if line.endswith(f" {ref}"):
                    return _digits(line)
    return None


def _read(file: Path) -> str:
    if file.stat().st_size > _LARGEST_GIT_FILE:
        raise ValueError(f"{file} is no small file")
    return file.read_text(encoding="utf-8", errors="replace").strip()


def _digits(text: str) -> Optional[str]:
    digits = text[:12]
    return digits if len(digits) == 12 and all(c in "0123456789abcdef" for c in digits) else None
