"""Fills the templates. Escaping is Jinja2's; a page may use the script and style whose digests it names, and no others."""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from conformance.reports.comparing import by_section
from conformance.reports.html.page import page_of
from conformance.reports.plain import visible
from conformance.reports.report import Report

_TEMPLATES = Path(__file__).with_name("templates")


def to_html(report: Report) -> str:
    """The whole report as one page."""
    return _filled("report.html.j2", page=page_of(report))


def to_matrix_html(names: Sequence[str], reports: Sequence[Report]) -> str:
    """Verdicts of many reports side by side, by section."""
    return _filled("matrix.html.j2", names=names, reports=reports, sections=by_section(reports))


def _filled(template: str, **values: Any) -> str:
    style, script = _asset("style.css"), _asset("script.js")
    ours = {"style": Markup(style), "script": Markup(script)}  # noqa: S704 - files of this package
    return _environment().get_template(template).render(**values, **ours, policy=_policy(style, script))


def _policy(style: str, script: str) -> str:
    """The Content-Security-Policy of a page: its own script and style by digest, images and sounds that it holds itself."""
    sources = {
        "default-src": "'none'",
        "script-src": f"'sha256-{_digest(script)}'",
        "style-src": f"'sha256-{_digest(style)}'",
        "img-src": "data:",
        "media-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in sources.items())


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


@functools.cache
def _asset(name: str) -> str:
    """A file that goes into the page as it is: our own, and checked to hold nothing that would end its element."""
    text = (_TEMPLATES / name).read_text(encoding="utf-8")
    if "</" in text:
        raise ValueError(f"{name} would end its own element")
    return text


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    environment.filters["percent"] = lambda part, whole: f"{100 * part / whole:.4g}" if whole else "0"
    return environment


def _harmless(value: Any) -> Any:
    """Text without control characters; what was marked as safe is our own."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)
