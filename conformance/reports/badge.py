"""A badge for a README: the contract and how much of it holds, as a small SVG picture."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from conformance.reports.report import Report
from conformance.reports.verdicts import DECIDED, ExitStatus, Verdict

_COLOURS = {ExitStatus.CONFORMING: "#1a7f37", ExitStatus.VIOLATING: "#b91c2b"}
_UNDECIDED = "#7d4e00"
_CHARACTER = 6.6
_PADDING = 12
_HEIGHT = 20


def to_badge(report: Report) -> str:
    """Two fields: the contract's name, and the verdict with the share of the decided requirements that hold."""
    decided = sum(report.counts.get(verdict, 0) for verdict in DECIDED)
    held = report.counts.get(Verdict.PASS, 0) + report.counts.get(Verdict.UNSTEADY, 0)
    left, right = report.contract, f"{report.headline} {held}/{decided}"
    begin, end = _width(left), _width(right)
    root = ET.Element(
        "svg",
        {"xmlns": "http://www.w3.org/2000/svg", "width": f"{begin + end:g}", "height": f"{_HEIGHT}", "role": "img"},
    )
    ET.SubElement(root, "title").text = f"{left}: {right}"
    _field(root, 0, begin, left, "#444c56")
    _field(root, begin, end, right, _COLOURS.get(report.exit_status, _UNDECIDED))
    return ET.tostring(root, encoding="unicode") + "\n"


def _field(root: ET.Element, x: float, width: float, text: str, colour: str) -> None:
    ET.SubElement(root, "rect", x=f"{x:g}", width=f"{width:g}", height=f"{_HEIGHT}", fill=colour)
    attributes = {"x": f"{x + width / 2:g}", "y": "14", "fill": "#fff", "text-anchor": "middle"}
    attributes |= {"font-family": "Verdana,DejaVu Sans,sans-serif", "font-size": "11"}
    ET.SubElement(root, "text", attributes).text = text


def _width(text: str) -> float:
    return round(len(text) * _CHARACTER + _PADDING, 1)
