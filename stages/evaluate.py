"""Merge the results of all models into one comparison and choose the final model."""

import argparse
from pathlib import Path

from liverseg.evaluation.evaluate import (
    evaluate_results,
    write_final_model,
    write_metrics,
    write_reports,
)
from liverseg.evaluation.measured_times import describe_times
from liverseg.evaluation.page.page import write_page
from liverseg.evaluation.results import Inputs, read_results
from liverseg.evaluation.selection_text import state_verdict
from liverseg.outputs import whole_folder
from liverseg.params import MODEL_NAMES, read_params
from stages import PARAMS_FILE, run_stage


def main() -> None:
    """Read the flags and the params, evaluate, write metrics, reports and the final model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--models", type=Path, required=True, help="of the stage train, a folder each"
    )
    parser.add_argument("--scores", type=Path, required=True, help="of the stage score, likewise")
    parser.add_argument("--slices", type=Path, required=True)
    parser.add_argument("--split", type=Path, required=True)
    parser.add_argument("--cases", type=Path, required=True, help="the metadata CSV")
    parser.add_argument("--metrics", type=Path, required=True, help="folder, kept in git")
    parser.add_argument(
        "--reports", type=Path, required=True, help="folder of the plots and the page"
    )
    parser.add_argument("--final", type=Path, required=True, help="folder of the selected model")
    parser.add_argument("--timings", type=Path, required=True, help="measured times; only shown")
    flags = parser.parse_args()
    params = read_params(PARAMS_FILE)
    models, scores = (
        tuple(folder / name for name in MODEL_NAMES) for folder in (flags.models, flags.scores)
    )
    results = read_results(Inputs(models, scores, flags.slices, flags.split, flags.cases))
    evaluation = evaluate_results(results, params.evaluate)
    with whole_folder(flags.reports) as reports:
        write_reports(reports, evaluation)
        write_page(reports / "index.html", evaluation, params.evaluate)
    with whole_folder(flags.final) as final:
        write_final_model(final, evaluation.results.models, evaluation.selection)
    write_metrics(flags.metrics, evaluation)
    print(evaluation.comparison_text)
    print(describe_times(flags.timings, [each.description.model for each in results.models]))
    print(f"\n{state_verdict(evaluation.selection)}")


if __name__ == "__main__":
    run_stage(main)
