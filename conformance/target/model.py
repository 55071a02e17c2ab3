"""The target: what is declared of the gateway under test, as values.

`base_url` and `token` alone make a first run; every further part unlocks requirements.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

import msgspec

FORMATS = ("mp3", "opus", "aac", "flac", "wav", "pcm")
TRANSCRIPT_FORMATS = ("json", "text", "srt", "vtt", "verbose_json")
DEFAULT_TIMEOUT_S = 30.0

HandlingName = Literal["passthrough", "transform", "local"]
Credentials = Literal["own", "relayed", "none"]
Text = Annotated[str, msgspec.Meta(min_length=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/]+")]
ProxyUrl = Annotated[str, msgspec.Meta(pattern=r"^http://[^\s/]+/?$")]
HeaderValue = Annotated[str, msgspec.Meta(pattern=r"^[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?$")]
# Shorter values of headers stand by chance in other texts; they are replaced only where the target itself is shown.
_SHORTEST_SECRET = 5


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of the target file; unknown keys are refused."""


class PerOperation(_Part, frozen=True):
    """A name for each operation that has one."""

    speech: Text | None = None
    transcription: Text | None = None
    translation: Text | None = None


class Models(_Part, frozen=True):
    """The gateway's model keys. The first of a list is used by default; a second unlocks the routing checks.

    `translation` is for contracts in which it has models of its own; without it, those of `transcription` are asked.
    `speech_stream`, `transcription_stream` and `diarization` are for contracts that have streams and speakers; `logprobs`
    tell log probabilities, `keywords` take languages and keywords, and `custom_voice` is the id of a voice of one's own.
    `transformed` are keys that the gateway answers in its own words, where `handling` says that it hands others on.
    `voice` is one that the providers behind know: for a gateway whose real providers know no "alloy".
    """

    speech: tuple[Text, ...] = ()
    transcription: tuple[Text, ...] = ()
    translation: tuple[Text, ...] = ()
    speech_stream: tuple[Text, ...] = ()
    transcription_stream: tuple[Text, ...] = ()
    diarization: tuple[Text, ...] = ()
    logprobs: tuple[Text, ...] = ()
    keywords: tuple[Text, ...] = ()
    azure_speech: Text | None = None
    azure_transcription: Text | None = None
    voice: Text = "alloy"
    custom_voice: Text | None = None
    without_deployment: PerOperation = PerOperation()
    transformed: PerOperation = PerOperation()


class RateLimit(_Part, frozen=True):
    """A token with a rate limit: `limit` requests in `window_s` seconds. Limit 0 means that it is over already."""

    token: Text
    limit: Annotated[int, msgspec.Meta(ge=0)] = 0
    window_s: Positive = 60.0


class Budget(_Part, frozen=True):
    """A token whose budget is spent already, or (`spend`) by so many requests of the run."""

    token: Text
    spend: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None


class PerRequest(_Part, frozen=True):
    """A token with quotas per request."""

    token: Text
    max_characters: Annotated[int, msgspec.Meta(ge=1)] | None = None
    max_upload_bytes: Annotated[int, msgspec.Meta(ge=1)] | None = None


class LimitedTokens(_Part, frozen=True):
    rate_limit: RateLimit | None = None
    budget: Budget | None = None
    per_request: PerRequest | None = None


class Expect(_Part, frozen=True):
    """What the gateway's own mapping should produce on the provider's side.

    `deployments` maps an Azure key to its deployment, or to one for each operation.
    """

    upstream_models: dict[str, Text] = {}
    deployments: dict[str, Text | PerOperation] = {}
    formats: tuple[str, ...] = ()
    transcript_formats: tuple[str, ...] = ()

    def deployment(self, key: str, operation: str) -> str | None:
        """Where an Azure key's requests for an operation go; None where the target does not say."""
        declared = self.deployments.get(key)
        return getattr(declared, operation) if isinstance(declared, PerOperation) else declared


class MockProvider(_Part, frozen=True):
    """The mock behind the gateway: `listen` starts one here for the run, `control_url` uses one that runs already."""

    listen: Annotated[str, msgspec.Meta(pattern=r"^\S+:\d+$")] | None = None
    control_url: Url | None = None
    control_token: Text | None = None


class Lifecycle(_Part, frozen=True):
    terminate: Text
    start: Text
    drain_s: Positive = 5.0


class Tls(_Part, frozen=True):
    """How TLS is spoken with the gateway. Files are in PEM, found from the target file's folder.

    `ca_file` is trusted instead of the public authorities; `client_cert` holds its key too where no `client_key` is named;
    `verify: false` takes any certificate of the server's.
    """

    ca_file: Text | None = None
    client_cert: Text | None = None
    client_key: Text | None = None
    verify: bool = True


class Handling(_Part, frozen=True):
    """How the gateway handles each operation, for contracts that judge it by that.

    `passthrough` hands on what the provider says, `transform` makes an answer of its own, `local` has no provider.
    """

    speech: HandlingName | None = None
    transcription: HandlingName | None = None
    translation: HandlingName | None = None


class UsageHeaders(_Part, frozen=True):
    """The headers by which the gateway reports what a call used: tokens, or seconds of audio."""

    input_tokens: Text | None = None
    output_tokens: Text | None = None
    total_tokens: Text | None = None
    seconds: Text | None = None

    @property
    def names(self) -> dict[str, str]:
        """The header's name for each member of a usage that has one."""
        named = {member: getattr(self, member) for member in self.__struct_fields__}
        return {member: name for member, name in named.items() if name}


class Sdks(_Part, frozen=True):
    """OpenAI's client libraries that the gateway's clients use: for Python, and for Node in a folder with `node_modules`."""

    python: bool = False
    node: Text | None = None


class Target(_Part, frozen=True):
    """What is declared of the gateway under test.

    `headers` go with every request, and their values are secrets; `proxy` is a forward proxy, `http://USER:PASSWORD@HOST:PORT`.
    `credentials` says whose keys its clients have: its `own`, those of the provider, which it hands on (`relayed`), or
    `none`. `usage_headers` are those in which it tells what a call used,
    `sdks` the libraries that it is to work with.
    """

    base_url: Url
    token: Text
    contract: Text = "audio-api"
    headers: dict[str, HeaderValue] = {}
    tls: Tls | None = None
    proxy: ProxyUrl | None = None
    credentials: Credentials | None = None
    handling: Handling = Handling()
    usage_headers: UsageHeaders | None = None
    sdks: Sdks = Sdks()
    max_rate: Positive | None = None
    models: Models = Models()
    limited_tokens: LimitedTokens = LimitedTokens()
    expect: Expect = Expect()
    mock_provider: MockProvider | None = None
    lifecycle: Lifecycle | None = None
    timeout_s: Positive | None = None
    max_upload_mb: Positive | None = None

    def secrets(self) -> tuple[str, ...]:
        """Every secret that a report must not show, longest first."""
        limited = self.limited_tokens
        held = [self.token, *(part.token for part in (limited.rate_limit, limited.budget, limited.per_request) if part)]
        if self.mock_provider and self.mock_provider.control_token:
            held.append(self.mock_provider.control_token)
        held += [value for value in self._access_secrets() if len(value) >= _SHORTEST_SECRET]
        return tuple(sorted(set(held), key=len, reverse=True))

    def _access_secrets(self) -> Iterator[str]:
        """What opens the way to the gateway: values of headers, what follows a scheme in them, the proxy's password."""
        for value in self.headers.values():
            yield value
            yield value.rpartition(" ")[2]
        if self.proxy and (password := urlsplit(self.proxy).password):
            yield password
            yield unquote(password)
