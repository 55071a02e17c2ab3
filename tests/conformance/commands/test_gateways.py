"""What the mock is told of the gateway's mapping, so that it refuses what the mapping doesn't name."""

from conformance.commands import gateways
from conformance.target import parse

_BASE = {"base_url": "http://127.0.0.1:1/v1", "token": "t"}


def test_each_deployment_is_registered_for_the_operations_that_lead_to_it() -> None:
    """A key of transcriptions leads to both transcript operations, unless the target names one for each."""
    target = parse(
        {
            **_BASE,
            "models": {"azure_speech": "talk", "azure_transcription": "hear"},
            "expect": {
                "deployments": {
                    "talk": "voice",
                    "hear": {"transcription": "whisper", "translation": "to-english"},
                    "also": "whisper",
                }
            },
        }
    )

    assert gateways._deployments(target) == {
        "voice": ["speech"],
        "whisper": ["transcription", "translation"],
        "to-english": ["translation"],
    }
