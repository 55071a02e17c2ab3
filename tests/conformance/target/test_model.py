"""The target as a value: what it expects of the provider's side, and which of its texts no report may show."""

from conformance import target as targets

TARGET = targets.parse(
    {
        "base_url": "http://127.0.0.1:1/v1",
        "token": "cpeer_valid",
        "limited_tokens": {"budget": {"token": "cpeer_spent_long"}, "rate_limit": {"token": "cpeer_valid"}},
        "mock_provider": {"control_url": "http://127.0.0.1:2", "control_token": "control"},
        "expect": {"deployments": {"tts": "speech-prod", "stt": {"transcription": "whisper-prod"}}},
    },
    {},
)


def test_every_secret_is_known_once_and_the_longest_first() -> None:
    """One secret may stand inside another, which has to be replaced first."""
    assert TARGET.secrets() == ("cpeer_spent_long", "cpeer_valid", "control")


def test_a_deployment_is_declared_for_all_operations_or_for_each() -> None:
    """What is not declared is not expected."""
    assert TARGET.expect.deployment("tts", "speech") == "speech-prod"
    assert TARGET.expect.deployment("stt", "transcription") == "whisper-prod"
    assert TARGET.expect.deployment("stt", "translation") is None
    assert TARGET.expect.deployment("other", "speech") is None
