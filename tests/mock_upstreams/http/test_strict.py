"""What ``--strict`` refuses, with the real provider's status and body, and the lenient mock takes."""

import pytest

from mock_upstreams.codecs.wav import wav_header
from mock_upstreams.config import Settings
from tests.mock_upstreams.http.running import HELLO, KEY, bench

SPEECH = "/v1/audio/speech"
AZURE = "/openai/deployments/{}/audio/{}"


@pytest.fixture(scope="session")
def audio(shared):
    return shared.synthesize().content


def form(**fields):
    return {"model": "whisper-1"} | fields


SPEECH_FAULTS = {
    "voice missing": ({"voice": None}, "missing_required_parameter", "voice"),
    "voice unknown": ({"voice": "nobody"}, "invalid_value", "voice"),
    "speed low": ({"speed": 0.2}, "decimal_below_min_value", "speed"),
    "speed high": ({"speed": 4.1}, "decimal_above_max_value", "speed"),
    "extra field": ({"volume": 11}, None, None),
    "sse by an old model": ({"stream_format": "sse"}, "invalid_value", "stream_format"),
}


@pytest.mark.parametrize("fault", SPEECH_FAULTS)
def test_speech_faults(mock, strict, fault):
    """Each is 400 when strict and 200 when lenient."""
    fields, code, param = SPEECH_FAULTS[fault]
    answer = strict.synthesize(**fields)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, code, param)
    assert mock.synthesize(**fields).status_code == 200


HEARING_FAULTS = {
    "no extension": ({}, "speech"),
    "unsupported extension": ({}, "speech.aac"),
    "temperature high": ({"temperature": "1.5"}, "speech.mp3"),
    "verbose_json by a newer model": ({"model": "gpt-4o-transcribe", "response_format": "verbose_json"}, "speech.mp3"),
    "granularities without detail": ({"timestamp_granularities[]": "word"}, "speech.mp3"),
}


@pytest.mark.parametrize("fault", HEARING_FAULTS)
def test_transcription_faults(mock, strict, audio, fault):
    """Each is 400 when strict and 200 when lenient."""
    fields, name = HEARING_FAULTS[fault]
    answer = strict.transcribe(audio, name=name, **fields)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert mock.transcribe(audio, name=name, **fields).status_code == 200


NEW = {"model": "gpt-4o-transcribe"}
SPEAKERS = {"model": "gpt-4o-transcribe-diarize", "chunking_strategy": "auto"}
BY_FAMILY = {
    # what is asked, the file's name, the refusal's code and param; none: it is served
    "oga by whisper": ({}, "voice.oga", None, None),
    "oga by a newer model": (NEW, "voice.oga", "unsupported_value", "file"),
    "mp3 called wav by whisper": ({}, "speech.wav", None, None),
    "mp3 called wav by a newer model": (NEW, "speech.wav", "invalid_value", "file"),
    "mp3 called mpga by a newer model": (NEW, "speech.MPGA", None, None),
    "a language by name": ({"language": "english"}, "a.mp3", "invalid_language_format", "language"),
    "a language with a region": ({"language": "pt-BR"}, "a.mp3", "invalid_language_format", "language"),
    "a language that is none": ({"language": "xx"}, "a.mp3", "unsupported_language", "language"),
    "a language": ({"language": "pt"}, "a.mp3", None, None),
    "speakers by whisper": ({"response_format": "diarized_json"}, "a.mp3", "invalid_value", "response_format"),
    "speakers by a newer model": (
        NEW | {"response_format": "diarized_json"}, "a.mp3", "invalid_value", "response_format"
    ),
    "speakers": (SPEAKERS | {"response_format": "diarized_json"}, "a.mp3", None, None),
    "details of speakers": (SPEAKERS | {"response_format": "verbose_json"}, "a.mp3", "invalid_value", "response_format"),
    "a strategy by its members": (
        SPEAKERS | {"chunking_strategy": None, "chunking_strategy[type]": "server_vad"}, "a.mp3", None, None
    ),
    "a strategy as json": (SPEAKERS | {"chunking_strategy": '{"type": "server_vad"}'}, "a.mp3", None, None),
    "a strategy that is none": (SPEAKERS | {"chunking_strategy": "never"}, "a.mp3", "invalid_value", "chunking_strategy"),
    "a strategy of another type": (
        SPEAKERS | {"chunking_strategy": '{"type": "client"}'}, "a.mp3", "invalid_value", "chunking_strategy"
    ),
    "a short recording without strategy": (SPEAKERS | {"chunking_strategy": None}, "a.mp3", None, None),
    "a prompt to a diarizing model": (SPEAKERS | {"prompt": "Anna"}, "a.mp3", "invalid_value", "prompt"),
    "probabilities by whisper": ({"include[]": "logprobs"}, "a.mp3", "invalid_value", "include"),
    "probabilities in text": (
        NEW | {"include[]": "logprobs", "response_format": "text"}, "a.mp3", "invalid_value", "include"
    ),
    "probabilities": (NEW | {"include[]": "logprobs"}, "a.mp3", None, None),
}  # fmt: skip


@pytest.mark.parametrize("case", BY_FAMILY)
def test_each_model_family_refuses_its_own(mock, strict, audio, case):
    """What one family takes another refuses; the lenient mock takes all of it but a strategy's or a format's nonsense."""
    asked, name, code, param = BY_FAMILY[case]
    fields = {key: value for key, value in asked.items() if value is not None}
    answer = strict.transcribe(audio, name=name, **fields)
    if code is None:
        assert answer.status_code == 200, answer.text
    else:
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["param"]) == (400, code, param)
    assert mock.transcribe(audio, name=name, **fields).status_code == 200


def test_a_long_recording_of_speakers_needs_a_strategy(mock, strict):
    """Beyond 30 seconds, by what the file itself says of its length."""
    long = wav_header(31 * 48_000, 24_000) + bytes(31 * 48_000)
    asked = {"model": "gpt-4o-transcribe-diarize"}
    refused = strict.transcribe(long, name="long.wav", **asked).json()["error"]
    assert (refused["code"], refused["param"]) == ("invalid_value", "chunking_strategy")
    assert strict.transcribe(long, name="long.wav", **asked, chunking_strategy="auto").status_code == 200
    assert mock.transcribe(long, name="long.wav", **asked).status_code == 200


def test_only_whisper_translates(mock, strict, audio):
    """A newer model does not exist for translations when strict."""
    path, fields = "/v1/audio/translations", form(model="gpt-4o-transcribe")
    assert strict.transcribe(audio, path=path, **fields).json()["error"]["code"] == "model_not_found"
    assert mock.transcribe(audio, path=path, **fields).status_code == 200


def test_azure_needs_an_api_version(mock, strict):
    """Without one, the resource is not found."""
    path = AZURE.format("speech-prod", "speech")
    answer = strict.caller.post(path, json=HELLO)
    assert (answer.status_code, answer.json()) == (404, {"error": {"code": "404", "message": "Resource not found"}})
    assert strict.caller.post(path, json=HELLO, params={"api-version": "2024-06-01"}).status_code == 200
    assert mock.caller.post(path, json=HELLO).status_code == 200


def test_a_body_over_the_limit(mock, strict, audio):
    """26,214,400 bytes are the most, the form around the file included."""
    padded = audio + bytes(26_214_400 - len(audio))
    answer = strict.transcribe(padded)
    assert answer.status_code == 413
    assert answer.json()["error"]["type"] == "server_error"
    assert "(26214400)" in answer.json()["error"]["message"]
    assert mock.transcribe(padded).status_code == 200


ALWAYS = {
    "empty input": {"input": ""},
    "input missing": {"input": None},
    "input too long": {"input": "a" * 4097},
    "input of another type": {"input": 5},
    "format unknown": {"response_format": "midi"},
    "format of another type": {"response_format": 3},
    "speed of another type": {"speed": "fast"},
    "voice of another type": {"voice": 3},
    "model missing": {"model": None},
}


@pytest.mark.parametrize("fault", ALWAYS)
def test_what_even_the_lenient_mock_refuses(mock, fault):
    """What no provider could make sense of is 400 with a full error object."""
    answer = mock.caller.post(SPEECH, json=HELLO | ALWAYS[fault])
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize(
    "headers", [{"authorization": ""}, {"authorization": "Bearer"}, {"authorization": f"Basic {KEY}"}]
)
def test_a_missing_key(mock, headers):
    """No key, 401, on OpenAI's face."""
    answer = mock.caller.post(SPEECH, json=HELLO, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, None)


def test_a_missing_key_on_azure(mock):
    """No key, 401, in Azure's form."""
    answer = mock.caller.post(
        AZURE.format("speech-prod", "speech"), json=HELLO, headers={"api-key": "", "authorization": ""}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "401")


def test_wrong_media_types(mock, audio):
    """Speech takes JSON only, transcriptions take forms only."""
    answer = mock.caller.post(SPEECH, content=b"{}", headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_content_type")
    assert mock.caller.post("/v1/audio/transcriptions", json={"model": "whisper-1"}).status_code == 415
    assert mock.caller.post("/v1/audio/transcriptions", data={"model": "whisper-1"}).status_code == 415


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"\xff", b"[" * 100_000, b'{"model": "tts-1", "input": "x", "y": NaN}', b""]
)
def test_unreadable_json(mock, body):
    """Anything but a JSON object is 400, and is in the journal all the same."""
    answer = mock.caller.post(SPEECH, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert mock.calls()[-1]["body_kind"] == "json"


FORMS = {
    "no boundary": ("multipart/form-data", b"--x\r\n"),
    "cut off": ("multipart/form-data; boundary=x", b'--x\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisp'),
    "garbage": ("multipart/form-data; boundary=x", b"nothing of a form"),
    "no file": (
        "multipart/form-data; boundary=x",
        b'--x\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--x--\r\n',
    ),
}


@pytest.mark.parametrize("fault", FORMS)
def test_unreadable_forms(mock, fault):
    """A form that cannot be read, or has no file, is 400; what of it could be read is in the journal."""
    media_type, body = FORMS[fault]
    answer = mock.caller.post("/v1/audio/transcriptions", content=body, headers={"content-type": media_type})
    assert answer.status_code == 400, answer.text
    assert mock.calls()[-1]["body_kind"] == "multipart"


def test_a_text_field_that_is_no_utf_8(mock, audio):
    """A form field of other bytes is 400, naming the field."""
    answer = mock.transcribe(audio, prompt=b"\xff\xfe")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "prompt")


def test_only_configured_keys():
    """With ``keys`` configured, any other key is refused, and shown in part only."""
    with bench(Settings(keys=[KEY])) as mock:
        assert mock.synthesize().status_code == 200
        answer = mock.caller.post(SPEECH, json=HELLO, headers={"authorization": "Bearer sk-some-other-key"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")
    assert "sk-some-other-key" not in answer.text
