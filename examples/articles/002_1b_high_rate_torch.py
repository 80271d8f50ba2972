"""Article 002, example 1b, in plain PyTorch: Adam at 10, 64-1 on 1000 rows of chance, mean squared error."""

import torch
from example_data import options, uniform

import gradwatch.torch

given = options(__doc__)
torch.manual_seed(given.seed)
x, y = torch.from_numpy(uniform(given.seed, 1000, 10)), torch.from_numpy(uniform(1000 + given.seed, 1000, 1))

model = torch.nn.Sequential(torch.nn.Linear(10, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=10.0)
watch = gradwatch.torch.watch(
    model, optimizer, every=1, name="002-1b-high-rate-torch", project="articles", loss="mse", planned_epochs=10
)
for _ in range(given.epochs or 10):
    for batch in torch.randperm(len(x)).split(32):
        loss = torch.nn.functional.mse_loss(model(x[batch]), y[batch])
        watch.loss(loss)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    watch.epoch()
watch.close()
