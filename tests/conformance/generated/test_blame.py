"""What fails sent plainly, too, is made small and explained; what only its odd way explains is left as it was found."""

from __future__ import annotations

from typing import Any

import pytest

from conformance import contracts
from conformance.contracts.requirements import Level
from conformance.generated.blame import EXPLANATIONS, Plainly, Symptom, blamed
from conformance.generated.meaning import Draft, meaning, recording
from conformance.http.exchange import Finding
from mock_upstreams.codecs import decode
from mock_upstreams.recognition import recognize
from tests.conformance.generated.small_gateway import Refused, SmallGateway, served

FOUND = Finding("one of many: the provider got something else", "x", "y")
ODD_PROMPT = Draft(after="\x1b[31m")
ODD_WORDS = Draft(fields=(("instructions", "Slowly.\x1b[31m"),))
ODD = Draft(fields=(("speed", 0.5), ("instructions", "Slowly.")), before="naïve ", after='a "b" \r\n\n é')


class OneLine(SmallGateway):
    def text(self, text: str) -> str:
        return text.replace("\n", " ")


class NoSpeed(SmallGateway):
    def document(self, body: bytes) -> tuple[dict[str, Any], bytes | None]:
        fields, upload = super().document(body)
        if "speed" in fields:
            raise Refused
        return fields, upload


def test_a_lost_line_break_is_found_to_be_just_that() -> None:
    with served(OneLine()) as case:
        [finding] = blamed(case, [FOUND], Plainly("speech", "json", ODD))
    assert finding.plainer[0] == "provider.speech.input-exact"
    assert finding.expected.endswith("z\\n'") or finding.expected.startswith("input '\\n")
    assert finding.upstream


def test_a_refused_field_is_named() -> None:
    with served(NoSpeed()) as case:
        [finding] = blamed(case, [FOUND], Plainly("speech", "json", ODD))
    assert finding.plainer[0] == "speech.speed.accepted"


class OrdinarySpeedOnly(SmallGateway):
    def check(self, route: str, fields: dict[str, Any], upload: bytes | None) -> None:
        super().check(route, fields, upload)
        if fields.get("speed", 1) != 1:
            raise Refused


class NotBoth(SmallGateway):
    def check(self, route: str, fields: dict[str, Any], upload: bytes | None) -> None:
        super().check(route, fields, upload)
        if "speed" in fields and "instructions" in fields:
            raise Refused


class OneScript(SmallGateway):
    def check(self, route: str, fields: dict[str, Any], upload: bytes | None) -> None:
        super().check(route, fields, upload)
        if not all(str(fields.get(name, "")).isprintable() for name in ("prompt", "instructions")):
            raise Refused


@pytest.mark.parametrize(
    ("gateway", "route", "draft", "owner", "kept"),
    [
        (OrdinarySpeedOnly(), "speech", ODD, "speech.speed.range", "speech.speed.accepted"),
        (NotBoth(), "speech", ODD, "generated.speech.valid-accepted", "speech.speed.accepted"),
        (OneScript(), "transcriptions", ODD_PROMPT, "generated.transcriptions.text", ""),
        (OneScript(), "speech", ODD_WORDS, "generated.speech.text", "speech.instructions.accepted"),
    ],
    ids=["an-odd-speed", "two-fields-together", "an-odd-prompt", "odd-instructions"],
)
def test_a_plain_requirement_that_is_kept_gets_no_blame(
    gateway: SmallGateway, route: str, draft: Draft, owner: str, kept: str
) -> None:
    with served(gateway) as case:
        [finding] = blamed(case, [FOUND], Plainly(route, "json", draft))
    assert finding.plainer[0] == owner
    assert kept not in finding.plainer


def test_what_holds_by_itself_is_left_to_the_way_it_was_sent() -> None:
    with served(SmallGateway()) as case:
        assert blamed(case, [FOUND, None], Plainly("speech", "json", ODD)) == [FOUND]
        assert blamed(case, [None], Plainly("speech", "json", ODD)) == []


@pytest.mark.parametrize("explanation", EXPLANATIONS, ids=lambda each: f"{each.symptom}-{each.part}")
def test_every_explanation_leads_to_a_must(explanation: Any) -> None:
    """A MUST is never explained away by less, and each explanation holds for some operation."""
    contract = contracts.load()
    for template in explanation.requirements:
        names = [template.format(route=route) for route in contract.operations]
        known = [contract.catalogue.by_id[name] for name in names if name in contract.catalogue.by_id]
        assert known, template
        assert {each.level for each in known} == {Level.MUST}, template


def test_every_symptom_has_an_explanation_of_last_resort() -> None:
    assert {each.symptom for each in EXPLANATIONS if each.part == "*"} == set(Symptom)


def test_no_two_transcripts_of_a_crowd_say_the_same() -> None:
    """Else two of them could change places and nobody would see it."""
    heard = {recognize(decode(recording(f"mark{number}z", b"", 3.0), 16_000)).text for number in range(60)}
    assert len(heard) == 60


def test_a_longer_recording_still_ends_with_what_was_drawn() -> None:
    with served(SmallGateway()) as case:
        meant = meaning(case, "transcriptions", Draft(content=b"\r\n--", seconds=3.0))
    assert meant.upload is not None
    assert meant.upload.data.endswith(b"\r\n--")
