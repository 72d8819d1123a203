"""The U-Net of liverseg/models/unet.py in PyTorch, layer by layer, with its loss."""

import torch
from torch import nn

from liverseg.labels import REGIONS
from liverseg.params import UnetShape


class TorchUnet(nn.Module):
    """Slices (batch, channels, rows, columns) to probabilities (batch, regions, rows, columns)."""

    def __init__(self, shape: UnetShape, channels: int) -> None:
        super().__init__()
        widths = [shape.filters * 2**level for level in range(shape.depth + 1)]
        entering = [channels, *widths[:-1]]
        self.down = nn.ModuleList(map(_convolve_twice, entering, widths))
        self.transpose = nn.ModuleList(
            nn.ConvTranspose2d(2 * width, width, 2, stride=2) for width in widths[-2::-1]
        )
        self.up = nn.ModuleList(_convolve_twice(2 * width, width) for width in widths[-2::-1])
        self.dropout = nn.Dropout(shape.dropout)
        self.scores = nn.Conv2d(widths[0], len(REGIONS), 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """As Keras's, with dropout at the two deepest levels."""
        skips: list[torch.Tensor] = []
        for level, block in enumerate(self.down):
            if level:
                x = nn.functional.max_pool2d(x, 2)
            if level == len(self.down) - 1:
                x = self.dropout(x)
            x = block(x)
            skips.append(x)
        x = self.dropout(skips.pop())
        for transpose, block in zip(self.transpose, self.up, strict=True):
            x = block(torch.cat([skips.pop(), transpose(x)], dim=1))
        return torch.sigmoid(self.scores(x))


def build_torch_unet(shape: UnetShape, channels: int) -> TorchUnet:
    """The network, in training mode; of plain blocks with batch normalisation alone."""
    if shape.residual or shape.normalization != "batch":
        raise ValueError("expected models.unet with normalization: batch and residual: false")
    return TorchUnet(shape, channels)


def compute_bce_dice(probabilities: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """Of liverseg/training/losses.py: over (batch, regions, rows, columns)."""
    bce = nn.functional.binary_cross_entropy(probabilities, reference)
    axes = (0, 2, 3)
    overlap = (reference * probabilities).sum(axes)
    total = reference.sum(axes) + probabilities.sum(axes)
    return bce + 1 - ((2 * overlap + 1) / (total + 1)).mean()


def _convolve_twice(entering: int, filters: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in (entering, filters):
        convolution = nn.Conv2d(width, filters, 3, padding=1, bias=False)
        layers += [convolution, nn.BatchNorm2d(filters), nn.ReLU()]
    return nn.Sequential(*layers)
