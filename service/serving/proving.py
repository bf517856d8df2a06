"""Proves that the rete matcher takes the rules of a pack, in a child process: a crash of the C library ends no server.

It must not load a pack or keep its files.
"""

from __future__ import annotations

from service.engine.errors import MatcherError, ProofNotRun
from service.engine.judging.compile_pack import compile_pack
from service.engine.judging.cross_check import EngineName
from service.engine.rete.matcher import available, prove_aside
from service.engine.rete.network import translate_rules
from service.language.collector import BoundPlace
from service.language.model import Pack


def is_available(engine: EngineName) -> bool:
    """Whether this Python can judge with it: durable_rules does not build for every Python."""
    return engine == "reference" or available()


def prove(pack: Pack, timeout_seconds: float = 20) -> None:
    """Compiles the pack's rete network in a child process. Raises MatcherError if that fails or takes too long, and ProofNotRun."""
    program = compile_pack(pack)
    conditions, _ = translate_rules(pack.rules, program.layout)
    prove_aside([conditions], timeout_seconds)


def check_network(pack: Pack, here: BoundPlace) -> None:
    """Reports if the rete matcher refuses the rules of the pack. Does nothing where durable_rules does not import."""
    if not available():
        return
    try:
        prove(pack)
    except MatcherError as error:
        add_refusal(error, here)


def add_refusal(error: MatcherError, here: BoundPlace) -> None:
    """Reports that the rete matcher refuses the rules of a pack, or that the machine could not ask it."""
    if isinstance(error, ProofNotRun):
        message = f"the process that proves the rules could not be started: {error}"
        here.error(
            "not-proven", message, "a server tries again soon; free memory or file descriptors"
        )
    else:
        here.error("engine-refused", f"the rete matcher cannot take these rules: {error}")
