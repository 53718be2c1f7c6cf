"""Keras on jax: `keras_loop.py <bare|off|logged> <steps>` prints the time per step; linear 10 to 1, batches of 32."""
import json
import os
import sys
import time

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax
import jax.numpy as jnp
import keras
import numpy as np

mode, steps = sys.argv[1], int(sys.argv[2])
rng = np.random.default_rng(7)
x = rng.standard_normal((steps * 32, 10), dtype=np.float32)
y = rng.standard_normal((steps * 32, 1), dtype=np.float32)


def bare():
    """A hand-written loop: one jitted step, the loss read after each."""

    @jax.jit
    def step(params, xb, yb):
        def loss_of(p):
            return jnp.mean((xb @ p["w"] + p["b"] - yb) ** 2)

        loss, grads = jax.value_and_grad(loss_of)(params)
        return {k: params[k] - 0.01 * grads[k] for k in params}, loss

    params = {"w": jnp.zeros((10, 1)), "b": jnp.zeros((1,))}

    def epoch():
        nonlocal params
        total = 0.0
        for i in range(steps):
            params, loss = step(params, x[i * 32 : i * 32 + 32], y[i * 32 : i * 32 + 32])
            total += float(loss)
        return total

    return epoch


def fit(callbacks):
    model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="mse")
    return lambda: model.fit(x, y, batch_size=32, epochs=1, shuffle=False, verbose=0, callbacks=callbacks)


class Log(keras.callbacks.Callback):
    """Three scalars per step, kept in memory."""

    rows = []

    def on_train_batch_end(self, batch, logs=None):
        self.rows.append((logs["loss"], float(batch), logs["loss"] * 2))


epoch = {"bare": bare, "off": lambda: fit([]), "logged": lambda: fit([Log()])}[mode]()
epoch()
wall, cpu = time.perf_counter(), time.process_time()
epoch()
print(json.dumps({"wall": (time.perf_counter() - wall) * 1e6 / steps, "cpu": (time.process_time() - cpu) * 1e6 / steps}))
