"""The design that Treadle comes from, as far as speed goes: steps that get a deep copy of the context each, on a pool of threads,
and whose results are laid over each other afterwards. Usage: python_design.py shell|functions|context …"""

import copy
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor


class Context:
    def __init__(self, results):
        self.results = results


def run_group(steps, context):
    with ThreadPoolExecutor(max_workers=min(32, len(steps))) as pool:
        futures = [pool.submit(step, copy.deepcopy(context)) for step in steps]
        for future in futures:
            context.results.update(future.result().results)
    return context


def run(pipeline, context):
    for entry in pipeline:
        context = run_group(entry, context) if isinstance(entry, list) else entry(copy.deepcopy(context))
    return context


def shell(context):
    subprocess.run("true", shell=True, check=True, capture_output=True)
    return context


def nothing(context):
    return context


def records(megabytes):
    row = lambda index: {
        "id": index,
        "name": f"record {index}",
        "tags": ["alpha", "beta"],
        "nested": {"active": index % 2 == 0, "score": index / 7},
    }
    size = len(json.dumps(row(12345))) + 1
    return [row(index) for index in range(max(1, round(megabytes * 1024 * 1024 / size)))]


def main(kind, *args):
    if kind == "shell":
        run([[shell] * count if count > 1 else shell for count in json.loads(args[0])], Context({}))
    elif kind == "functions":
        run([[nothing] * int(args[0])], Context({}))
    else:
        megabytes, rounds = float(args[0]), int(args[1])
        big = records(megabytes)

        def writes(index):
            def step(context):
                context.results[f"key{index}"] = {"index": index}
                return context

            return step

        for _ in range(rounds):
            context = Context({"big": big})
            started = time.perf_counter()
            run_group([writes(index) for index in range(8)], context)
            print((time.perf_counter() - started) * 1000)


main(*sys.argv[1:])
