"""The report as one HTML file that stands alone: no fetch, no foreign script, light and dark, paper and phone."""

from conformance.reports.html.rendering import to_html, to_matrix_html

__all__ = ["to_html", "to_matrix_html"]
