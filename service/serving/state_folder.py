"""Finds the folder for what a server keeps between its starts, and opens it for each use. It must not know what is kept.

Inside the folder that is named, Tocsin makes one of its own. No other user can change what is in it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.private_folder import ForeignFolderError, own_folder, trusted_folder

_WRONG_PATH = (errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)
_SAFE = "a folder that only this user or root can change"


@dataclass(frozen=True, slots=True)
class StateFolder:
    """The first of `places` that can be opened is used. Without places nothing is kept.

    `refusal` says why a first start must end; `fault` why nothing could be kept when the folder was chosen. Else they are "".
    """

    places: tuple[Path, ...] = ()
    refusal: str = ""
    fault: str = ""

    @contextmanager
    def opened(self) -> Iterator[int]:
        """A descriptor of Tocsin's own folder. It is checked each time. Raises OSError."""
        with ExitStack() as stack:
            yield self._open(stack)

    def _open(self, stack: ExitStack) -> int:
        last = OSError(errno.ENOENT, "there is no folder for state")
        for place in self.places:
            try:
                return stack.enter_context(_own(place))
            except OSError as error:
                last = error
        raise last


def named_state(place: Path) -> StateFolder:
    """The folder of the setting TOCSIN_STATE."""
    refusal = fault = ""
    try:
        with _own(place) as folder:
            fault = _fault(folder, place)
    except ForeignFolderError as error:
        refusal = f"TOCSIN_STATE is {str(place)!r}, but must be {_SAFE}: {error.strerror}"
    except OSError as error:
        if error.errno in _WRONG_PATH:
            refusal = f"TOCSIN_STATE is {str(place)!r}, but must be a folder: {error.strerror}"
        else:
            fault = f"{place}: {error.strerror}"
    return StateFolder((place,), refusal, fault)


def first_state(places: Sequence[Path]) -> StateFolder:
    """The first of the default places that can be written. If none can be now, the first that can be opened later."""
    faults = []
    for place in places:
        try:
            with trusted_folder(place) as parent:
                chosen = _chosen(place, parent)
        except OSError as error:
            faults.append(f"{place}: {error.strerror}")
            continue
        if chosen.refusal or not chosen.fault:
            return chosen
        faults.append(chosen.fault)
    return StateFolder(tuple(places), fault="; ".join(faults))


def _chosen(place: Path, parent: int) -> StateFolder:
    """A default place that is in order itself. Raises OSError."""
    try:
        with own_folder(parent, _own_name()) as folder:
            return StateFolder((place,), fault=_fault(folder, place))
    except ForeignFolderError as error:
        refusal = f"the folder for state is {str(place)!r}, but must be {_SAFE}: {error.strerror}"
        return StateFolder((place,), refusal)


@contextmanager
def _own(place: Path) -> Iterator[int]:
    with trusted_folder(place) as parent, own_folder(parent, _own_name()) as folder:
        yield folder


def _own_name() -> str:
    """Users can share a place."""
    return f"tocsin-{os.geteuid()}"


def _fault(folder: int, place: Path) -> str:
    writable = os.access(".", os.W_OK | os.X_OK, dir_fd=folder, effective_ids=True)
    return "" if writable else f"{place}: it cannot be written"
