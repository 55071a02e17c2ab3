"""A run against a gateway whose answers are an attack: on the reader's screen, browser and parser, and on the token."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from conformance.cli import main

pytestmark = pytest.mark.slow(about_s=5)

TOKEN = "cpeer_hostile_71ab90ce44d2"
ATTACK = "\x1b[2J\x1b]0;owned\x07<script>alert(1)</script></script>]]>&lt;\x00\u202e```</details>"
KINDS = ("text/html", "application/json", "audio/mpeg")


class Hostile(BaseHTTPRequestHandler):
    """Serves every request with the attack and the client's own credentials, in ever another dress."""

    protocol_version = "HTTP/1.1"
    count = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        Hostile.count += 1
        words = f"{ATTACK} {self.headers.get('Authorization')} "
        kind = KINDS[Hostile.count % len(KINDS)]
        if kind == "application/json":
            words = json.dumps({"error": {"message": words, "type": words}, "text": words})
        body = words.encode() + b"\xed\xa0\x80" + b"x" * (5_000_000 if Hostile.count % 7 == 0 else 0)
        self.send_response(200 if Hostile.count % 2 else 418)
        self.send_header("Content-Type", kind)
        self.send_header("X-Request-Id", f"<b>{TOKEN}</b>")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815 - likewise

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The folder of the reports, and what was printed."""
    folder = tmp_path_factory.mktemp("hostile")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    capture = pytest.MonkeyPatch()
    capture.setenv("GITHUB_STEP_SUMMARY", str(folder / "summary.md"))
    capture.setenv("COLUMNS", "100")
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        arguments = ["--effort", "quick", "--report-dir", str(folder), "--select", "speech.*", "--select", "errors.*"]
        status = main(["run", "--base-url", url, "--token", TOKEN, "--verbose", *arguments])
        yield folder, str(status)
    finally:
        capture.undo()
        server.shutdown()
        server.server_close()


def test_every_report_is_well_formed(reports: tuple[Path, str]) -> None:
    """XML, JSON and one script in the page."""
    folder, status = reports
    report = json.loads((folder / "report.json").read_text("utf-8"))
    page = (folder / "report.html").read_text("utf-8")

    assert status == "1"
    assert report["causes"]
    assert ET.parse(folder / "junit.xml").find(".//failure") is not None
    assert json.loads((folder / "report.ctrf.json").read_text("utf-8"))["reportFormat"] == "CTRF"
    assert page.count("<script>") == page.count("</script>") == 1
    assert len(page) < 3_000_000


def test_no_report_controls_a_screen_or_shows_the_token(reports: tuple[Path, str]) -> None:
    """Nor does the ledger or a kept case; the page of the job has the report."""
    folder, _ = reports
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "bodies"]
    texts = {path.name: path.read_text("utf-8") for path in files}

    assert {"report.html", "report.md", "summary.md", "ledger.jsonl"} <= set(texts)
    assert [name for name, text in texts.items() if TOKEN in text] == []
    assert [name for name, text in texts.items() if re.search("[\x00\x07\x1b]", text)] == []
    assert "violating" in texts["summary.md"]


def test_the_causes_are_few(reports: tuple[Path, str]) -> None:
    """However much is violated, and though the answers go round."""
    report = json.loads((reports[0] / "report.json").read_text("utf-8"))
    violated = [entry for entry in report["requirements"] if entry["verdict"] in {"fail", "warn"}]

    assert len(violated) > 30
    assert len(report["causes"]) <= len(violated) / 2
