"""Article 000, example 1: Adam at a learning rate of 1e-10. The gradients are fine, the weights stay where they are."""

from example_data import digits, options  # First: it chooses the Keras backend.

import keras

import gradwatch
import gradwatch.keras

given = options(__doc__)
keras.utils.set_random_seed(given.seed)
x, y, x_val, y_val = digits(given.seed)

model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)


def train(rate, run):
    model.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    watch = gradwatch.keras.GradwatchCallback(run, every=1)
    model.fit(x, y, validation_data=(x_val, y_val), epochs=given.epochs or 10, callbacks=[watch], verbose=0)


with gradwatch.run(name="000-1-low-rate", project="articles") as run:
    train(1e-10, run)
    if given.fix:
        train(1e-3, run)
