"""Article 003, example 2: early stopping with a patience of 5 in 50 epochs; then the same training without it, watched.

600 images, two labels in ten drawn by chance, and a model that is large enough to learn them by heart.
"""

from example_data import digits, options  # First: it chooses the Keras backend.

import keras

import gradwatch.keras

given = options(__doc__)
x, y, x_val, y_val = digits(given.seed, samples=600, wrong_labels=0.2)
y, y_val = keras.utils.to_categorical(y, 10), keras.utils.to_categorical(y_val, 10)

for name, callbacks in (
    ("stopped", [keras.callbacks.EarlyStopping(monitor="val_loss", patience=5, restore_best_weights=True)]),
    ("watched", []),
):
    keras.utils.set_random_seed(given.seed)
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])
    watch = gradwatch.keras.GradwatchCallback(name=f"003-2-{name}", project="articles", every=1)
    model.fit(
        x,
        y,
        batch_size=32,
        validation_data=(x_val, y_val),
        epochs=given.epochs or 50,
        callbacks=[*callbacks, watch],
        verbose=0,
    )
