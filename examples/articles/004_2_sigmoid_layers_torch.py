"""Article 004, example 2, in plain PyTorch: eight sigmoid layers of 32."""

import torch
from example_data import options, uniform

import gradwatch.torch

given = options(__doc__)
torch.manual_seed(given.seed)
x = torch.from_numpy(uniform(given.seed, 1000, 10))
y = (x.sum(dim=1, keepdim=True) > 5).float()

layers = []
for width in (10, *[32] * 7):
    layers += [torch.nn.Linear(width, 32), torch.nn.Sigmoid()]
model = torch.nn.Sequential(*layers, torch.nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters())
watch = gradwatch.torch.watch(
    model,
    optimizer,
    every=1,
    name="004-2-eight-torch",
    project="articles",
    loss="binary_crossentropy",
    classes=2,
    planned_epochs=10,
)
for _ in range(given.epochs or 10):
    for batch in torch.randperm(len(x)).split(32):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(x[batch]), y[batch])
        watch.loss(loss)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    watch.epoch()
watch.close()
