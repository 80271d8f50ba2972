"""Writes recorded-runs/src/test/resources/recorded/others: small logs in the shapes that programs give them.

Run from recorded-runs/: python3 src/test/recorded/make_other_logs.py
"""

import json
import pathlib
import struct
import zlib

OUT = pathlib.Path("src/test/resources/recorded/others")
LOSSES = [2.5 - 0.2 * i for i in range(8)]


def write(name, text):
    path = OUT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def lines(rows):
    return "".join(row + "\n" for row in rows)


def varint(number):
    out = b""
    while True:
        low, number = number & 127, number >> 7
        out += bytes([low | (128 if number else 0)])
        if not number:
            return out


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def count(number, value):
    return varint(number << 3) + varint(value)


def item(key, value):
    return field(1, field(1, key.encode()) + field(16, json.dumps(value).encode()))


def wandb():
    records = [field(17, field(1, b"abc") + field(4, item("lr", 0.001) + item("epochs", 2)))]
    for step, loss in enumerate(LOSSES):
        values = {"train/loss": loss, "grad_norm": 1.0, "epoch": step // 4, "_timestamp": 1.76e9 + step, "note": "x" * 9000}
        row = b"".join(item(key, value) for key, value in values.items())
        records.append(field(2, row + field(2, count(1, step))))
        if step % 4 == 3:
            records.append(field(2, item("eval/loss", loss + 0.1) + field(2, count(1, step))))
    records.append(field(18, count(1, 0)))
    out = bytearray(struct.pack("<4sHB", b":W&B", 0xBEE1, 0))
    for record in records:
        begun = False
        while True:
            left = 32768 - len(out) % 32768
            if left < 7:
                out.extend(b"\0" * left)
                continue
            piece, record = record[: left - 7], record[left - 7 :]
            kind = (4 if begun else 1) if not record else (3 if begun else 2)
            out.extend(struct.pack("<IHB", zlib.crc32(bytes([kind]) + piece), len(piece), kind) + piece)
            begun = True
            if not record:
                break
    return bytes(out)


def main():
    rows = list(enumerate(LOSSES))
    write("wandb/run-abc.wandb", wandb())
    write("keras/history.json", json.dumps({"loss": LOSSES, "val_loss": [x + 0.1 for x in LOSSES]}, indent=4))
    write("epochs/history.json", json.dumps([{"epoch": i, "loss": x, "val_loss": x + 0.1} for i, x in rows]))
    write("detr/log.txt", lines(json.dumps(
        {"train_lr": 1e-4, "train_loss": x, "train_loss_ce": x / 2, "test_loss": x + 0.1, "epoch": i, "n_parameters": 41}) for i, x in rows))
    write("llamafactory/trainer_log.jsonl", lines(json.dumps(
        {"current_steps": 10 * i + 10, "total_steps": 80, "loss": x, "lr": 1e-5, "epoch": 0.1 * i, "elapsed_time": "0:00:32"}) for i, x in rows))
    write("mmengine/scalars.json", lines(json.dumps(
        {"lr": 0.02, "data_time": 0.1, "loss": x, "epoch": i // 4 + 1, "iter": 50 * i + 50, "memory": 3000, "step": 50 * i + 50}) for i, x in rows)
        + lines([json.dumps({"coco/bbox_mAP": 0.31, "step": 2})]))
    write("verl/metrics.jsonl", lines(json.dumps(
        {"step": i, "data": {"actor/pg_loss": x, "critic/vf_loss": 2 * x, "actor/grad_norm": 0.5, "critic/rewards/mean": 0.1 * i}}) for i, x in rows))
    write("fairseq/train.log", lines(
        f"2023-01-02 03:04:05 | INFO | train_inner | " + json.dumps(
            {"epoch": 1, "update": 0.1 * i, "loss": f"{x:.3f}", "ppl": "6.2", "num_updates": str(100 * i + 100), "lr": "1e-05", "gnorm": "3.1"})
        for i, x in rows))
    write("megatron/train.out", lines(
        f" iteration {10 * i + 10:8d}/     500 | consumed samples: {160 * i + 160:12d} | elapsed time per iteration (ms): 512.3 | learning rate: 1.500E-04 |"
        f" global batch size:    16 | lm loss: {x:.6E} | loss scale: 1.0 | grad norm: 1.234 | number of skipped iterations:   0 |" for i, x in rows))
    write("nanogpt/output.log", lines(
        f"iter {10 * i}: loss {x:.4f}, time 48.02ms, mfu 10.07%" for i, x in rows) + "step 80: train loss 0.9000, val loss 1.0000\n")
    write("keras/train.log", lines(
        f"Epoch {i + 1}/8\n 10/100 - loss: 9.0\r100/100 - 5s - 50ms/step - accuracy: 0.5000 - loss: {x:.4f} - val_accuracy: 0.4000 - val_loss: {x + 0.1:.4f}" for i, x in rows))
    write("lightning/train.log", "".join(
        f"Epoch {i}:  50%|#####     | 50/100 [00:05<00:05, 20.00it/s, v_num=0, train_loss=9.0]\r"
        f"Epoch {i}: 100%|##########| 100/100 [00:10<00:00, 20.00it/s, v_num=0, train_loss={x:.4f}, val_loss={x + 0.1:.4f}]\n" for i, x in rows))
    write("huggingface/stdout.log", lines(
        f"{{'loss': {x:.4f}, 'grad_norm': 0.9, 'learning_rate': 1e-05, 'epoch': {0.1 * i + 0.1:.2f}}}" for i, x in rows) + "{'train_runtime': 9.0, 'train_loss': 1.8, 'epoch': 0.8}\n")
    write("imagenet/train.log", lines(
        f"Epoch: [{i // 4}][ {100 * (i % 4):4d}/400]\tTime  0.501 ( 0.911)\tLoss {x:.4e} (7.0e+00)\tAcc@1   0.39 (  0.22)" for i, x in rows))
    write("ultralytics/results.csv", "epoch,train/box_loss,train/cls_loss,metrics/mAP50(B),val/box_loss,val/cls_loss,lr/pg0\n" + lines(
        f"{i + 1},{x:.3f},{x:.3f},{0.3 if i % 4 == 3 else 0},{x if i % 4 == 3 else 0},{x if i % 4 == 3 else 0},0.01" for i, x in rows))
    for metric, more in (("train_loss", 0), ("val_loss", 0.1)):
        write(f"mlruns/0/a1b2/metrics/{metric}", lines(f"{1760000000000 + 1000 * i} {x + more} {i}" for i, x in rows))
    write("export/wandb_export.csv", '"Step","run1 - train/loss","run1 - train/loss__MIN","run1 - train/loss__MAX"\n' + lines(
        f'"{i}","{x}","{x}","{x}"' for i, x in rows))


main()
