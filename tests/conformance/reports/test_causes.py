"""Causes: one fault gives few, two faults share none, and the same gateway gives the same ones."""

import itertools
import statistics
from collections import defaultdict
from collections.abc import Iterable

import msgspec
import pytest

from conformance.contracts.requirements import Level
from conformance.mock.calls import RecordedCall, SentResponse
from conformance.reports.causes import with_causes
from conformance.reports.entries import RequirementReport
from conformance.reports.findings import ExchangeReport, FindingReport, RequestReport, ResponseReport
from conformance.reports.symptoms import normalised
from conformance.reports.topics import folded, topic_of
from conformance.reports.verdicts import Verdict
from tests.conformance.reports.recorded import Recorded, recorded

# One fault seen twice: where two mutants break the same thing in the same words, one cause is right.
_MOST_SHARED = 0.015


def answered(status: int, body: str, operation: str = "speech") -> tuple[ExchangeReport, ...]:
    """An exchange that ended with this answer."""
    request = RequestReport("POST", f"http://127.0.0.1:1/v1/audio/{operation}", (), "")
    return (ExchangeReport(request, ResponseReport(status, (("content-type", "application/json"),), body), None, 0.1),)


def entry(name: str, *findings: FindingReport, level: Level = Level.MUST) -> RequirementReport:
    """A violated requirement."""
    verdict = Verdict.FAIL if level is Level.MUST else Verdict.WARN
    return RequirementReport(name, level, "S", f"{name} holds.", verdict, "p.md#s", "", 1, findings)


def wrong_status(what: str, expected: str, status: int, message: str) -> FindingReport:
    """The finding of a request that was answered with another status than it should."""
    exchanges = answered(status, f'{{"error": {{"message": "{message}", "type": "t"}}}}')
    return FindingReport("c", f"{what}: wrong status", expected, str(status), exchanges=exchanges)


def test_each_finding_names_a_cause_and_each_cause_counts_its_findings() -> None:
    """No finding is in two, none in none, and the numbers add up."""
    entries = [
        entry("speech.model.type", *(wrong_status(f"m {n}", "status 400", 500, "boom") for n in range(3))),
        entry("speech.voice.type", wrong_status("v", "status 400", 422, "no such voice")),
    ]
    causes, named = with_causes(entries)
    ids = [finding.cause for each in named for finding in each.findings]

    assert all(ids)
    assert {cause.id: cause.findings for cause in causes} == {name: ids.count(name) for name in ids}
    assert sorted(each.id for each in named) == ["speech.model.type", "speech.voice.type"]


def test_ids_numbers_and_paths_do_not_part_what_is_the_same() -> None:
    """The error of each request has its own id."""
    said = ["no model req_1234567890ab", "no model req_ba0987654321"]
    entries = [
        entry("errors.speech.unknown-model", *(wrong_status("w", "status 400", 404, message) for message in said)),
    ]
    (cause,), _ = with_causes(entries)

    assert cause.title == 'Speech answers 404 "no model ID" (t) — w'
    assert cause.mend == "Answer status 400 here. errors.speech.unknown-model holds."


def test_a_providers_own_status_that_reaches_the_client_is_one_cause_whatever_it_is() -> None:
    """A gateway that hands on what it is told does so with every status."""
    entries = []
    for status in (401, 403, 501, 503):
        call = RecordedCall(
            position=1,
            method="POST",
            path="/v1/audio/speech",
            response=SentResponse(status=status, content_type="text/plain", size=0, sha256=""),
        )
        found = wrong_status("a failing provider", "status 500", status, f"the provider said {status} in words")
        entries.append(entry(f"failures.speech.status-{status}", msgspec.structs.replace(found, upstream=(call,))))
    (cause,), _ = with_causes(entries)

    assert cause.findings == 4
    assert cause.title.startswith("Speech hands on the provider's own status when it fails")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a 200 without 12 bytes", "a 200 without N bytes"),
        ("request 0f8fad5b-d9cb-469f-a165-70867728950e failed", "request ID failed"),
        ("cannot open /srv/app/handlers.py", "cannot open PATH"),
        ("model 'tts-9' is unknown", "model '…' is unknown"),
        ("waited 12.5 s, mp3 is kept", "waited N s, mp3 is kept"),
        ("markab12cd34n17x2z.wav", "MARKER.wav"),
    ],
)
def test_what_changes_from_answer_to_answer_is_left_out(text: str, shown: str) -> None:
    assert normalised(text) == shown


def test_a_refusal_that_is_everywhere_is_one_cause_and_a_server_error_in_two_places_is_two() -> None:
    """A message that says what went wrong joins; one that says nothing does not, unless it is everywhere."""
    topics = ("model.type", "voice.type", "input.type", "speed.type")
    said = [entry(f"speech.{topic}", wrong_status(topic, "status 400", 403, "no token")) for topic in topics]
    vague = [entry(f"speech.{topic}", wrong_status(topic, "status 400", 500, "failed")) for topic in topics]

    assert len(with_causes(said)[0]) == 1
    assert len(with_causes(vague)[0]) == 1
    assert len(with_causes(vague[:2])[0]) == 2


def test_twins_of_must_and_should_count_once() -> None:
    """The SHOULD beside a MUST asks the same more strictly."""
    ids = ("errors.speech.unknown-model", "errors.speech.unknown-model-status", "speech.voice.type")

    assert folded(ids) == ("errors.speech.unknown-model", "speech.voice.type")
    assert folded(ids[1:]) == ids[1:]
    assert topic_of(ids[0]) == topic_of(ids[1]) == "unknown-model"


def test_security_goes_first_then_loss_then_what_most_hangs_on_and_a_should_last() -> None:
    """The order is that in which to mend."""
    many = [entry(f"speech.{n}.type", wrong_status(f"{n}", "status 400", 409, "x")) for n in ("a", "b", "c", "d")]
    should = entry("calls.speech.one", FindingReport("c", "one request, several calls", "1", "2"), level=Level.SHOULD)
    lost = entry("transcriptions.text.exact", FindingReport("c", "t: the text changed", "a", "b"))
    secret = entry("secrets.speech.key", FindingReport("c", "k: the answer shows a provider's key", "", ""))

    causes, _ = with_causes([should, *many, lost, secret])

    assert [cause.requirements[0] for cause in causes] == [secret.id, lost.id, many[0].id, should.id]
    assert [cause.level for cause in causes][-1] is Level.SHOULD


def test_an_open_door_goes_before_a_wrong_refusal() -> None:
    """A request without a token that is served is a matter of security; one refused with 403 is not."""
    refused = entry("authentication.speech.missing", wrong_status("no token", "status 401", 403, "no"))
    lost = entry("transcriptions.text.exact", FindingReport("c", "t: the text changed", "a", "b"))
    served = entry("authentication.translations.empty-token", wrong_status("none", "status 401", 200, ""))

    causes, _ = with_causes([refused, lost, served])

    assert [cause.requirements[0] for cause in causes] == [served.id, lost.id, refused.id]


def test_what_hides_the_rest_goes_first() -> None:
    """A stranger whose gateway answers one error to nearly all has to see that before three small things of security."""
    door = entry("authentication.speech.missing", wrong_status("none", "status 401", 200, ""))
    many = [entry(f"speech.{n}.type", wrong_status(f"{n}", "status 200", 500, "boom")) for n in range(25)]
    few = [entry(f"transcriptions.{n}.type", wrong_status(f"{n}", "status 400", 409, "x")) for n in range(5)]
    others = [entry(f"speech.other{n}.x", FindingReport("c", f"o: problem {chr(97 + n)}", "1", "2")) for n in range(25)]
    more = [entry(f"speech.more{n}.x", FindingReport("c", f"o: word {'a' * n}", "1", "2")) for n in range(60)]

    broken, _ = with_causes([door, *few, *many, *others])
    as_many, _ = with_causes([door, *few, *many, *others, *more])
    small, _ = with_causes([door, *few, *many[:8]])

    assert [cause.requirements[0] for cause in broken[:2]] == [many[0].id, door.id]
    assert as_many[0].requirements[0] == door.id, "25 of 116 are less than a quarter"
    assert small[0].requirements[0] == door.id, "eight requirements hide nothing"


def document(what: str, problem: str, body: str, content_type: str = "application/json") -> FindingReport:
    """The finding of a transcript that was served in some form."""
    request = RequestReport("POST", "http://127.0.0.1:1/v1/audio/transcriptions", (), "")
    response = ResponseReport(200, (("content-type", content_type),), body)
    return FindingReport("c", f"{what}: {problem}", "e", "g", exchanges=(ExchangeReport(request, response, None, 0.1),))


def test_one_form_for_all_is_one_cause_in_whatever_words_it_is_found() -> None:
    """A gateway that knows but JSON: a wrong media type, no document, another text."""
    body = '{"text": "WEBVTT"}'
    entries = [
        entry("transcriptions.document-label.text", document("with response_format text", "wrong media type", body)),
        entry("transcriptions.document.srt", document("with response_format srt", "not a srt document", body)),
        entry("transcriptions.document-exact.vtt", document("t (multipart) in vtt", "the text differs from N", body)),
    ]
    label = entry("transcriptions.document-label.srt", document("response_format srt", "wrong media type", "1\n00:00"))
    header = entry("transcriptions.request-id.header", document("response_format srt", "no X-Request-Id", body))
    (form, *others), _ = with_causes([*entries, label, header])

    assert form.title.startswith("Transcriptions answers application/json instead of text, srt or vtt")
    assert form.requirements == tuple(each.id for each in entries)
    assert len(others) == 2, "a wrong label of a right document, and a missing header, are faults of their own"


def test_an_open_door_is_one_cause_and_another_scheme_alone_is_its_own() -> None:
    def served(kind: str, what: str) -> RequirementReport:
        return entry(f"authentication.speech.{kind}", wrong_status(what, "status 401", 200, ""))

    nobody = served("missing", "speech (json) without an Authorization header")
    wrong = [served("other-scheme", "the scheme Basic"), served("empty-token", "nothing after Bearer")]

    assert len(with_causes([nobody, *wrong])[0]) == 1
    assert len(with_causes(wrong)[0]) == 2


@pytest.mark.parametrize("status", [200, 500])
def test_one_status_for_all_errors_is_one_cause_and_three_messages_are_three(status: int) -> None:
    """Eight messages under one status are no eight faults."""
    entries = [
        entry(f"speech.{word}.type", wrong_status(word, "status 400", status, f"the {word} is wrong"))
        for word in ("model", "voice", "input", "speed", "format", "language", "prompt", "file")
    ]
    (cause,), _ = with_causes(entries)

    assert cause.title.startswith(f"Speech answers {status} whatever is wrong")
    assert cause.id == f"answer-speech-{status}-whatever-is-wrong"
    assert len(with_causes(entries[:3])[0]) == 3


def test_refusals_of_what_has_to_be_served_stay_apart() -> None:
    """Each may be of another field that the gateway does not know."""
    entries = [
        entry(f"speech.{word}.accepted", wrong_status(word, "status 200", 400, f"no {word} here"))
        for word in ("model", "voice", "input", "speed", "format", "language", "prompt", "file")
    ]
    assert len(with_causes(entries)[0]) == len(entries)


def test_a_gateway_that_loses_many_fields_has_one_fault_and_one_that_loses_two_has_two() -> None:
    """Whether the check of the field says it, or a drawn request."""
    fields = ("instructions", "speed", "language", "prompt")
    entries = [
        entry(
            f"provider.speech.{name}", FindingReport("c", f"{name} does not reach the provider as it was sent", "", "")
        )
        for name in fields
    ]
    drawn = FindingReport(
        "c",
        "speech: the provider got something else than the client sent (found by generated.speech.text)",
        "temperature 0.5",
        "temperature no such field",
    )
    many, _ = with_causes([*entries, entry("provider.speech.temperature", drawn)])
    two, _ = with_causes(entries[:2])

    assert [cause.title for cause in many] == ["Speech: fields do not reach the provider — speech"]
    assert len(two) == 2


def test_what_is_undecided_has_no_cause() -> None:
    """A finding of a blocked requirement accuses nobody."""
    blocked = msgspec.structs.replace(
        entry("speech.model.type", wrong_status("w", "s", 500, "m")), verdict=Verdict.BLOCKED
    )

    causes, (named,) = with_causes([blocked])

    assert causes == ()
    assert named.findings[0].cause == ""


def test_one_fault_gives_few_causes() -> None:
    """Over a sample of recorded mutants of every area: one in the middle, three at most."""
    runs = recorded("one")
    numbers = [len(with_causes(run.requirements)[0]) for run in runs]

    assert len(runs) >= 60
    assert statistics.median(numbers) == 1
    assert max(numbers) <= 3, [run.run for run, number in zip(runs, numbers, strict=True) if number > 3]


def test_two_faults_share_no_cause() -> None:
    """What two mutants are accused of, put together as if one gateway had both faults.

    But for a few pairs whose mutants answer in the same words, no cause holds findings of both.
    """
    pairs = [
        (one, other)
        for one, other in itertools.combinations(recorded("one")[::2], 2)
        if not one.accused & other.accused
    ]
    shared = [(one.run, other.run) for one, other in pairs if _mixed(one, other)]

    assert len(pairs) > 300
    assert len(shared) <= _MOST_SHARED * len(pairs), shared


def _mixed(one: Recorded, other: Recorded) -> bool:
    """Whether a cause of both together holds findings of each."""
    together = sorted([*_marked(one, "one"), *_marked(other, "other")], key=lambda each: each.id)
    whose: defaultdict[str, set[str]] = defaultdict(set)
    for each in with_causes(together)[1]:
        for finding in each.findings:
            whose[finding.cause].add(finding.check)
    return any(len(found) > 1 for found in whose.values())


def _marked(run: Recorded, mark: str) -> Iterable[RequirementReport]:
    for each in run.requirements:
        findings = tuple(msgspec.structs.replace(finding, check=mark) for finding in each.findings)
        yield msgspec.structs.replace(each, findings=findings)


def test_two_faults_in_one_gateway_are_two_causes() -> None:
    """The same with gateways that really had both: no cause mixes what only one of the faults is accused of."""
    alone = {run.mutants[0]: run.accused for run in recorded("one")}
    judged = [run for run in recorded("two") if all(name in alone for name in run.mutants)]
    for run in judged:
        first, second = (alone[name] for name in run.mutants)
        for cause in with_causes(run.requirements)[0]:
            ids = set(cause.requirements)
            assert not (ids & (first - second) and ids & (second - first)), (run.run, cause.title)
    assert judged


def test_another_seed_gives_the_same_causes() -> None:
    """The names hold, so that a baseline and a link do."""
    alone = {run.mutants[0]: run for run in recorded("one")}
    judged = [run for run in recorded("seed") if run.mutants[0] in alone]
    for run in judged:
        names = [{cause.id for cause in with_causes(each.requirements)[0]} for each in (alone[run.mutants[0]], run)]
        assert names[0] == names[1], run.run
    assert judged
