"""Reports for people: a workbook for the office, a page for the screen, the card of a model, the evidence for it."""

from fanpin_risk.reports.card import model_card
from fanpin_risk.reports.contents import Contents, gather
from fanpin_risk.reports.county_reports import county_reports
from fanpin_risk.reports.evidence import write_evidence
from fanpin_risk.reports.report_files import REPORT_FORMATS, report, write_report

__all__ = [
    "REPORT_FORMATS",
    "Contents",
    "county_reports",
    "gather",
    "model_card",
    "report",
    "write_evidence",
    "write_report",
]
