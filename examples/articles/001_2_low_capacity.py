"""Article 001, example 2: ten units on a sine of a sum. Said to be too small; it explains 97 % of the variance."""

from example_data import options, uniform  # First: it chooses the Keras backend.

import keras
import numpy as np

import gradwatch.keras

given = options(__doc__)
keras.utils.set_random_seed(given.seed)
x = uniform(given.seed, 1500, 10)
y = np.sin(x.sum(axis=1))

model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(10, activation="relu"), keras.layers.Dense(1)])
model.compile("adam", loss="mse", metrics=["mae"])
watch = gradwatch.keras.GradwatchCallback(
    name="001-2-low-capacity", project="articles", every=10, lower_is_better=["mae", "val_mae"]
)
model.fit(
    x[:1000], y[:1000], validation_data=(x[1000:], y[1000:]), epochs=given.epochs or 500, callbacks=[watch], verbose=0
)
