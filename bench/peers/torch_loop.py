"""PyTorch trainers: `torch_loop.py <ignite|torchtnt> <bare|off|logged> <steps>` prints the time per step; linear 10 to 1, batches of 32."""
import json
import sys
import time

import torch

peer, mode, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
torch.manual_seed(7)
torch.set_num_threads(1)
batches = [(torch.randn(32, 10), torch.randn(32, 1)) for _ in range(1000)]
data = [batches[i % 1000] for i in range(steps)]
model = torch.nn.Linear(10, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
rows = []


def train(batch):
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(batch[0]), batch[1])
    loss.backward()
    optimizer.step()
    return loss.item()


def bare():
    total = 0.0
    for batch in data:
        total += train(batch)
    return total


def ignite():
    from ignite.engine import Engine, Events

    engine = Engine(lambda _, batch: train(batch))
    if mode == "logged":

        @engine.on(Events.ITERATION_COMPLETED)
        def log(e):
            rows.append((e.state.output, float(e.state.iteration), e.state.output * 2))

    return lambda: engine.run(data, max_epochs=1)


def torchtnt():
    from torchtnt.framework.callback import Callback
    from torchtnt.framework.state import State
    from torchtnt.framework.train import train as tnt_train
    from torchtnt.framework.unit import TrainUnit

    class Unit(TrainUnit[object]):
        loss = 0.0

        def train_step(self, state: State, data: object):
            self.loss = train(data)

    class Log(Callback):
        def on_train_step_end(self, state: State, unit) -> None:
            rows.append((unit.loss, float(unit.train_progress.num_steps_completed), unit.loss * 2))

    unit = Unit()
    callbacks = [Log()] if mode == "logged" else []
    return lambda: tnt_train(unit, data, max_epochs=unit.train_progress.num_epochs_completed + 1, callbacks=callbacks)


epoch = bare if mode == "bare" else {"ignite": ignite, "torchtnt": torchtnt}[peer]()
epoch()
wall, cpu = time.perf_counter(), time.process_time()
epoch()
print(json.dumps({"wall": (time.perf_counter() - wall) * 1e6 / steps, "cpu": (time.process_time() - cpu) * 1e6 / steps}))
