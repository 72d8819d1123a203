"""What flips and an ensemble add to the Dice, and how many times as long they take.

    python -m benchmarks.predict_gain --model models/final models/other

Nothing is trained. Predicted are the test cases of a split, with each model alone, with the first
model and its mirror images, and with the mean of all models where there are several. The rules from
probabilities to labels are the same for all: those of the first model, or --rules. Times are those
from scan to labels, without reading and writing.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from tqdm import tqdm

from liverseg.errors import EXIT_CODE, LiversegError
from liverseg.params import RULES_FILE
from liverseg.scans.ensemble import read_ensemble
from liverseg.scans.predictor import Predictor
from liverseg.scoring.case_score import CaseScore, score_case
from liverseg.tables.case_table import Case, read_cases
from liverseg.tables.split import read_split
from liverseg.volumes.reading import read_case_labels, read_case_scan


@dataclass(frozen=True)
class Variant:
    """A way to predict, and what came of it."""

    name: str
    seconds: float
    scores: tuple[CaseScore, ...]


def list_variants(models: Sequence[Path], rules: Path) -> Iterator[tuple[str, Predictor]]:
    """Each model alone, the first with its mirror images, all together; the first is the base."""
    for model in models:
        yield str(model), Predictor(read_ensemble([model], rules), "none")
    first = read_ensemble(models[:1], rules)
    yield f"{models[0]}, horizontal flip", Predictor(first, "horizontal")
    yield f"{models[0]}, all flips", Predictor(first, "all")
    if len(models) > 1:
        yield f"mean of {len(models)} models", Predictor(read_ensemble(models, rules), "none")


def try_variant(name: str, predictor: Predictor, root: Path, cases: Sequence[Case]) -> Variant:
    """Scores of all cases, and the seconds that their prediction took."""
    predictor.predict(read_case_scan(root, cases[0]))  # compiles the graphs
    seconds, scores = 0.0, []
    for case in tqdm(cases, desc=name, unit="case"):
        scan, reference = read_case_scan(root, case), read_case_labels(root, case).data
        begin = time.perf_counter()
        labels = predictor.predict(scan).labels
        seconds += time.perf_counter() - begin
        connectivity = predictor.ensemble.rules.lesion_connectivity
        score = score_case(
            case.case_id, case.patient_id, reference, labels, scan.grid, connectivity
        )
        scores.append(score)
    return Variant(name, seconds, tuple(scores))


def print_table(variants: Sequence[Variant]) -> None:
    """A markdown table; differences and ratios are to the first row."""
    base = variants[0]
    print("| | lesion Dice per case | gain | liver Dice per case | gain | times as long |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for variant in variants:
        cells = []
        for region in ("lesion", "liver"):
            dice, base_dice = (
                mean(getattr(score, region).dice for score in each.scores)
                for each in (variant, base)
            )
            cells += [f"{dice:.3f}", f"{dice - base_dice:+.3f}"]
        ratio = variant.seconds / base.seconds
        print(f"| {variant.name} | {' | '.join(cells)} | {ratio:.1f} |")
    print(f"\n{len(base.scores)} cases.")


def main() -> None:
    """Predict and score the test cases in every variant, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, nargs="+", default=[Path("models/final")])
    parser.add_argument("--rules", type=Path)
    parser.add_argument("--root", type=Path, default=Path("data/phantom"))
    parser.add_argument("--cases", type=Path, default=Path("data/cases.csv"))
    parser.add_argument("--split", type=Path, default=Path("data/split.csv"))
    options = parser.parse_args()
    test_ids = {row.case_id for row in read_split(options.split) if row.role == "test"}
    cases = [case for case in read_cases(options.cases) if case.case_id in test_ids]
    rules = options.rules or options.model[0] / RULES_FILE
    variants = [
        try_variant(name, predictor, options.root, cases)
        for name, predictor in list_variants(options.model, rules)
    ]
    print_table(variants)


if __name__ == "__main__":
    try:
        main()
    except LiversegError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(EXIT_CODE)
