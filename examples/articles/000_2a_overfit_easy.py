"""Article 000, example 2: 512 hidden units, 100 epochs, no regularization. On easy data with right labels nothing bad comes of it."""

from example_data import digits, options  # First: it chooses the Keras backend.

import keras

import gradwatch.keras

given = options(__doc__)
keras.utils.set_random_seed(given.seed)
x, y, x_val, y_val = digits(given.seed)

model = keras.Sequential(
    [
        keras.Input((64,)),
        keras.layers.Dense(512, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
watch = gradwatch.keras.GradwatchCallback(name="000-2a-overfit-easy", project="articles", every=5)
model.fit(x, y, validation_data=(x_val, y_val), epochs=given.epochs or 100, callbacks=[watch], verbose=0)
