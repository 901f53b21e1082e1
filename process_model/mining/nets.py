"""Models as Petri nets, for the worker alone: BPMN, Petri nets (PNML) and process trees (PTML).

A model that can never be run to its end fits no case at all. It is refused here with what in it
was not understood, because a fitness of nothing would be taken for a bad process.
"""

import functools
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

_SECONDS = 10.0
"""What the proof may take that a model can be run to its end."""

_ROOTS = {"definitions": "bpmn", "pnml": "pnml", "ptml": "ptml"}
_UNDERSTOOD = (
    "tasks, start and end events, intermediate events, and exclusive, event-based, parallel and "
    "paired inclusive gateways"
)


class Refused(Exception):
    """A model that cannot be held against cases; one sentence says why and what to do."""


@functools.lru_cache(maxsize=32)
def net_of(tree: str, text: str) -> Any:
    """``(net, initial marking, final marking)`` of a process tree, or of the text of a file.

    Labels lose the blanks and line breaks that drawing programs put into them. Intermediate events
    pass silently. Raises ``Refused``.
    """
    if tree:
        return _of_tree(tree)
    kind = kind_of(text)
    (net, begin, end), strange = _read(kind, text)
    for step in net.transitions:
        step.label = " ".join(step.label.split()) or None if step.label else None
    if not any(step.label for step in net.transitions):
        raise Refused(f"the {kind.upper()} model names no activity")
    if not _ends(net, begin, end):
        why = f"; it has {', '.join(strange)}" if strange else ""
        raise Refused(
            f"the {kind.upper()} model can never be run to its end{why}; understood are "
            f"{_UNDERSTOOD}; draw the others with these, or leave them out"
        )
    return net, begin, end


def kind_of(text: str) -> str:
    """``bpmn``, ``pnml`` or ``ptml``, by the text's root element; raises ``Refused``."""
    root = re.search(r"<(?![?!])(?:[\w.-]+:)?([\w.-]+)", text)
    kind = _ROOTS.get(root.group(1) if root else "")
    if kind is None:
        what = f"its root is <{root.group(1)}>" if root else "it has no element at all"
        raise Refused(
            f"the model is none of BPMN (<definitions>), PNML (<pnml>) and PTML (<ptml>): {what}"
        )
    return kind


def _of_tree(tree: str) -> Any:
    import pm4py
    from pm4py.objects.process_tree.utils.generic import parse

    return pm4py.convert_to_petri_net(parse(tree))


def _read(kind: str, text: str) -> tuple[Any, list[str]]:
    """The net, and what of the model pm4py may not have understood."""
    import pm4py

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"model.{kind}"
        path.write_text(_declared(text), encoding="utf-8")
        try:
            if kind == "pnml":
                return pm4py.read_pnml(str(path), auto_guess_final_marking=True), []
            if kind == "ptml":
                return pm4py.convert_to_petri_net(pm4py.read_ptml(str(path))), []
            graph = pm4py.read_bpmn(str(path))
        except Exception as error:
            said = str(error).split("\n")[0] or type(error).__name__
            raise Refused(f"the {kind.upper()} model cannot be read: {said}") from error
    return pm4py.convert_to_petri_net(_simplified(graph)), sorted(set(_strange(graph)))


def _declared(text: str) -> str:
    """The text without the encoding its file declared: it is written as UTF-8."""
    return re.sub(r"\A\s*<\?xml.*?\?>", "", text.lstrip("\ufeff"), count=1, flags=re.DOTALL)


def _simplified(graph: Any) -> Any:
    """The graph with what pm4py would drop without a word turned into what it knows.

    pm4py translates tasks, start and end events and three gateways, and leaves out every flow from
    or to anything else (``pm4py/objects/conversion/bpmn/variants/to_petri_net.py``, 2.7.23).
    """
    from pm4py.objects.bpmn.obj import BPMN

    plain = BPMN()
    instead = {node: _known(node, BPMN) for node in graph.get_nodes()}
    for node in instead.values():
        plain.add_node(node)
    for flow in graph.get_flows():
        source, target = instead.get(flow.get_source()), instead.get(flow.get_target())
        if source and target:
            plain.add_flow(type(flow)(source, target, flow.get_id(), flow.get_name()))
    return plain


def _known(node: Any, kinds: Any) -> Any:
    if isinstance(node, (kinds.IntermediateCatchEvent, kinds.IntermediateThrowEvent)):
        return kinds.Task(node.get_id(), "")
    if isinstance(node, kinds.EventBasedGateway):
        return kinds.ExclusiveGateway(node.get_id(), node.get_name())
    return node


def _strange(graph: Any) -> Iterator[str]:
    from pm4py.objects.bpmn.obj import BPMN

    told = ((BPMN.BoundaryEvent, "boundary events"), (BPMN.SubProcess, "sub-processes"),
            (BPMN.InclusiveGateway, "inclusive gateways"))  # fmt: skip
    for node in graph.get_nodes():
        yield from (name for kind, name in told if isinstance(node, kind))


def _ends(net: Any, begin: Any, end: Any) -> bool:
    """Whether some run of the net ends: an empty case then has an alignment.

    What cannot be told in time is not held against the model; its cases then stay unjudged.
    """
    started = time.monotonic()
    return aligned(net, begin, end, (), _SECONDS) is not None or (
        time.monotonic() - started >= _SECONDS
    )


def aligned(net: Any, begin: Any, end: Any, trace: Sequence[str], seconds: float) -> Any:
    """pm4py's optimal alignment of a trace; ``None`` when there is none within ``seconds``."""
    from pm4py.algo.conformance.alignments.petri_net import algorithm
    from pm4py.objects.log.obj import Event, Trace

    limit = {algorithm.Parameters.PARAM_MAX_ALIGN_TIME_TRACE: seconds}
    told = Trace([Event({"concept:name": name}) for name in trace])
    return algorithm.apply(told, net, begin, end, parameters=limit) or None
