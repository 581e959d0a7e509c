"""Measures Cairn's column codecs beside pcodec, Parquet, gzip and LZ4, on the same curves.

    codecs.py --binaries DIRECTORY --workplace DIRECTORY [--json FILE]

The curves are recorded by curves.py where they are missing. All columns are Float64; Cairn cuts
them into blocks of 16,384, each with its header; pcodec, Parquet and gzip get the whole column.
Times are of one core's processor time, the best of several rounds, since a busy machine only adds.
"""

import argparse
import gzip
import importlib.metadata
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import lz4.block
import numpy
import pcodec.standalone
import pyarrow
import pyarrow.parquet

import curves

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from store_reader import columns  # noqa: E402

ROUNDS = 7
BLOCK = 16384 * 8


def best(action):
    """The result, and the least processor time that it took."""
    least = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        result = action()
        least = min(least, time.process_time() - begun)
    return result, least


def measure(column, encode, decode):
    bytes_, encoding = best(lambda: encode(column))
    back, decoding = best(lambda: decode(bytes_))
    assert back is None or (numpy.asarray(back).view("u8") == column.view("u8")).all()
    return sum(map(len, bytes_)) if isinstance(bytes_, list) else len(bytes_), encoding, decoding


def pcodec_whole(column):
    return measure(
        column, lambda c: pcodec.standalone.simple_compress(c, pcodec.ChunkConfig()),
        pcodec.standalone.simple_decompress,
    )


def parquet(column):
    def encode(column):
        sink = io.BytesIO()
        pyarrow.parquet.write_table(
            pyarrow.table({"value": column}), sink, compression="zstd", use_dictionary=False,
            use_byte_stream_split=True, write_statistics=False,
        )
        return sink.getvalue()

    def decode(data):
        return pyarrow.parquet.read_table(
            io.BytesIO(data), use_threads=False)["value"].to_numpy()

    total, encoding, decoding = measure(column, encode, decode)
    # Of the file, what the column takes: its footer is no matter of codecs.
    meta = pyarrow.parquet.read_metadata(io.BytesIO(encode(column)))
    total = sum(meta.row_group(i).column(0).total_compressed_size
                for i in range(meta.num_row_groups))
    return total, encoding, decoding


def csv(column):
    def encode(column):
        return gzip.compress("\n".join(map(repr, column.tolist())).encode(), 6)

    def decode(data):
        # Not compared: text loses the bits of NaNs.
        numpy.array([float(x) for x in gzip.decompress(data).split(b"\n")])

    return measure(column, encode, decode)


def lz4_alone(column):
    raw = column.tobytes()

    def encode(_):
        return [lz4.block.compress(raw[i:i + BLOCK], store_size=True)
                for i in range(0, len(raw), BLOCK)]

    def decode(blocks):
        for each in blocks:
            lz4.block.decompress(each)

    return measure(column, encode, decode)


PEERS = {"pcodec": pcodec_whole, "Parquet BSS zstd": parquet, "gzip CSV": csv, "LZ4": lz4_alone}


def cairn(binaries, paths):
    """What `cairn-bench codecs` prints of each file, by name.

    The blocks are read here as well, by a reader that knows only the document.
    """
    lines = subprocess.run(
        [str(binaries / "cairn-bench"), "codecs", "--keep", *map(str, paths)], check=True,
        capture_output=True, text=True,
    ).stdout.splitlines()
    for path in paths:
        bits = columns.bits_of_blocks(path.with_suffix(".blocks").read_bytes())
        if bits != numpy.fromfile(path, "<u8").tolist():
            raise SystemExit(f"{path}: read by the document, its blocks are other values")
    results = {}
    for line in lines:
        name, total, encoding, decoding, encodings = line.split("\t")
        results[name] = (int(total), float(encoding), float(decoding), encodings)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binaries", type=Path, required=True)
    parser.add_argument("--workplace", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    paths = curves.record(options.workplace)
    own = cairn(options.binaries, paths)
    versions = {name: importlib.metadata.version(name) for name in ("pcodec", "pyarrow", "lz4")}
    print("versions: " + ", ".join(f"{name} {version}" for name, version in versions.items()))
    contestants = ["Cairn", *PEERS]
    print("\nbytes a value\n" + header(contestants))
    rows = []
    for path in paths:
        column = numpy.fromfile(path, "<f8")
        results = {"Cairn": own[path.stem][:3]}
        results |= {name: peer(column) for name, peer in PEERS.items()}
        rows.append({"set": path.stem, "values": len(column), "encodings": own[path.stem][3],
                     "results": results})
        print(row(path.stem, [results[name][0] / len(column) for name in contestants])
              + "  " + own[path.stem][3], flush=True)
    # Sets of unequal length count alike.
    sums = [sum(r["results"][name][0] / r["values"] for r in rows) for name in contestants]
    print(row("sum", sums))
    for title, index in (("encoding", 1), ("decoding", 2)):
        print(f"\n{title}, GB/s of raw values\n" + header(contestants))
        for each in rows:
            print(row(each["set"], [8e-9 * each["values"] / each["results"][name][index]
                                    for name in contestants]))
        print(row("all", [8e-9 * sum(r["values"] for r in rows)
                          / sum(r["results"][name][index] for r in rows)
                          for name in contestants]))
    if options.json:
        options.json.write_text(json.dumps({"versions": versions, "sets": rows}, indent=1))


def header(names):
    return f"{'':26}" + "".join(f"{name:>18}" for name in names)


def row(name, values):
    return f"{name:26}" + "".join(f"{value:18.3f}" for value in values)


if __name__ == "__main__":
    main()
