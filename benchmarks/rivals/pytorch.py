"""Trains one of the study's or the zoo's models with PyTorch on the processor, and says how fast, as JSON.

Counted are whole epochs: the permutation, the gather of each batch from a resident uint8 tensor, the
scale by 1/255, forward, loss, backward and Adam. Loading, building and the test are not counted.
The mean loss of an epoch is summed on the device and read once, at its end.
"""
import argparse
import functools
import gzip
import inspect
import json
import os
import resource
import statistics
import struct
import time

LEARNING_RATES = {"cnn": 1e-3, "mlp": 1e-3, "cnn-tuned": 1e-4, "cnn-bn": 1e-3}

# Those of the zoo, whose rows are random.
with open(os.path.join(os.path.dirname(__file__), "..", "made-models.json"), encoding="utf-8") as made_models:
    MADE = json.load(made_models)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=sorted([*LEARNING_RATES, *MADE]), default="cnn")
    parser.add_argument("--dataset", choices=["mnist", "fashion-mnist"], default="mnist")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory-format", choices=["contiguous", "channels_last"], default="contiguous")
    parser.add_argument("--adam", choices=["auto", "fused", "foreach", "plain"], default="auto")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--limit", type=int, help="train on the first N images only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--data",
        default=os.environ.get("HONE_DATA"),
        help="the folder that holds mnist and fashion-mnist (default: HONE_DATA)",
    )
    parser.add_argument("--evaluate", action="store_true", help="add the accuracy on the test set")
    parser.add_argument("--evaluations", type=int, default=0, metavar="N", help="look at the test set N times an epoch")
    parser.add_argument("--export-onnx", metavar="FILE", help="write the model, dynamic in its batch, and end")
    parser.add_argument("--weights", metavar="FILE", help="export the cnn with these weights of hone/predict.mjs")
    parser.add_argument("--known", metavar="DIR", help="take the first steps of hone/known-answer.mjs first, and tell their losses")
    parser.add_argument("--json", metavar="FILE", help="write the result here too")
    return parser.parse_args()


arguments = read_arguments()
# OpenMP reads this when torch loads.
os.environ["OMP_NUM_THREADS"] = str(arguments.threads)

import numpy  # noqa: E402
import torch  # noqa: E402
from pytorch_zoo import build_zoo, made_rows  # noqa: E402
from torch import nn  # noqa: E402

CHANNELS_LAST = arguments.memory_format == "channels_last"
BATCH_SIZE = MADE.get(arguments.model, {}).get("batchSize", 64)


def read_idx(name):
    if arguments.data is None:
        raise SystemExit("[rival] pytorch: no data. Set HONE_DATA, or give --data DIR.")
    with gzip.open(os.path.join(arguments.data, arguments.dataset, f"{name}.gz")) as file:
        _, _, _, rank = struct.unpack(">BBBB", file.read(4))
        shape = struct.unpack(f">{rank}I", file.read(4 * rank))
        return torch.from_numpy(numpy.frombuffer(file.read(), dtype=numpy.uint8).reshape(shape).copy())


def read_part(part):
    images = read_idx(f"{part}-images-idx3-ubyte")
    labels = read_idx(f"{part}-labels-idx1-ubyte").long()
    # With one channel both memory formats hold the same bytes, so the gather is the same for both.
    return images.unsqueeze(1), labels


@functools.lru_cache(maxsize=1)
def test_part():
    return read_part("t10k")


def classifier(features):
    return [nn.Flatten(), nn.Linear(features, 128), nn.ReLU()]


def build(name):
    if name in MADE:
        model = build_zoo(name, MADE[name])
        return model.to(memory_format=torch.channels_last) if CHANNELS_LAST else model
    if name == "mlp":
        layers = [nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Dropout(0.5)]
        layers += [nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10)]
    elif name == "cnn-tuned":
        layers = [nn.Conv2d(1, 64, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.5)]
        layers += [nn.Conv2d(64, 64, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.5)]
        layers += [*classifier(64 * 4 * 4), nn.Dropout(0.5), nn.Linear(128, 10)]
    elif name == "cnn-bn":
        # Keras's defaults, which are Hone's: momentum 0.99 (0.01 in PyTorch's sense), epsilon 1e-3.
        layers = [nn.Conv2d(1, 32, 3, bias=False), nn.BatchNorm2d(32, eps=1e-3, momentum=0.01)]
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
        layers += [nn.Conv2d(32, 32, 3, bias=False), nn.BatchNorm2d(32, eps=1e-3, momentum=0.01)]
        layers += [nn.ReLU(), nn.MaxPool2d(2), *classifier(32 * 5 * 5), nn.Linear(128, 10)]
    else:
        layers = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2)]
        layers += [nn.Conv2d(32, 32, 3), nn.ReLU(), nn.MaxPool2d(2)]
        layers += [*classifier(32 * 5 * 5), nn.Linear(128, 10)]
    model = nn.Sequential(*layers)
    for layer in model:
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return model.to(memory_format=torch.channels_last) if CHANNELS_LAST else model


def make_adam(model, name):
    """`auto` is fused where this version runs that on the processor, else one call for all parameters."""
    settings = {"lr": LEARNING_RATES.get(name, 1e-3), "betas": (0.9, 0.999), "eps": 1e-7}
    known = inspect.signature(torch.optim.Adam.__init__).parameters
    for form in ["fused", "foreach"] if arguments.adam == "auto" else [arguments.adam]:
        if form not in known:
            continue
        try:
            optimizer = torch.optim.Adam(model.parameters(), **settings, **{form: True})
            if form == "fused":
                prove_fused(settings)
            return optimizer, form
        except (RuntimeError, TypeError, AssertionError):
            continue
    if arguments.adam == "fused":
        raise SystemExit(f"[rival] pytorch: {torch.__version__} has no fused Adam here. Use --adam auto.")
    return torch.optim.Adam(model.parameters(), **settings), "plain"


def prove_fused(settings):
    """Some versions accept `fused` at first and refuse it in the first step."""
    weight = nn.Parameter(torch.ones(1))
    weight.grad = torch.ones(1)
    torch.optim.Adam([weight], **settings, fused=True).step()


def batch_of(images, rows):
    batch = images.index_select(0, rows)
    if batch.dtype != torch.uint8:
        return batch
    batch = batch.to(torch.float32).mul_(1 / 255)
    return batch.contiguous(memory_format=torch.channels_last) if CHANNELS_LAST else batch


def train_epoch(model, optimizer, images, labels, looks=0):
    """One epoch; with `looks`, the test set is looked at so often, which the clock leaves out."""
    count = len(images)
    loss_of = nn.functional.cross_entropy
    total = torch.zeros(())
    seconds = 0.0
    seen = []
    started = time.perf_counter()
    batches = torch.randperm(count).split(BATCH_SIZE)
    for index, rows in enumerate(batches):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model(batch_of(images, rows)), labels.index_select(0, rows))
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(rows)
        done = index + 1
        if looks and done * looks // len(batches) > index * looks // len(batches):
            seconds += time.perf_counter() - started
            seen.append({"epochs": done / len(batches), "seconds": seconds, "accuracy": accuracy_of(model)})
            started = time.perf_counter()
    loss = total.item() / count
    seconds += time.perf_counter() - started
    return {"seconds": seconds, "loss": loss, **({"evaluations": seen} if looks else {})}


def accuracy_of(model):
    images, labels = test_part()
    model.eval()
    right = 0
    with torch.inference_mode():
        for rows in torch.arange(len(images)).split(500):
            found = model(batch_of(images, rows)).argmax(1)
            right += (found == labels.index_select(0, rows)).sum().item()
    model.train()
    return right / len(images)


def load_weights(model, file):
    """Takes the weights of the cnn or mlp as tfjs lays them out: kernels HWIO, dense [in, out], features in NHWC order."""
    values = torch.from_numpy(numpy.fromfile(file, dtype=numpy.float32))
    at = 0
    with torch.no_grad():
        for layer in (each for each in model if isinstance(each, (nn.Conv2d, nn.Linear))):
            shape = layer.weight.shape
            kernel = values[at : at + layer.weight.numel()]
            at += layer.weight.numel()
            if isinstance(layer, nn.Conv2d):
                kernel = kernel.reshape(*shape[2:], shape[1], shape[0]).permute(3, 2, 0, 1)
            elif shape[1] == 32 * 5 * 5:
                kernel = kernel.reshape(25, 32, shape[0]).permute(2, 1, 0).reshape(shape)
            else:
                kernel = kernel.reshape(shape[1], shape[0]).t()
            layer.weight.copy_(kernel)
            layer.bias.copy_(values[at : at + shape[0]])
            at += shape[0]


def export(model, file):
    """Ends in softmax and takes [rows, 28, 28, 1], as the tfjs model does."""

    class Served(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = model

        def forward(self, images):
            return torch.softmax(self.model(images.reshape(-1, 1, 28, 28)), 1)

    axes = {"images": {0: "rows"}, "probabilities": {0: "rows"}}
    names = {"input_names": ["images"], "output_names": ["probabilities"]}
    torch.onnx.export(Served().eval(), torch.zeros(2, 28, 28, 1), file, **names, dynamic_axes=axes, opset_version=14)


def first_losses(images, labels):
    """Losses of three steps on the first rows in their order, from known weights, without dropout."""
    model = build(arguments.model)
    load_weights(model, os.path.join(arguments.known, "weights.bin"))
    for layer in model:
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
    optimizer, _ = make_adam(model, arguments.model)
    losses = []
    for rows in torch.arange(3 * BATCH_SIZE).split(BATCH_SIZE):
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(batch_of(images, rows)), labels.index_select(0, rows))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def main():
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    model = build(arguments.model)
    if arguments.export_onnx:
        if arguments.weights:
            load_weights(model, arguments.weights)
        export(model, arguments.export_onnx)
        return
    if arguments.model in MADE:
        rows = MADE[arguments.model]["rows"]
        images, labels = made_rows(MADE[arguments.model], min(arguments.limit or rows, rows))
    else:
        images, labels = read_part("train")
    if arguments.limit:
        images, labels = images[: arguments.limit], labels[: arguments.limit]
    known = {"firstLosses": first_losses(images, labels)} if arguments.known else {}
    optimizer, form = make_adam(model, arguments.model)

    epochs = [train_epoch(model, optimizer, images, labels, arguments.evaluations) for _ in range(arguments.epochs)]
    measured = epochs[1:] or epochs
    result = {
        "rival": "pytorch",
        "version": torch.__version__,
        "model": arguments.model,
        "dataset": "random" if arguments.model in MADE else arguments.dataset,
        "images": len(images),
        "threads": torch.get_num_threads(),
        "memoryFormat": arguments.memory_format,
        "optimizer": f"adam, {form}",
        "mkldnn": torch.backends.mkldnn.is_available(),
        "batchSize": BATCH_SIZE,
        "epochs": epochs,
        "imagesPerSecond": statistics.median(len(images) / epoch["seconds"] for epoch in measured),
        **known,
    }
    if arguments.evaluate:
        result["accuracy"] = accuracy_of(model)
    # Linux counts it in kilobytes.
    result["processBytes"] = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    text = json.dumps(result)
    print(text)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            file.write(text + "\n")


main()
