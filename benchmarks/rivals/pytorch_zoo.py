"""Models of Hone's zoo as PyTorch has them, and rows of random numbers for them, as made-models.json says."""
import math

import torch
from torch import nn

def made_rows(made, count):
    """Inputs and labels: words, or pictures as bytes in NCHW."""
    shape, words = made["shape"], made.get("words")
    if words is not None:
        inputs = torch.randint(words, (count, *shape))
    else:
        height, width, channels = shape
        inputs = torch.randint(256, (count, channels, height, width), dtype=torch.uint8)
    places = shape[:2] if made.get("labels") == "pixels" else []
    return inputs, torch.randint(made["classes"], (count, *places))


def build_zoo(name, made):
    makers = {"lstm-text": LstmText, "transformer": Transformer, "resnet": ResNet, "unet": UNet}
    return MobileNet(made["options"]["alpha"]) if name == "mobilenet" else makers[name]()


class LstmText(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(10000, 64)
        self.lstm = nn.LSTM(64, 128, batch_first=True)
        self.classes = nn.Linear(128, 10)

    def forward(self, x):
        found, _ = self.lstm(self.words(x))
        return self.classes(found[:, -1])


class Transformer(nn.Module):
    """Two blocks that normalise before they attend."""

    def __init__(self, width=128, length=64):
        super().__init__()
        self.words = nn.Embedding(10000, width)
        block = {"nhead": 4, "dim_feedforward": 4 * width, "dropout": 0.0, "activation": "gelu"}
        self.blocks = nn.Sequential(
            *(nn.TransformerEncoderLayer(width, **block, batch_first=True, norm_first=True) for _ in range(2))
        )
        self.norm = nn.LayerNorm(width)
        self.classes = nn.Linear(width, 10)
        angles = torch.arange(length)[:, None] * torch.exp(torch.arange(0, width, 2) * (-math.log(10000) / width))
        self.register_buffer("places", torch.cat([angles.sin(), angles.cos()], 1))

    def forward(self, x):
        return self.classes(self.norm(self.blocks(self.words(x) + self.places)).mean(1))


def normalized(channels):
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.1)


def convolved(before, channels, size, stride=1, groups=1, activation=None):
    padding = (size - 1) // 2
    layers = [nn.Conv2d(before, channels, size, stride, padding, groups=groups, bias=False), normalized(channels)]
    return nn.Sequential(*layers, *([] if activation is None else [activation(inplace=True)]))


class Residual(nn.Module):
    def __init__(self, before, channels, stride):
        super().__init__()
        self.first = convolved(before, channels, 3, stride, activation=nn.ReLU)
        self.second = convolved(channels, channels, 3)
        alike = stride == 1 and before == channels
        self.across = nn.Identity() if alike else convolved(before, channels, 1, stride)

    def forward(self, x):
        return torch.relu(self.second(self.first(x)) + self.across(x))


class ResNet(nn.Module):
    """20 layers for pictures of 32x32."""

    def __init__(self):
        super().__init__()
        layers = [convolved(3, 16, 3, activation=nn.ReLU)]
        before = 16
        for stage in range(3):
            for block in range(3):
                channels = 16 * 2**stage
                layers.append(Residual(before, channels, 2 if stage > 0 and block == 0 else 1))
                before = channels
        self.layers = nn.Sequential(*layers)
        self.classes = nn.Linear(before, 10)

    def forward(self, x):
        return self.classes(self.layers(x).mean((2, 3)))


class UNet(nn.Module):
    def __init__(self, width=16, depth=3):
        super().__init__()
        sizes = [width * 2**level for level in range(depth)]
        self.down = nn.ModuleList(self.twice(before, to) for before, to in zip([3, *sizes], sizes))
        self.middle = self.twice(sizes[-1], 2 * sizes[-1])
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * to, to, 2, 2) for to in reversed(sizes))
        self.joined = nn.ModuleList(self.twice(2 * to, to) for to in reversed(sizes))
        self.classes = nn.Conv2d(width, 10, 1)

    @staticmethod
    def twice(before, channels):
        layers = [nn.Conv2d(before, channels, 3, padding=1), nn.ReLU(inplace=True)]
        return nn.Sequential(*layers, nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(inplace=True))

    def forward(self, x):
        passed = []
        for down in self.down:
            x = down(x)
            passed.append(x)
            x = nn.functional.max_pool2d(x, 2)
        x = self.middle(x)
        for up, joined, beside in zip(self.up, self.joined, reversed(passed)):
            x = joined(torch.cat([beside, torch.relu(up(x))], 1))
        return self.classes(x)


class MobileNet(nn.Module):
    BLOCKS = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    BLOCKS += [(512, 1)] * 5 + [(1024, 2), (1024, 1)]

    def __init__(self, alpha):
        super().__init__()
        before = int(32 * alpha)
        layers = [convolved(3, before, 3, 2, activation=nn.ReLU6)]
        for wide, stride in self.BLOCKS:
            channels = int(wide * alpha)
            layers.append(convolved(before, before, 3, stride, groups=before, activation=nn.ReLU6))
            layers.append(convolved(before, channels, 1, activation=nn.ReLU6))
            before = channels
        self.layers = nn.Sequential(*layers)
        self.classes = nn.Linear(before, 10)

    def forward(self, x):
        return self.classes(self.layers(x).mean((2, 3)))
