"""Writes a run as JSON Lines, the format that ``gradwatch backtest`` and ``replay`` read; see docs/recorded-runs.md of the project."""

import contextlib
import errno
import json
import math
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Optional

from gradwatch._events import EPOCH, FINISHED, HEARTBEAT, STARTED, Identity, Layer, LayerNorms, Record, StepNorms
from gradwatch._notices import Notices
from gradwatch._publishing.channel import Counts, Impossible, Unavailable

_SHORT = {
    "gradient_norm": "grad_norm",
    "learning_rate": "lr",
    "validation_loss": "val_loss",
    "validation_accuracy": "val_accuracy",
}
_MENDABLE = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EINTR, errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ESTALE}
"""What may be over in a moment: a full disk is emptied, a file server comes back."""
_TYPES = {EPOCH: "epoch", HEARTBEAT: "heartbeat", FINISHED: "finished"}


class Recording:
    """A sink that is a file. The first registration is its header; one that comes later replaces it when the run ends.

    The next attempt of the same run goes on in the file that is there; any other file of that name is written anew.
    """

    waits = False
    _written_here: ClassVar["dict[Path, str]"] = {}

    def __init__(self, target: str, counts: Counts) -> None:
        self._target = target
        self._counts = counts
        self._file: Optional[RecordFile] = None
        self._path: Optional[Path] = None
        self._header: dict[str, Any] = {}
        self._attempt = 1
        self._header_is_old = False
        self._first_attempt = 1

    def prepare(self) -> None:
        """Sees whether a file can be written there, before anything is to be written."""
        try:
            path = Path(self._target).expanduser()
            if self._is_folder(path):
                path.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryFile(dir=path):
                    pass
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                was_there = path.exists()
                RecordFile(path, anew=False).close()
                if not was_there:
                    path.unlink()
        except (OSError, RuntimeError, ValueError) as e:
            raise self._impossible(e) from e

    def send(self, record: Record) -> None:
        """Appends the record's lines and hands them to the operating system."""
        try:
            if self._file is not None and not self._file.is_there():
                self._begin_anew(record.identity)
            if record.kind == STARTED:
                self._register(record)
            else:
                self._append(record)
        except (OSError, RuntimeError) as e:
            if isinstance(e, OSError) and (e.errno in _MENDABLE or self._file is not None):
                raise Unavailable(f"cannot record the run to {self._path or self._target}: {e.strerror or e}") from e
            raise self._impossible(e) from e
        self._counts.published += record.facts

    def _impossible(self, error: Exception) -> Impossible:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        return Impossible(
            f"cannot record the run to {self._target} ({reason}), so nothing is recorded; training goes on. Set GRADWATCH_RECORD_TO to a"
            " file or folder that can be written"
        )

    def _is_folder(self, path: Path) -> bool:
        return path.is_dir() or self._target.endswith(("/", os.sep))

    def _begin_anew(self, identity: Identity) -> None:
        """The file was taken away while it was written: what comes goes to a new one."""
        Notices.shared.warn(
            "recording-gone",
            f"the recording {self._path} was removed while it was written; it begins anew, without what was in it",
        )
        assert self._file is not None
        self._file.close()
        self._file = None
        header, self._header = self._header, {}
        self._open(identity)
        if not self._header and header:
            self._header = {**header, "attempt": identity.attempt}
            self._write([self._header])

    def poll(self) -> None:
        """Nothing is pending after a write."""

    def waiting(self) -> int:
        """Nothing is pending after a write."""
        return 0

    def is_full(self) -> bool:
        """A file always takes more."""
        return False

    def close(self) -> None:
        """Closes the file; a registration that came late is put into its header."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._header_is_old and self._path is not None and self._path.is_file():
            self._replace_header(self._path)

    def abandon(self) -> None:
        """Nothing is buffered here, so the child's copy may go as it likes."""

    def _register(self, record: Record) -> None:
        identity = record.identity
        if self._file is None:
            self._open(identity)
        run = {name: _plain(value) for name, value in record.fields.items() if _says_something(value)}
        header = {
            "run_id": identity.run_id,
            "attempt": self._first_attempt,
            "start_time": record.event_time,
            "run": run,
        }
        if not self._header:
            self._header = header
            if self._first_attempt == identity.attempt:
                self._write([header])
        elif header["run"] != self._header["run"] and identity.attempt == self._first_attempt:
            self._header = {**self._header, "run": run}
            self._header_is_old = True

    def _open(self, identity: Identity) -> None:
        path = Path(self._target).expanduser()
        if self._is_folder(path):
            path = path / f"{_file_name(identity.run_id)}.jsonl"
        owner = self._written_here.get(path.absolute())
        if owner is not None and owner != identity.run_id:
            # Several runs of one process, as in a search: none overwrites the other.
            path = path.with_name(f"{path.stem}-{_file_name(identity.run_id)}{path.suffix or '.jsonl'}")
        path.parent.mkdir(parents=True, exist_ok=True)
        earlier = _header_of(path)
        if (
            earlier is not None
            and earlier.get("run_id") == identity.run_id
            and earlier.get("attempt", 1) < identity.attempt
        ):
            self._first_attempt = earlier.get("attempt", 1)
            self._header = earlier
            self._file = RecordFile(path, anew=False)
        else:
            self._first_attempt = identity.attempt
            self._file = RecordFile(path, anew=True)
        self._path = path
        self._written_here[path.absolute()] = identity.run_id

    def _append(self, record: Record) -> None:
        if self._file is None:
            self._open(record.identity)
        lines = (
            [_step(step) for step in record.fields["steps"]]
            if record.kind not in _TYPES
            else [{"type": _TYPES[record.kind], "time": record.event_time, **_fields(record.fields)}]
        )
        if record.identity.attempt != self._first_attempt:
            for line in lines:
                line["attempt"] = record.identity.attempt
        self._write(lines)

    def _write(self, lines: "list[dict[str, Any]]") -> None:
        assert self._file is not None
        texts = (json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(", ", ": ")) for line in lines)
        self._file.append("".join(text + "\n" for text in texts).encode("utf-8"))

    def _replace_header(self, path: Path) -> None:
        new = path.with_name(f"{path.name}.new")
        try:
            with path.open(encoding="utf-8") as old, new.open("w", encoding="utf-8") as written:
                old.readline()
                written.write(json.dumps(self._header, ensure_ascii=False, allow_nan=False) + "\n")
                for line in old:
                    written.write(line)
            new.replace(path)
        except OSError as e:
            with contextlib.suppress(OSError):
                new.unlink()
            Notices.shared.warn(
                "recording-header",
                f"the recording {path} keeps its first registration, without what was registered later: {e.strerror or e}",
            )


class RecordFile:
    """A file to which whole records are appended: one that did not fit is taken back, so that it can be written again."""

    def __init__(self, path: Path, *, anew: bool) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if anew else 0)
        # A pipe that nobody reads is an error at once, instead of a wait for ever.
        self._handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
        if hasattr(os, "set_blocking"):
            os.set_blocking(self._handle, True)
        self._path = path
        found = os.fstat(self._handle)
        self._regular = stat.S_ISREG(found.st_mode)
        self._end = found.st_size

    def append(self, content: bytes) -> None:
        """Writes all of this, or raises ``OSError`` and leaves the file as it was."""
        rest = memoryview(content)
        try:
            while rest:
                rest = rest[os.write(self._handle, rest) :]
        except OSError:
            if self._regular:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._handle, self._end)
            raise
        self._end += len(content)

    def is_there(self) -> bool:
        """Whether what is written still goes to the file of this name."""
        if not self._regular:
            return True
        try:
            found, ours = os.stat(self._path), os.fstat(self._handle)
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == (ours.st_dev, ours.st_ino)

    def close(self) -> None:
        """Ends writing."""
        os.close(self._handle)


def _step(step: StepNorms) -> "dict[str, Any]":
    line: dict[str, Any] = {"type": "step", "time": step.event_time, "step": step.step}
    for name in ("epoch", "loss", "gradient_norm", "learning_rate"):
        value = getattr(step, name)
        if value is not None:
            line[_SHORT.get(name, name)] = _plain(value)
    if step.layers:
        line["layers"] = [_layer(layer) for layer in step.layers]
    if step.metrics:
        line["metrics"] = _plain(step.metrics)
    if step.rank_norms is not None:
        line["rank_norms"] = _plain(step.rank_norms._asdict())
    return line


def _layer(layer: LayerNorms) -> "dict[str, Any]":
    return {_SHORT.get(name, name): _plain(value) for name, value in zip(layer._fields, layer) if value is not None}


def _fields(fields: "Mapping[str, Any]") -> "dict[str, Any]":
    lines = {
        _SHORT.get(name, name): _plain(value) for name, value in fields.items() if value is not None and value != {}
    }
    if "outcome" in lines:
        lines["outcome"] = lines["outcome"].lower()
    return lines


def _says_something(value: Any) -> bool:
    """Whether leaving it out would say something else: 0 is a number, and no other name of false."""
    return value is not None and value is not False and not (isinstance(value, (list, tuple, Mapping)) and not value)


def _plain(value: Any) -> Any:
    """As JSON has it; the numbers that it does not know are texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Layer):
        return {name: part for name, part in value._asdict().items() if _says_something(part)}
    if isinstance(value, Mapping):
        return {name: _plain(v) for name, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value


def _header_of(path: Path) -> "Optional[dict[str, Any]]":
    with contextlib.suppress(OSError, ValueError), path.open(encoding="utf-8") as file:
        first = json.loads(file.readline(1 << 20))
        if isinstance(first, dict) and "type" not in first:
            return first
    return None


def _file_name(run_id: str) -> str:
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in run_id)[:200].lstrip(".") or "run"
