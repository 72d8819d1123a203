import keras
import numpy as np
import pytest

from liverseg.models.unet import build_model
from liverseg.networks.saved import load_model, write_model
from tests.made.params import build_unet_params


def build(
    depth: int, normalization: str = "none", size: int = 32, channels: int = 1, **values: object
) -> keras.Model:
    params = build_unet_params(depth=depth, normalization=normalization, dropout=0.5, **values)
    return build_model(params, (size, size, channels))


def test_the_number_of_parameters_is_the_one_worked_out_by_hand():
    """Down 9·1·2 + 2 = 20 and 9·2·2 + 2 = 38; bottom 9·2·4 + 4 = 76 and 9·4·4 + 4 = 148; transposed
    2·2·4·2 + 2 = 34; up 9·4·2 + 2 = 74 and 38; scores 2·2 + 2 = 6."""
    assert build(depth=1).count_params() == 20 + 38 + 76 + 148 + 34 + 74 + 38 + 6


def test_batch_normalisation_replaces_the_bias_of_each_convolution():
    """Of 2, 2, 4, 4, 2, 2 filters: instead of one bias each, scale, offset, mean and variance."""
    assert build(1, "batch").count_params() - build(1).count_params() == 3 * 16


def test_group_normalisation_replaces_it_by_scale_and_offset():
    assert build(1, "group").count_params() - build(1).count_params() == 16


@pytest.mark.parametrize(
    ("filters", "groups"), [(1, 1), (2, 2), (7, 7), (8, 8), (11, 1), (12, 6), (15, 5), (16, 8)]
)
def test_groups_are_the_most_of_at_most_8_that_divide_the_filters(filters, groups):
    model = build(1, "group", filters=filters)
    assert model.get_layer("down_0_a_norm").groups == groups


def test_instance_normalisation_makes_a_group_of_every_filter():
    """In a slice each filter comes out with mean 0 and variance 1, whatever the slice."""
    model = build(1, "instance", filters=16)
    assert model.count_params() == build(1, "group", filters=16).count_params()
    normalised = keras.Model(model.input, model.get_layer("down_0_a_norm").output)
    slices = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 1), np.uint8)
    slices[1] //= 2
    values = normalised(slices).numpy()
    assert np.abs(values.mean(axis=(1, 2))).max() < 1e-5
    assert np.abs(values.var(axis=(1, 2)) - 1).max() < 0.01


@pytest.mark.parametrize("depth", [1, 2, 4, 5])
def test_every_level_passes_its_features_across(depth):
    """On the way up each level joins its own features with as many that come from below."""
    model = build(depth)
    skips = [layer for layer in model.layers if isinstance(layer, keras.layers.Concatenate)]
    shapes = [[tensor.shape[1:] for tensor in skip.input] for skip in skips]
    levels = list(reversed(range(depth)))
    assert shapes == [[(32 >> level, 32 >> level, 2 << level)] * 2 for level in levels]
    assert model.get_layer("bottom_b_relu").output.shape[1:] == (
        32 >> depth,
        32 >> depth,
        2 << depth,
    )


@pytest.mark.parametrize("level", [0, 1])
def test_detail_reaches_the_answer_across_each_level_alone(level):
    """With nothing let up from below the level, nor across the finer levels."""
    keras.utils.set_random_seed(0)
    model = build(depth=2)
    silence(model.get_layer(f"up_{level}_transpose"), slice(None))
    for finer in range(level):
        across = slice(0, 2 << finer)  # the first channels of what is joined
        silence(model.get_layer(f"up_{finer}_a_conv"), across)
    slices = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 1), np.uint8)
    assert np.ptp(model(slices, training=False).numpy()) > 1e-3


def silence(layer: keras.Layer, channels: slice) -> None:
    """Set to zero what a convolution makes of some of its input channels."""
    kernel, bias = layer.get_weights()
    axis = 3 if isinstance(layer, keras.layers.Conv2DTranspose) else 2
    np.moveaxis(kernel, axis, 0)[channels] = 0
    layer.set_weights([kernel, bias])


def test_a_residual_pair_adds_to_what_enters_it():
    """With both convolutions silent and what is added passed on as it is, a pair is a ReLU."""
    model = build(depth=1, residual=True, filters=1)
    for half in "ab":
        silence(model.get_layer(f"bottom_{half}_conv"), slice(None))
    across = model.get_layer("bottom_across_conv")  # from one filter to two
    across.set_weights([np.array([[[[1.0, -1.0]]]]), np.zeros(2)])
    pair = keras.Model(
        model.input, [model.get_layer(name).output for name in ("down_0_pool", "bottom_b_relu")]
    )
    slices = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 1), np.uint8)
    entering, leaving = (each.numpy() for each in pair(slices, training=False))
    assert np.array_equal(leaving, np.concatenate([entering, 0 * entering], axis=-1))
    assert entering.max() > 0


def test_the_parameters_of_a_residual_net_are_those_worked_out_by_hand():
    """A convolution of one pixel for each pair that changes the number of filters: down 1·2 + 2,
    bottom 2·4 + 4, up 4·2 + 2. Of two channels the first pair needs none."""
    assert build(1, residual=True).count_params() - build(1).count_params() == 4 + 12 + 10
    own, plain = (build(1, channels=2, residual=each).count_params() for each in (True, False))
    assert own - plain == 12 + 10


@pytest.mark.parametrize("normalization", ["batch", "instance", "group", "none"])
@pytest.mark.parametrize("residual", [False, True])
def test_each_kind_comes_back_from_its_files(tmp_path, normalization, residual):
    keras.utils.set_random_seed(0)
    model = build(2, normalization, channels=6, residual=residual)
    write_model(tmp_path, model)
    slices = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 6), np.uint8)
    answers = [each(slices, training=False).numpy() for each in (model, load_model(tmp_path))]
    assert np.array_equal(*answers)
    assert np.ptp(answers[0]) > 0


def test_dropout_acts_at_the_two_deepest_levels():
    names = [layer.name for layer in build(3).layers if isinstance(layer, keras.layers.Dropout)]
    assert names == ["down_2_dropout", "bottom_dropout"]


def test_it_works_the_same_anywhere_in_the_slice():
    """Moved by a multiple of the coarsest stride, a small object gives a moved answer."""
    model = build(depth=1, size=64)
    slices = np.zeros((2, 64, 64, 1), np.uint8)
    slices[0, 20:24, 20:24] = 200
    slices[1, 36:40, 28:32] = 200
    first, second = model(slices, training=False).numpy()
    np.testing.assert_allclose(second[26:50, 18:42], first[10:34, 10:34], atol=1e-6)
    assert np.ptp(first[10:34, 10:34], axis=(0, 1)).min() > 0
