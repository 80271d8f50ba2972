"""Article 004, example 1: three rows around 1e10, one sigmoid unit, SGD. The gradient is exactly zero from the first step on."""

from example_data import options  # First: it chooses the Keras backend.

import keras
import numpy as np

import gradwatch
import gradwatch.keras

given = options(__doc__)
x = np.array([[1, 2], [3, 4], [5, 6]], "float32") * 1e10
y = np.array([[0], [1], [0]], "float32")

for name, activation, from_logits in (("probability", "sigmoid", False), ("logits", "linear", True)):
    keras.utils.set_random_seed(given.seed)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation=activation)])
    model.compile("sgd", loss=keras.losses.BinaryCrossentropy(from_logits=from_logits), metrics=["accuracy"])
    with gradwatch.run(name=f"004-1-{name}", project="articles") as run:
        watch = gradwatch.keras.GradwatchCallback(run, every=1)
        model.fit(x, y, epochs=given.epochs or 10, callbacks=[watch], verbose=0)
        if given.fix:
            model.fit((x - x.mean()) / x.std(), y, epochs=given.epochs or 40, callbacks=[watch], verbose=0)
