"""Article 003, example 3: a search over adam, sgd and rmsprop, each on three folds: nine siblings, 10 epochs each."""

from example_data import digits, options  # First: it chooses the Keras backend.

import keras
import numpy as np
from sklearn.model_selection import KFold

import gradwatch.keras

given = options(__doc__)
x, y, x_val, y_val = digits(given.seed)
x, y = np.concatenate([x, x_val]), np.concatenate([y, y_val])

for fold, (train, test) in enumerate(KFold(3, shuffle=True, random_state=given.seed).split(x), start=1):
    for optimizer in ("adam", "sgd", "rmsprop"):
        keras.utils.set_random_seed(given.seed)
        model = keras.Sequential(
            [
                keras.Input((64,)),
                keras.layers.Dense(64, activation="relu"),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )
        model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        watch = gradwatch.keras.GradwatchCallback(
            name=f"003-3-{optimizer}-{fold}", project="articles", group=f"003-3-grid-{given.seed}", every=5
        )
        model.fit(
            x[train],
            y[train],
            batch_size=32,
            validation_data=(x[test], y[test]),
            epochs=given.epochs or 10,
            callbacks=[watch],
            verbose=0,
        )
