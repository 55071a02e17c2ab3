"""A contract as a value: statuses by situation, shapes of transcripts, operations and their names."""

import pytest

from conformance import contracts
from conformance.contracts import Statuses
from conformance.errors import CatalogueError

AUDIO_API = contracts.load()


@pytest.mark.parametrize(
    ("names", "status", "held"),
    [
        (("400",), 400, True),
        (("400",), 401, False),
        (("4xx",), 499, True),
        (("4xx",), 500, False),
        (("4xx", "500"), 500, True),
        (("200",), None, False),
        (("200",), "200", False),
    ],
)
def test_a_status_is_held_by_its_number_or_its_class(names: tuple[str, ...], status: object, *, held: bool) -> None:
    """What is no number is no status: a request without a response has none."""
    assert (status in Statuses(names)) is held


def test_statuses_are_listed_one_by_one() -> None:
    """A class stands for each of its hundred."""
    assert list(Statuses(("200", "400"))) == [200, 400]
    assert list(Statuses(("4xx",))) == list(range(400, 500))


@pytest.mark.parametrize(
    ("names", "text"),
    [(("401",), "status 401"), (("400", "500"), "status 400 or 500"), (("4xx",), "a 4xx status")],
)
def test_statuses_are_named_in_findings(names: tuple[str, ...], text: str) -> None:
    """They complete the sentence that begins with `expected`."""
    assert str(Statuses(names)) == text


def test_what_is_preferred_is_taken_out_of_what_is_allowed() -> None:
    """The rest is what a warning is given for."""
    assert Statuses(("400", "4xx")).without(Statuses(("400",))).names == ("4xx",)


def test_a_situation_without_statuses_names_those_that_there_are() -> None:
    """A misspelt situation is a fault of the suite, and says where to look."""
    with pytest.raises(CatalogueError, match="`unknown-modle`") as caught:
        AUDIO_API.statuses("unknown-modle")

    assert "unknown-model," in caught.value.hint


def test_a_transcript_in_a_format_that_is_not_listed_has_the_default_shape() -> None:
    """Whatever a client writes into response_format, be it no text at all."""
    default = AUDIO_API.transcript()

    assert (default.kind, default.media_types) == ("object", ("application/json",))
    assert AUDIO_API.transcript("srt") == AUDIO_API.transcript("no such") == default


@pytest.mark.parametrize(
    ("route", "encoding", "has"),
    [
        ("speech", "json", True),
        ("speech", "multipart", False),
        ("speech", None, True),
        ("translations", "multipart", True),
        ("chat", None, False),
    ],
)
def test_a_contract_knows_its_operations_and_their_encodings(route: str, encoding: str | None, *, has: bool) -> None:
    """Checks of what it lacks are left out of a run."""
    assert AUDIO_API.has(route, encoding) is has


def test_operations_say_what_goes_in_and_what_comes_out() -> None:
    """So that no check asks for an operation's name."""
    speech, transcriptions = (AUDIO_API.operations[name] for name in ("speech", "transcriptions"))

    assert (speech.takes_text, speech.gives_audio, speech.plain_encoding) == (True, True, "json")
    assert (transcriptions.takes_text, transcriptions.gives_audio) == (False, False)
    assert transcriptions.plain_encoding == "multipart"


def test_each_capability_has_a_default_model_key() -> None:
    """It is asked for where a target declares none."""
    assert AUDIO_API.default_model("speech") == "tts-1"
    assert AUDIO_API.default_model("transcription") == "whisper-1"
