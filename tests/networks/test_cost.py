import keras
import pytest
from keras import layers

from liverseg.models.unet import build_model
from liverseg.networks.cost import count_macs
from tests.made.params import build_unet_params


def count(input_shape: tuple[int, ...], layer: keras.Layer) -> int:
    inputs = keras.Input(input_shape)
    return count_macs(keras.Model(inputs, layer(inputs)))


@pytest.mark.parametrize(
    ("input_shape", "layer", "expected"),
    [
        ((8, 6, 3), layers.Conv2D(4, 3, strides=2, padding="same"), 4 * 3 * 4 * (3 * 3 * 3)),
        ((8, 6, 3), layers.Conv2D(4, 3, padding="valid", use_bias=False), 6 * 4 * 4 * (3 * 3 * 3)),
        ((4, 3, 2), layers.Conv2DTranspose(5, 2, strides=2), 4 * 3 * 2 * (2 * 2 * 5)),
        ((10,), layers.Dense(7), 10 * 7),
        ((4, 10), layers.Dense(7), 4 * 10 * 7),
        ((8, 6, 3), layers.BatchNormalization(), 0),
        ((8, 6, 3), layers.GroupNormalization(-1), 0),
        ((8, 6, 3), layers.UpSampling2D(interpolation="bilinear"), 0),
    ],
)
def test_each_kind_of_layer_costs_what_it_multiplies(input_shape, layer, expected):
    assert count(input_shape, layer) == expected


def test_a_small_unet_costs_what_was_worked_out_by_hand():
    """On 32² pixels: down 9·1·2 and 9·2·2; on 16²: bottom 9·2·4, 9·4·4 and the transposed 2·2·4·2;
    on 32²: up 9·4·2 and 9·2·2, scores 2·2."""
    params = build_unet_params(dropout=0)
    fine, coarse = 18 + 36 + 72 + 36 + 4, 72 + 144 + 32
    assert count_macs(build_model(params, (32, 32, 1))) == 1024 * fine + 256 * coarse


def test_what_a_residual_unet_adds_by_hand():
    """Convolutions of one pixel: on 32² pixels 1·2 down and 4·2 up, on 16² 2·4 at the bottom."""
    plain, residual = (
        count_macs(build_model(build_unet_params(residual=each), (32, 32, 1)))
        for each in (False, True)
    )
    assert residual - plain == 1024 * (2 + 8) + 256 * 8


@pytest.mark.slow
def test_resnet_50_costs_what_its_authors_say():
    """3.8 · 10^9 multiply-adds (He et al., arXiv 1512.03385, table 1)."""
    assert count_macs(keras.applications.ResNet50(weights=None)) == pytest.approx(3.8e9, rel=0.02)
