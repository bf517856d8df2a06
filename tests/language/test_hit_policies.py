"""The table of hit policies is complete: it has every name that an author may write, and the service does not start otherwise."""

from __future__ import annotations

import subprocess
import sys

from schemas.files.names import HIT_POLICY_NAMES
from service.language.declared.hit_policies import HIT_POLICIES
from tests.server import ROOT

PLANTED = """
from schemas.files import names
names.HIT_POLICY_NAMES += ("planted",)
import service
service.create_app()
"""


def test_every_name_has_the_policy_of_that_name() -> None:
    assert [policy.name for policy in HIT_POLICIES.values()] == list(HIT_POLICY_NAMES)


def test_a_name_without_a_policy_stops_the_start_and_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PLANTED], cwd=ROOT, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[-1] == (
        "NotImplementedError: the hit policy 'planted' has a name in schemas.files.names,"
        " but no entry in service.language.declared.hit_policies"
    )
