"""Which run this is, which attempt of it, and whether this process speaks for it."""

import json
import os
import re
import secrets
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

from gradwatch import limits
from gradwatch._events import Identity
from gradwatch._notices import Notices
from gradwatch._settings import Settings
from gradwatch._values import Refused, cut, plain_text, shown, text

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without what looks alike."""

_RESTARTS = ("SLURM_RESTART_COUNT", "TORCHELASTIC_RESTART_COUNT")
_RANKS = ("RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK")


def is_publisher(settings: Optional[Settings] = None, environment: Optional[Mapping[str, str]] = None) -> bool:
    """Whether this process publishes: alone, or the one of rank 0 among those that train one model together.

    Looks at ``GRADWATCH_RANK``, an initialised ``torch.distributed``, then the variables that torchrun, Slurm and MPI set. Imports nothing.
    """
    given = os.environ if environment is None else environment
    settings = Settings.from_environment(given) if settings is None else settings
    if settings.rank is not None:
        return settings.rank == 0
    rank = _torch_rank()
    if rank is None:
        rank = next((int(given[name]) for name in _RANKS if given.get(name, "").isdecimal()), 0)
    return rank == 0


def _torch_rank() -> Optional[int]:
    distributed = getattr(sys.modules.get("torch"), "distributed", None)
    try:
        if distributed is not None and distributed.is_available() and distributed.is_initialized():
            return int(distributed.get_rank())
    except Exception:  # A module of that name that is something else.
        pass
    return None


def made_up_id(name: Any) -> str:
    """A readable id: the name, or the script's, with six random characters."""
    try:
        stem = _readable(text(name)) if name is not None else ""
    except Refused:
        stem = ""
    stem = stem or _readable(_script_name()) or "run"
    return f"{cut(stem, 100)}-{''.join(secrets.choice(_ALPHABET) for _ in range(6))}"


def _readable(name: str) -> str:
    return re.sub(r"[^\w.]+", "-", name).strip("-.")


def checked_id(value: Any) -> str:
    """A run id that the service takes, or ``Refused``."""
    run_id = plain_text(value)
    if not run_id.strip() or cut(run_id, limits.RUN_ID_LENGTH) != run_id:
        raise Refused(f"must have 1 to {limits.RUN_ID_LENGTH} characters and not be blank")
    return run_id


def attempt_of(
    run_id: str, settings: Settings, *, at_least: int = 1, environment: Optional[Mapping[str, str]] = None
) -> int:
    """The number of this attempt of a run whose id was fixed from outside, and so may have had attempts before.

    The greatest of what the schedulers' restart counters say and of one more than what was remembered last time; each alone may lag: a
    counter begins anew when the job is queued again, a folder may be gone with its node.
    """
    given = os.environ if environment is None else environment
    counted = 1 + sum(int(given[name]) for name in _RESTARTS if given.get(name, "").isdecimal())
    file = _memory(run_id, settings)
    attempt = max(at_least, counted, _remembered(file) + 1)
    remember(Identity(run_id, attempt), settings)
    return attempt


def remember(identity: Identity, settings: Settings) -> None:
    """Writes down which attempt this is, for the next one."""
    file = _memory(identity.run_id, settings)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_name(f"{file.name}.{os.getpid()}.new")
        new.write_text(json.dumps({"run_id": identity.run_id, "attempt": identity.attempt}) + "\n", encoding="utf-8")
        new.replace(file)
    except OSError as e:
        Notices.shared.warn(
            "attempt-write",
            f"cannot remember attempt {identity.attempt} of run {shown(identity.run_id)} in {file}: {e.strerror or e}; set"
            " GRADWATCH_STATE_DIR to a folder that survives restarts, or GRADWATCH_ATTEMPT",
        )


def _remembered(file: Path) -> int:
    try:
        attempt = json.loads(file.read_text(encoding="utf-8"))["attempt"]
        return attempt if isinstance(attempt, int) and 0 < attempt < 1 << 31 else 0
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except (OSError, ValueError, KeyError, TypeError) as e:
        Notices.shared.warn("attempt-read", f"cannot read the last attempt in {file}: {shown(e)}; taken as the first")
        return 0


def _memory(run_id: str, settings: Settings) -> Path:
    # Ids are anybody's text: what a file name cannot hold is replaced, and a checksum keeps two ids apart.
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", run_id)[:100].lstrip(".")
    checksum = zlib.crc32(run_id.encode("utf-8", "replace"))
    return settings.attempts_folder / f"{stem}-{checksum:08x}.json"


def _script_name() -> str:
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(script).stem if script else "notebook" if "ipykernel" in sys.modules else "run"
