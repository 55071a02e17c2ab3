"""The seam between suite and contract: another contract runs through the whole suite, from a folder and by command line.

The toy contract has three requirements whose ids and checks are the Audio API's, other paths, field names and statuses,
and plain-text transcripts.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance import contracts
from conformance.cli import main
from conformance.errors import CatalogueError
from tests.conformance.contracts.toy_gateway import AudioApiStatus, JsonTranscripts, ToyGateway, toy_gateway
from tests.conformance.fake_gateway import TOKEN

TOY = str(Path(__file__).parent / "toy")
OWN = {"authentication.speech.unknown-token", "speech.format.mp3", "transcriptions.form.multipart"}


def judged(gateway: ToyGateway, folder: Path) -> tuple[int, dict[str, Any]]:
    """Exit status and report.json of a run by the toy contract."""
    with toy_gateway(gateway) as url:
        named = ["--base-url", url, "--token", TOKEN, "--contract", TOY]
        status = main(["run", *named, "--report-dir", str(folder)])
    return status, json.loads((folder / "report.json").read_text(encoding="utf-8"))


def verdicts(report: dict[str, Any]) -> dict[str, str]:
    return {each["id"]: each["verdict"] for each in report["requirements"]}


def test_a_gateway_that_keeps_the_toy_contract_conforms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All three requirements pass; the Audio API's others are not applicable, and are no part of the total."""
    status, report = judged(ToyGateway(), tmp_path)
    found = verdicts(report)

    assert (status, report["verdict"], report["contract"]) == (0, "conforming", "toy")
    assert {name: found[name] for name in OWN} == dict.fromkeys(OWN, "pass")
    others = [each for each in report["requirements"] if each["id"] not in OWN]
    shipped = {known for name in contracts.names() for known in contracts.load(name).catalogue.by_id}
    assert {each["id"] for each in others} == shipped - OWN
    assert {each["verdict"] for each in others} == {"not-applicable"}
    assert {each["reason"] for each in others} == {"the contract toy does not ask for it"}
    assert "3 of 3 requirements decided: 3 pass" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("gateway", "broken"),
    [
        (AudioApiStatus(), "authentication.speech.unknown-token"),
        (JsonTranscripts(), "transcriptions.form.multipart"),
    ],
    ids=["status", "transcript"],
)
def test_a_gateway_that_keeps_the_audio_api_instead_violates_it(
    tmp_path: Path, gateway: ToyGateway, broken: str
) -> None:
    """What is right by one contract is wrong by another: nothing but the one requirement is red."""
    status, report = judged(gateway, tmp_path)

    assert (status, report["verdict"]) == (1, "violating")
    assert [name for name, verdict in verdicts(report).items() if verdict == "fail"] == [broken]


def test_a_failure_is_run_again_by_the_contract_that_it_broke(tmp_path: Path) -> None:
    """A kept case knows the folder of its contract, and so does the printed line."""
    _, report = judged(AudioApiStatus(), tmp_path)
    (finding,) = next(each["findings"] for each in report["requirements"] if each["verdict"] == "fail")

    assert f"--contract {TOY}" in finding["rerun"]
    assert finding["expected"] == "status 403"
    with toy_gateway(ToyGateway()) as url:
        assert main(["replay", finding["case"], "--base-url", url, "--token", TOKEN]) == 0
    with toy_gateway(AudioApiStatus()) as url:
        assert main(["replay", finding["case"], "--base-url", url, "--token", TOKEN]) == 1


def test_doctor_probes_by_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    """Its default model keys are found to be served, and all three requirements will be decided."""
    with toy_gateway(ToyGateway()) as url:
        status = main(["doctor", "--base-url", url, "--token", TOKEN, "--contract", TOY])
    printed = capsys.readouterr().out

    assert status == 0, printed
    assert "ok   models.speech: `toy-voice` is served" in printed
    assert "3 of 3 requirements will be decided." in printed


def test_a_situation_that_a_contract_does_not_name_is_the_contracts_fault() -> None:
    """The error names the situation and those that there are."""
    with pytest.raises(CatalogueError, match="`unknown-model`") as caught:
        contracts.load(TOY).statuses("unknown-model")

    assert "invalid-token" in caught.value.hint
