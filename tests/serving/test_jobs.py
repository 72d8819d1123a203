"""Jobs from the files that are sent to the results, by the requests that the page makes."""

import csv
import io
import zipfile

from tests.commands import run_liverseg
from tests.serving.conftest import BURDEN, LESION_ML, LIVER_ML


def test_the_results_are_those_of_the_command_line(client, model, scan, tmp_path):
    key = client.send_job({scan.name: scan.read_bytes()})
    job = client.wait_for(key, "done", "failed")
    assert (job["state"], job["failures"], job["num_scans"]) == ("done", [], 1)
    (found,) = job["scans"]
    assert [found[name] for name in ("liver_ml", "lesion_ml", "burden")] == [
        LIVER_ML,
        LESION_ML,
        BURDEN,
    ]
    assert run_liverseg("predict", scan, "-o", tmp_path, "--model", model).returncode == 0
    base = f"jobs/{key}/scans/{found['name'].replace('%', '%25')}"
    for name in ("labels.nii.gz", "lesions.csv", "summary.json"):
        status, content, headers = client.ask("GET", f"{base}/{name}")
        assert (status, content) == (200, (tmp_path / "scan%201" / name).read_bytes())
        assert headers["content-disposition"].startswith("attachment")
    _, packed, _ = client.ask("GET", f"jobs/{key}/results.zip")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = set(archive.namelist())
        rows = list(csv.DictReader(archive.read("liverseg/lesions.csv").decode().splitlines()))
    assert {"liverseg/index.html", "liverseg/scan%201/report.html"} <= names
    assert [(row["scan"], row["lesion"]) for row in rows] == [("scan%201", "1")]
