"""What others expect of an OpenAPI document. A rule that is off has its reason in redocly.yaml or spectral.yaml."""

from __future__ import annotations

from tests.clients.workshop import HERE, Workshop


def check_document(workshop: Workshop) -> str:
    """Raises FailedError for any error or warning."""
    document = workshop.document
    workshop.python("-m", "openapi_spec_validator", document)
    told = workshop.node("redocly", "lint", document, "--config", HERE / "redocly.yaml")
    assert "You have" not in told, told
    workshop.node(
        *("spectral", "lint", document, "--ruleset", HERE / "spectral.yaml"),
        *("--fail-severity", "hint"),
    )
    return f"{document.stat().st_size:,} bytes, no error and no warning"
