"""Article 000, example 1, in plain PyTorch: Adam at a learning rate of 1e-10."""

import torch
from example_data import digits, options

import gradwatch.torch

given = options(__doc__)
torch.manual_seed(given.seed)
x, y, x_val, y_val = (torch.from_numpy(part) for part in digits(given.seed))
y, y_val = y.long(), y_val.long()

model = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-10)
criterion = torch.nn.CrossEntropyLoss()
watch = gradwatch.torch.watch(
    model,
    optimizer,
    every=1,
    name="000-1-low-rate-torch",
    project="articles",
    loss="cross_entropy",
    classes=10,
    planned_epochs=10,
)
for _ in range(given.epochs or 10):
    for batch in torch.randperm(len(x)).split(32):
        loss = criterion(model(x[batch]), y[batch])
        watch.loss(loss)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        outputs = model(x_val)
        right = (outputs.argmax(1) == y_val).float().mean()
        watch.epoch(validation_loss=criterion(outputs, y_val), validation_accuracy=right)
watch.close()
