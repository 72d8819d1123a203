"""What the page is told of jobs."""

from collections.abc import Iterable
from typing import Any

from liverseg.names import encode_name
from liverseg.scans.report.texts import MAX_ROWS
from liverseg.scans.report.written import ScanResults
from liverseg.scans.results import format_models
from liverseg.serving.job import Job
from liverseg.serving.queue import JobQueue

LESION_COLUMNS = (
    ("lesion", 0),
    ("volume_ml", 2),
    ("longest_diameter_mm", 1),
    ("perpendicular_diameter_mm", 1),
    ("mean_hu", 0),
    ("confidence", 2),
)
"""Of the table on the page, with their decimals; the report and ``lesions.csv`` have the others."""

DOWNLOADS = (
    "labels.nii.gz",
    "lesions.csv",
    "summary.json",
    "uncertainty.nii.gz",
    "segmentation.dcm",
    "measurements.dcm",
    "report.dcm",
    "uncertainty.dcm",
)
"""Of a scan, those that it has; the page has words for each."""


def describe_jobs(queue: JobQueue) -> dict[str, Any]:
    """All jobs, the newest first."""
    return {"jobs": [_describe_job(job, queue.find_place(job)) for job in _newest_first(queue)]}


def _newest_first(queue: JobQueue) -> Iterable[Job]:
    return reversed(queue.jobs.values())


def _describe_job(job: Job, place: int | None) -> dict[str, Any]:
    return {
        "key": job.key,
        "title": job.title,
        "state": job.state,
        "place": place,
        "seconds": job.seconds,
        "num_files": job.num_files,
        "num_scans": job.num_scans,
        "num_done": job.num_done,
        "failures": [encode_name(text) for text in job.failures],
        "notes": [encode_name(text) for text in job.notes],
        "scans": [_describe_scan(job, results) for results in job.results.values()],
    }


def _describe_scan(job: Job, results: ScanResults) -> dict[str, Any]:
    summary = results.summary
    lesions = results.lesions[:MAX_ROWS]
    return {
        "name": results.name,
        "can_be_viewed": results.name in job.scenes,
        "downloads": [name for name in DOWNLOADS if (results.folder / name).is_file()],
        "num_lesions": summary.num_lesions,
        "liver_ml": f"{summary.liver_ml:.1f}",
        "lesion_ml": f"{summary.lesion_ml:.1f}",
        "burden": f"{summary.burden:.1%}",
        "models": format_models(summary.provenance.models),
        "findings": [f"{each.level}: {each.reason}. {each.next_step}" for each in summary.findings],
        "rows": [
            [f"{getattr(lesion, name):.{decimals}f}" for name, decimals in LESION_COLUMNS]
            for lesion in lesions
        ],
    }
