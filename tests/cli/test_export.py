from tests.commands import run_liverseg


def test_a_folder_without_a_model_is_an_error_and_writes_nothing(tmp_path):
    result = run_liverseg("export", tmp_path / "none", "--format", "onnx", "-o", tmp_path / "out")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {tmp_path / 'none' / 'model.json'}: expected")
    assert len(result.stderr.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_an_unknown_format_is_an_error_that_lists_them():
    result = run_liverseg("export", "-o", "out", "--format", "tflite")
    assert result.returncode == 2
    for name in ("onnx", "saved_model", "openvino"):
        assert name in result.stderr
