"""Article 000, example 2, on data that is worth memorizing: 200 images, three labels in ten drawn by chance."""

from example_data import digits, options  # First: it chooses the Keras backend.

import keras

import gradwatch
import gradwatch.keras

given = options(__doc__)
keras.utils.set_random_seed(given.seed)


def train(x, y, x_val, y_val, epochs, run):
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    watch = gradwatch.keras.GradwatchCallback(run, every=1)
    model.fit(x, y, validation_data=(x_val, y_val), epochs=epochs, callbacks=[watch], verbose=0)


with gradwatch.run(name="000-2b-overfit-noisy", project="articles") as run:
    train(*digits(given.seed, samples=200, wrong_labels=0.3), given.epochs or 100, run)
    if given.fix:  # Labels that were looked at again, seven times as many of them, and an end in time.
        train(*digits(given.seed), given.epochs or 20, run)
