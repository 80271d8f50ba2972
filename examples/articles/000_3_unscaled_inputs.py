"""Article 000, example 3: pixels from 0 to 255 as they are; then the same weights train on with pixels from 0 to 1."""

from example_data import digits, options  # First: it chooses the Keras backend.

import keras

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
watch = gradwatch.keras.GradwatchCallback(name="000-3-unscaled-inputs", project="articles", every=1)


def train(scale):
    model.fit(
        x * scale, y, validation_data=(x_val * scale, y_val), epochs=given.epochs or 10, callbacks=[watch], verbose=0
    )


train(scale=255)
train(scale=1)
