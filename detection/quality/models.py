"""The networks, each a few lines, each small enough for one core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import torch
from torch import nn


class Dense(nn.Sequential):
    """Fully connected layers with one activation between."""

    def __init__(
        self,
        widths: Sequence[int],
        activation: type[nn.Module] = nn.ReLU,
        dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        parts: list[nn.Module] = [nn.Flatten()]
        for i, (a, b) in enumerate(zip(widths, widths[1:])):
            parts.append(nn.Linear(a, b))
            if i < len(widths) - 2:
                parts += [nn.BatchNorm1d(b)] if batch_norm else []
                parts.append(activation())
                parts += [nn.Dropout(dropout)] if dropout else []
        super().__init__(*parts)


class Conv(nn.Module):
    """Two or three convolutions and a classifier, for 8x8 images."""

    def __init__(self, classes: int = 10, width: int = 8, batch_norm: bool = False, dropout: float = 0.0, depth: int = 2) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        channels = 1
        for i in range(depth):
            parts.append(nn.Conv2d(channels, width * (i + 1), 3, padding=1))
            channels = width * (i + 1)
            parts += [nn.BatchNorm2d(channels)] if batch_norm else []
            parts += [nn.ReLU()] + ([nn.MaxPool2d(2)] if i < 2 else [])
        self.features = nn.Sequential(*parts)
        self.drop = nn.Dropout(dropout)
        self.classifier = nn.Linear(channels * 4, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.classifier(self.drop(self.features(x).flatten(1)))
        return out


class Residual(nn.Module):
    """Many dense layers, each added to its input."""

    def __init__(self, inputs: int, width: int, depth: int, outputs: int, normalize: bool = True) -> None:
        super().__init__()
        self.enter = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.LayerNorm(width) if normalize else nn.Identity(),
                nn.Linear(width, width),
                nn.ReLU(),
                nn.Linear(width, width),
            )
            for _ in range(depth)
        )
        self.leave = nn.Linear(width, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.enter(x.flatten(1))
        for block in self.blocks:
            x = x + block(x)
        out: torch.Tensor = self.leave(x)
        return out


class Recurrent(nn.Module):
    """One recurrent layer over the sequence, one dense layer on its last state."""

    KINDS = {"gru": nn.GRU, "lstm": nn.LSTM, "tanh": nn.RNN, "relu": nn.RNN}

    def __init__(self, kind: str, inputs: int, width: int, outputs: int, detached: bool = False) -> None:
        super().__init__()
        extra = {"nonlinearity": kind} if kind in ("tanh", "relu") else {}
        self.rnn = self.KINDS[kind](inputs, width, batch_first=True, **extra)
        self.out = nn.Linear(width, outputs)
        self.detached = detached

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        last = self.rnn(x)[0][:, -1]
        out: torch.Tensor = self.out(last.detach() if self.detached else last)
        return out


class Attention(nn.Module):
    """A small transformer: one answer a sequence, or the next token at each place."""

    def __init__(
        self, symbols: int, width: int, depth: int, outputs: int, length: int, causal: bool, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.embed = nn.Embedding(symbols, width)
        self.place = nn.Parameter(torch.randn(length, width) * 0.02)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(width, 2, 2 * width, dropout, batch_first=True, norm_first=True) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, outputs)
        mask = torch.full((length, length), float("-inf")).triu(1)
        self.mask: Optional[torch.Tensor] = mask if causal else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.embed(x) + self.place
        for block in self.blocks:
            x = block(x, self.mask)
        x = self.norm(x)
        out: torch.Tensor = self.head(x if self.mask is not None else x.mean(1)).flatten(0, -2)
        return out


class Autoencoder(nn.Module):
    """Dense encoder and decoder around a narrow code."""

    def __init__(self, inputs: int = 64, width: int = 32, code: int = 8, activation: type[nn.Module] = nn.ReLU) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(inputs, width), activation(), nn.Linear(width, code))
        self.decoder = nn.Sequential(nn.Linear(code, width), activation(), nn.Linear(width, inputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.decoder(self.encoder(x.flatten(1)))
        return out


def each_linear(model: nn.Module, do: Any) -> nn.Module:
    """The model, after something was done to each of its dense layers but the last."""
    dense = [m for m in model.modules() if isinstance(m, nn.Linear)]
    with torch.no_grad():
        for layer in dense[:-1]:
            do(layer)
    return model
