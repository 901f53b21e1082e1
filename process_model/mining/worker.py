"""The process that speaks to pm4py: one JSON request a line in, one JSON answer a line out.

It is a program of its own (``python -m process_model.mining.worker``) because pm4py takes seconds
to import, prints as it likes and may not return: who asks can end it and begin another.
"""

import contextlib
import os
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

import msgspec

from process_model.mining.nets import Refused, aligned, net_of

_SKIP = ">>"
"""What pm4py writes where one side of an alignment does not move."""

_LEAST_SHARE = 0.2
"""Directly-follows below this share of the strongest are noise to the inductive miner (IMf)."""


def main() -> None:
    """Answer until the input ends."""
    answers = _own_output()
    warnings.simplefilter("ignore")
    os.environ["TQDM_DISABLE"] = "1"
    for line in sys.stdin.buffer:
        asked = msgspec.json.decode(line)
        try:
            told: Mapping[str, Any] = {"answer": _TASKS[asked["task"]](asked)}
        except Refused as error:
            told = {"error": str(error)}
        except Exception as error:  # whatever the library raises is the answer
            told = {"error": f"the miner could not do it: {type(error).__name__}: {error}"}
        answers.write(msgspec.json.encode(told).decode() + "\n")
        answers.flush()


def _own_output() -> TextIO:
    """Keep the output for answers; what the library prints goes where errors go."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _net(model: Mapping[str, str]) -> Any:
    return net_of(model.get("tree", ""), model.get("text", ""))


def _labels(asked: Mapping[str, Any]) -> list[str]:
    """The activities that a model speaks of."""
    net, _, _ = _net(asked["model"])
    return sorted({step.label for step in net.transitions if step.label})


def _align(asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each trace its fitness and the moves of an optimal alignment, silent steps left out.

    ``seconds`` is what one trace may take and ``within`` what all may; those that get none of it
    stay without an answer.
    """
    net, begin, end = _net(asked["model"])
    until = time.monotonic() + asked["within"]
    found: list[dict[str, Any]] = []
    for trace in asked["traces"]:
        left = min(asked["seconds"], until - time.monotonic())
        told = aligned(net, begin, end, trace, left) if left > 0 else None
        if told is None:
            found.append({"fitness": None, "moves": []})
            continue
        moves = [
            [None if log == _SKIP else log, None if model == _SKIP else model]
            for log, model in told["alignment"]
            if not (log == _SKIP and model is None)
        ]
        found.append({"fitness": told["fitness"], "moves": moves})
    return found


def _discover(asked: Mapping[str, Any]) -> dict[str, str]:
    """The inductive model (IMf) of distinct variants with their counts, as a tree and as BPMN."""
    import pm4py
    from pm4py.algo.discovery.inductive.dtypes.im_ds import IMDataStructureUVCL
    from pm4py.algo.discovery.inductive.variants.imf import IMFUVCL, IMFParameters
    from pm4py.objects.process_tree.utils.generic import fold

    ways = Counter({tuple(way): count for way, count in asked["variants"]})
    share = {IMFParameters.NOISE_THRESHOLD: asked.get("noise", _LEAST_SHARE)}
    tree = fold(IMFUVCL({}).apply(IMDataStructureUVCL(ways), share))
    return {"tree": str(tree), "bpmn": _bpmn(pm4py.convert_to_bpmn(tree))}


def _written(asked: Mapping[str, Any]) -> str:
    """A process tree as the text of a BPMN file."""
    import pm4py
    from pm4py.objects.process_tree.utils.generic import parse

    return _bpmn(pm4py.convert_to_bpmn(parse(asked["tree"])))


def _bpmn(graph: Any) -> str:
    import pm4py

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.bpmn"
        # the layout would want Graphviz installed; whoever opens the file lays it out
        pm4py.write_bpmn(graph, str(path), auto_layout=False)
        return path.read_text(encoding="utf-8")


_TASKS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "labels": _labels,
    "align": _align,
    "discover": _discover,
    "write": _written,
}

if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
