import json
from dataclasses import replace

import pytest

from liverseg.evaluation.evaluate import write_final_model
from liverseg.evaluation.selection import select_model
from liverseg.scoring.score_folder import ScoreFolder


@pytest.fixture
def model(tmp_path, result, scores_of_dice):
    scores = scores_of_dice(90, 80, 70, 60, 50, 40)
    unet = replace(
        result("unet", scores, scores),
        folder=tmp_path / "model",
        scores=ScoreFolder(tmp_path / "scores"),
    )
    (unet.folder / "curves").mkdir(parents=True)
    (unet.folder / "model.weights.h5").write_bytes(b"weights")
    (unet.folder / "model.weights.h5").chmod(0o444)  # as DVC leaves it
    (unet.folder / "curves" / "loss.tsv").write_text("step\tloss\n")
    unet.scores.path.mkdir()
    unet.scores.rules.write_text("{}")
    return unet


def test_the_whole_model_is_copied_with_its_rules(tmp_path, model, params):
    final = tmp_path / "final"
    write_final_model(final, [model], select_model([model], params))
    assert {path.relative_to(final).as_posix() for path in final.rglob("*") if path.is_file()} == {
        *("model.weights.h5", "curves/loss.tsv", "rules.json", "selection.json")
    }
    assert (final / "model.weights.h5").read_bytes() == b"weights"
    assert (final / "model.weights.h5").stat().st_mode & 0o200


def test_the_choice_is_written_beside_it(tmp_path, model, result, scores_of_dice, params):
    same, worse = scores_of_dice(90, 80, 70, 60, 50, 40), scores_of_dice(30, 29, 28, 27, 26, 25)
    others = [
        result("simple_cnn", worse, worse),
        result("resnet", same, same, macs_per_slice=10**12),
    ]
    models = [model, *others]
    write_final_model(tmp_path / "final", models, select_model(models, params))
    assert json.loads((tmp_path / "final" / "selection.json").read_text(encoding="utf-8")) == {
        "model": "unet",
        "compared_with": ["resnet", "simple_cnn"],
        "tied_with": ["resnet"],
    }
