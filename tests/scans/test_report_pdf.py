"""Reports as PDF, read back by pypdf."""

import csv
import io
import os
import sys

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from liverseg.errors import DataError
from liverseg.ready_model import TRAINED_ON
from liverseg.scans.report.writing import write_reports
from tests.commands import PROGRAM, run, run_liverseg
from tests.made.predictions import build_lesion, write_lesions, write_prediction

A4_POINTS = pytest.approx((0, 0, 595.3, 841.9), abs=0.1)
WARNING = "Not for clinical use. Not a medical device."
MANY = """Lesions by decreasing volume: the 10 largest. 2 smaller ones, 0.20 ml in all, \
only in lesions.csv"""  # 3 x 0.04 and 2 x 0.04 ml
FINDING = {"level": "warning", "reason": "slices differ in distance", "next_step": "Look."}


def read_pages(folder):
    """The text of each page of a scan's report."""
    write_reports(folder, None, None, pdf=True)
    return [page.extract_text() for page in PdfReader(folder / "report.pdf").pages]


def test_the_figures_of_every_lesion_are_those_of_the_csv_file(tmp_path):
    folder = write_prediction(tmp_path / "patient 1", num_lesions=4)
    (text,) = read_pages(folder)
    with (folder / "lesions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        figures = (
            f"{row['lesion']} {float(row['volume_ml']):.2f} "
            f"{float(row['longest_diameter_mm']):.1f} "
            f"{float(row['perpendicular_diameter_mm']):.1f} {row['first_slice']} "
            f"{float(row['centre_lps_x_mm']):.1f}, {float(row['centre_lps_y_mm']):.1f}, "
            f"{float(row['centre_lps_z_mm']):.1f} 40 ± 0 2.0 {row['position']} 0.75"
        )
        assert figures in " ".join(text.split())
    assert len(rows) == 4


def test_it_says_what_the_page_says(tmp_path):
    folder = write_prediction(tmp_path / "patient 1", findings=(FINDING,))
    (text,) = read_pages(folder)
    assert text.startswith(f"{WARNING}\npatient 1\n")
    assert text.endswith(WARNING)
    # 16 x 12 x 6 voxels of 0.02 ml; lesions of 13 x 2 and 12 x 2 voxels: 0.52 and 0.48 ml
    for name, figure in (
        ("Lesions", "2"),
        ("Lesion volume", "1.0 ml"),
        ("Liver volume, lesions included", "23.0 ml"),
        ("Burden (lesion / liver volume)", "4.3 %"),
    ):
        assert f"{name}\n{figure}\n" in text
    assert "warning slices differ in distance. Look." in text
    for line in (
        "Model unet, models/final, MD5 0123abcd.dir",
        "liverseg 0.1.0, commit fedc9876",
        "Rules liver_threshold 0.5, largest_liver_component true, flips none",
        "Packages numpy 2.3.1",
    ):
        assert line in text.splitlines()


@pytest.mark.parametrize(
    ("num_lesions", "has_liver", "line"),
    [
        (0, False, "No liver and no lesion was found."),
        (0, True, "No lesion was found."),
        (10, True, "Lesions by decreasing volume"),
        (12, True, MANY),
    ],
)
def test_it_is_one_page_of_a4_however_many_lesions_and_models(
    tmp_path, num_lesions, has_liver, line
):
    models = [{"folder": f"models/fold{n}", "model": "unet", "md5": 32 * "0"} for n in range(4)]
    models.append({"folder": "ready", "model": "unet", "md5": 32 * "0", "trained_on": TRAINED_ON})
    folder = write_prediction(
        tmp_path / "scan", num_lesions, has_liver=has_liver, provenance={"models": models}
    )
    (text,) = read_pages(folder)
    assert line in text.splitlines()
    assert text.count(WARNING) == 2
    assert " ".join(text.split()).count(f"trained on {TRAINED_ON}") == 2
    assert text.count(" ± ") == min(num_lesions, 10) + bool(num_lesions)
    (page,) = PdfReader(folder / "report.pdf").pages
    assert tuple(map(float, page.mediabox)) == A4_POINTS


def test_what_a_page_cannot_hold_goes_on_on_the_next(tmp_path):
    findings = [FINDING | {"reason": f"fault {n} of the scan"} for n in range(1, 61)]
    pages = read_pages(write_prediction(tmp_path / "scan", findings=tuple(findings)))
    assert len(pages) == 2
    assert all(text.count(WARNING) == 2 for text in pages)
    whole = "\n".join(pages)
    assert [whole.count(f"fault {n} of the scan. Look.") for n in range(1, 61)] == 60 * [1]
    assert "Scan SHA-256" in pages[1]


def test_the_picture_is_that_of_the_prediction(tmp_path):
    folder = write_prediction(tmp_path / "scan")
    pixels = np.random.default_rng(1).integers(0, 256, (117, 192, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "overlay.png")
    read_pages(folder)
    (image,) = PdfReader(folder / "report.pdf").pages[0].images
    assert np.array_equal(np.asarray(image.image), pixels)


def test_what_is_transparent_in_the_picture_is_white(tmp_path):
    folder = write_prediction(tmp_path / "scan")
    Image.new("RGBA", (8, 4), (255, 0, 0, 0)).save(folder / "overlay.png")
    read_pages(folder)
    (image,) = PdfReader(folder / "report.pdf").pages[0].images
    assert np.array_equal(np.asarray(image.image), np.full((4, 8, 3), 255))


def test_the_same_results_give_the_same_bytes_in_any_process(tmp_path):
    folder = write_prediction(tmp_path / "out" / "scan")
    read_pages(folder)
    expected = (folder / "report.pdf").read_bytes()
    (folder / "report.pdf").unlink()
    result = run_liverseg("report", tmp_path / "out", "--pdf", "-q", PYTHONHASHSEED="1")
    assert result.returncode == 0, result.stderr
    assert result.stdout == f"{tmp_path / 'out' / 'index.html'}\n"
    assert (folder / "report.pdf").read_bytes() == expected
    assert PdfReader(folder / "report.pdf").metadata.creation_date is None


def test_the_pdf_of_one_scan_lies_beside_its_page_under_the_same_name(tmp_path):
    folder = write_prediction(tmp_path / "scan")
    path = write_reports(folder, tmp_path / "mine.html", None, pdf=True).path
    assert path == tmp_path / "mine.html"
    assert PdfReader(tmp_path / "mine.pdf").metadata.title == "scan: liver lesions"
    assert not (folder / "report.pdf").exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("пациент Müller Ελένη", "пациент Müller Ελένη"),
        ("肝臓 1", r"\u809d\u81d3 1"),
        ("כבד", r"\u05db\u05d1\u05d3"),  # else from left to right
        ("<b>**a** --b-- {nb} %PDF) endobj", "<b>**a** --b-- {nb} %PDF) endobj"),
        ("two\nlines\u202etxt\x07", r"two\nlines\u202etxt\x07"),
        (os.fsdecode(b"caf\xe9"), r"caf\udce9"),
    ],
)
def test_names_are_text_of_which_the_font_lacks_nothing(tmp_path, name, shown):
    (text,) = read_pages(write_prediction(tmp_path / name))
    assert text.splitlines()[1] == shown
    reader = PdfReader(tmp_path / name / "report.pdf")
    assert reader.metadata.title == f"{shown}: liver lesions"


def test_a_name_without_a_space_is_broken_within_the_margins(tmp_path):
    folder = write_prediction(tmp_path / ("W" * 200))
    (text,) = read_pages(folder)
    assert "".join(text.split("Liver lesions on CT")[0].splitlines()[1:]) == "W" * 200


def test_further_columns_of_the_csv_file_are_passed_over(tmp_path):
    folder = write_prediction(tmp_path / "scan")
    expected = read_pages(folder)
    path = folder / "lesions.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(f"{line},new" for line in lines), encoding="utf-8")
    assert read_pages(folder) == expected


def test_undefined_figures_are_dashes(tmp_path):
    folder = write_prediction(tmp_path / "scan", num_lesions=1)
    write_lesions(folder, [build_lesion(1) | {"distance_to_liver_surface_mm": ""}])
    (text,) = read_pages(folder)
    assert "40 ± 0 – subcapsular right caudal 0.75" in " ".join(text.split())


def test_a_picture_damaged_inside_leaves_neither_page_nor_pdf(tmp_path):
    folder = write_prediction(tmp_path / "scan")
    noise = np.random.default_rng(1).integers(0, 256, (64, 64), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    content = bytearray(buffer.getvalue())
    content[200:260] = bytes(60)
    (folder / "overlay.png").write_bytes(content)
    with pytest.raises(DataError, match=r"overlay\.png: expected a PNG file that can be read"):
        write_reports(folder, None, None, pdf=True)
    assert not {"report.html", "report.pdf"} & {path.name for path in folder.iterdir()}


def test_without_fpdf_one_line_says_what_to_install(tmp_path):
    write_prediction(tmp_path / "out" / "scan")
    program = f"import sys; sys.modules['fpdf'] = None; {PROGRAM}"
    command = [sys.executable, "-c", program, "report", str(tmp_path / "out"), "-q", "--pdf"]
    finished = run(command, tmp_path, {})
    assert finished.returncode == 2
    assert len(finished.stderr.splitlines()) == 1
    assert 'pip install "liverseg[pdf]"' in finished.stderr
    assert not list((tmp_path / "out").rglob("report.*"))
