"""Results are made once, kept within bounds, and never mistaken for one another."""

import threading
from dataclasses import replace

import pytest

from mock_upstreams import MockProvider, ProviderRefusal, SpeechRequest, TranscriptionRequest
from mock_upstreams.caching import ResultCache
from mock_upstreams.provider import NotCached

HELLO = SpeechRequest("tts-1", "Hello.")


def test_a_result_is_made_once():
    """And counted."""
    cache, made = ResultCache(100, len), []
    for _ in range(3):
        assert cache.get("key", lambda: made.append(1) or "result") == "result"
    assert len(made) == 1
    counts = cache.counts()
    assert (counts.hits, counts.misses, counts.bytes) == (2, 1, 6)


def test_the_least_recently_used_goes_first():
    """Bytes count, not results; and a large one does not drive out the rest."""
    cache = ResultCache(80, len)
    for name in "abcdefgh":
        cache.get(name, lambda: "1234567890")
    cache.find("a")
    cache.get("i", lambda: "1234567890")
    assert (cache.find("a"), cache.find("b")) == ("1234567890", None)
    assert cache.get("large", lambda: "x" * 11) == "x" * 11
    assert cache.find("large") is None
    assert cache.counts().bytes == 80


def test_what_fails_is_not_kept():
    """The next one tries again."""
    cache = ResultCache(100, len)

    def fail():
        raise KeyError("no")

    for _ in range(2):
        with pytest.raises(KeyError):
            cache.get("key", fail)


def test_threads_share_a_cache():
    """Its bounds hold whoever comes when."""
    cache = ResultCache(1000, len)

    def use(offset):
        for number in range(500):
            key = (number * 7 + offset) % 40
            assert cache.get(key, lambda key=key: f"{key:050}") == f"{key:050}"

    threads = [threading.Thread(target=use, args=(offset,)) for offset in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = cache.counts()
    assert counts.hits + counts.misses == 3000
    assert counts.bytes <= 1000
    assert counts.bytes % 50 == 0


DIFFERENT = [
    {"model": "tts-1-hd"},
    {"input": "Hallo."},
    {"voice": "nova"},
    {"response_format": "wav"},
    {"speed": 1.5},
    {"instructions": "Whisper."},
]


@pytest.mark.parametrize("change", DIFFERENT, ids=str)
def test_every_parameter_of_speech_counts(change):
    """No speech is taken for that of another request."""
    provider = MockProvider()
    plain, other = provider.synthesize(HELLO), provider.synthesize(replace(HELLO, **change))
    assert plain.data != other.data
    assert provider.synthesize(HELLO) is plain


def test_a_recognition_serves_every_shape_of_transcript():
    """The upload is listened to once, whatever is asked of it and whatever its name."""
    provider = MockProvider()
    audio = provider.synthesize(HELLO).data
    for name, language in (("a.mp3", None), ("b.mp3", "fr")):
        transcript = provider.transcribe(TranscriptionRequest("whisper-1", audio, name, language))
        assert (transcript.text, transcript.language) == ("Hello.", "french" if language else "english")
    assert provider.translate(TranscriptionRequest("whisper-1", audio)).task == "translate"
    assert provider.cache_counts()["recognition"].misses == 1


def test_a_name_that_chooses_the_decoder_counts():
    """Headerless pcm is sound by its name only."""
    provider = MockProvider()
    audio = provider.synthesize(replace(HELLO, response_format="pcm")).data
    assert provider.transcribe(TranscriptionRequest("whisper-1", audio, "a.pcm")).text == "Hello."
    with pytest.raises(ProviderRefusal):
        provider.transcribe(TranscriptionRequest("whisper-1", audio, "a.wav"))


def test_a_name_that_chooses_a_transcript_counts():
    """Configured texts are given to the files of that name only."""
    provider = MockProvider(transcripts={"a.mp3": "Configured."})
    audio = provider.synthesize(HELLO).data
    found = [provider.transcribe(TranscriptionRequest("whisper-1", audio, name)).text for name in ("b.mp3", "a.mp3")]
    assert found == ["Hello.", "Configured."]


def test_what_is_not_at_hand_is_not_made():
    """Whoever must not wait gets earlier results or none."""
    provider = MockProvider()
    with pytest.raises(NotCached):
        provider.cached.synthesize(HELLO, lambda: None)
    audio = provider.synthesize(HELLO)
    assert provider.cached.synthesize(HELLO, lambda: None) is audio
    request = TranscriptionRequest("whisper-1", audio.data)
    with pytest.raises(NotCached):
        provider.cached.transcribe(request, lambda: None)
    assert provider.transcribe(request) == provider.cached.transcribe(request, lambda: None)
    assert provider.translate(request) == provider.cached.translate(request, lambda: None)
    with pytest.raises(ProviderRefusal):
        provider.cached.transcribe(replace(request, response_format="midi"), lambda: None)
