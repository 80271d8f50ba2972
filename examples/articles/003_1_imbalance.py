"""Article 003, example 1: class weights against an imbalance. Three positives in a hundred, and features that do not tell them apart.

The article hands the weights to ``compile``, which today's Keras refuses: the second run never trains a step.
"""

from example_data import options, uniform  # First: it chooses the Keras backend.

import keras
import numpy as np

import gradwatch
import gradwatch.keras

given = options(__doc__)
keras.utils.set_random_seed(given.seed)
x = uniform(given.seed, 3000, 10)
positive = np.random.default_rng(given.seed).random(3000) < 0.03
y = keras.utils.to_categorical(positive, 2)
weights = {0: 0.5 / (1 - positive.mean()), 1: 0.5 / positive.mean()}


def build():
    return keras.Sequential(
        [keras.Input((10,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(2, activation="softmax")]
    )


model = build()
model.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])
data = {"x": x[:2000], "y": y[:2000], "validation_data": (x[2000:], y[2000:]), "batch_size": 32, "verbose": 0}
with gradwatch.run(name="003-1-imbalance", project="articles") as run:
    watch = gradwatch.keras.GradwatchCallback(run, every=5)
    model.fit(**data, epochs=given.epochs or 10, callbacks=[watch])
    if given.fix:
        model.fit(**data, epochs=given.epochs or 10, class_weight=weights, callbacks=[watch])

try:
    with gradwatch.run(name="003-1-literal", project="articles"):
        build().compile("adam", loss="categorical_crossentropy", metrics=["accuracy"], class_weight=weights)
except TypeError as refused:
    print(f"003-1-literal never starts, Keras says: {refused}")
