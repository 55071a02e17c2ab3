"""The contract file, served as it stands."""

from importlib.resources import files
from pathlib import Path

_NAME = "openapi.yaml"


def openapi_yaml() -> bytes:
    """The bytes of `openapi.yaml`: beside the package in a checkout, in `audio_contract` when installed from a wheel."""
    beside = Path(__file__).parent.parent / _NAME
    return beside.read_bytes() if beside.is_file() else files("audio_contract").joinpath(_NAME).read_bytes()
