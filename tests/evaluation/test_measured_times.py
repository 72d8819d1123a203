from liverseg.evaluation.measured_times import describe_times


def test_times_are_shown_and_a_dash_where_nothing_was_measured(tmp_path):
    (tmp_path / "train_unet.json").write_text('{"seconds": 90.0, "num_items": 12}')
    (tmp_path / "predict_unet.json").write_text('{"seconds": 5.0, "num_items": 4}')
    rows = describe_times(tmp_path, ["unet", "resnet"]).splitlines()[2:]
    assert [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows] == [
        ["U-Net", "1.5", "1.25"],
        ["ResNet", "–", "–"],
    ]
