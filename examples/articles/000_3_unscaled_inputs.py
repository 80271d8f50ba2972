"""Article 000, example 3: pixels from 0 to 255 as they are; then the same weights train on with pixels from 0 to 1."""

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
model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])


def train(scale, run):
    watch = gradwatch.keras.GradwatchCallback(run, every=1)
    model.fit(
        x * scale, y, validation_data=(x_val * scale, y_val), epochs=given.epochs or 10, callbacks=[watch], verbose=0
    )


with gradwatch.run(name="000-3-unscaled-inputs", project="articles") as run:
    train(255, run)
    train(1, run)
