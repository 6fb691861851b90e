"""Which operations make a vector of embedded pieces? The BERT encoder as an ONNX graph without its weights.

`python -m nlu.e5_graph` writes `nlu/data/e5_small.onnx` anew; it needs the package onnx, which running does not.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import Any

from nlu.bundled import GRAPH_FILE
from nlu.e5_narrow import HEADS, NEURONS

_OPSET, _IR = 18, 9
_CONTRIB = "com.microsoft"  # ONNX Runtime's own operators
_FLOAT, _INT8 = 1, 3  # TensorProto.DataType


@dataclass(slots=True)
class _Graph:
    """Nodes and the weights they name, in the order they are used."""

    helper: Any
    onnx: Any
    nodes: list[Any] = field(default_factory=list)
    weights: list[Any] = field(default_factory=list)

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """One operation of ONNX itself."""
        self.nodes.append(self.helper.make_node(operator, inputs, [output], **attributes))
        return output

    def own(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """One operation of ONNX Runtime."""
        return self.node(operator, inputs, output, domain=_CONTRIB, **attributes)

    def weight(self, name: str, shape: tuple[int, ...], kind: int = _FLOAT) -> str:
        """A tensor that is handed in when a session starts."""
        tensor = self.onnx.TensorProto(name=name, data_type=kind, dims=shape)
        tensor.data_location = self.onnx.TensorProto.EXTERNAL
        size = 4 if kind == _FLOAT else 1
        for length in shape:
            size *= length
        for key, value in (("location", "weights"), ("offset", "0"), ("length", str(size))):
            tensor.external_data.add(key=key, value=value)
        self.weights.append(tensor)
        return name

    def multiply(self, source: str, name: str, columns: int, rows: int) -> str:
        """Multiply by the weights, transposed, in integers of 8 bits and add the bias; scales `source` as it comes."""
        weights, scale, zero, bias = self._integers(name, columns, rows)
        return self.own("DynamicQuantizeMatMul", [source, weights, scale, zero, bias], name)

    def attend(self, source: str, name: str, columns: int, heads: int, size: int) -> str:
        """What each head takes, from multiplying in integers on: one operation, which copies nothing apart."""
        weights, scale, zero, bias = self._integers(name, columns, 3 * heads * size)
        rounded, step, nought = (f"{name}.{part}" for part in ("rounded", "step", "nought"))
        self.nodes.append(self.helper.make_node("DynamicQuantizeLinear", [source], [rounded, step, nought]))
        inputs = [rounded, weights, bias, step, scale, "", nought, zero]
        return self.own("QAttention", inputs, f"{name}.seen", num_heads=heads)

    def _integers(self, name: str, columns: int, rows: int) -> tuple[str, str, str, str]:
        """Weights, transposed, one scale and one zero a row of them, and the bias."""
        return (
            self.weight(f"{name}.w", (columns, rows), _INT8),
            self.weight(f"{name}.s", (rows,)),
            self.weight(f"{name}.z", (rows,), _INT8),
            self.weight(f"{name}.b", (rows,)),
        )

    def add_and_norm(self, source: str, skipped: str, name: str, hidden: int, epsilon: float) -> str:
        """Layer normalisation of the sum. In one operation ONNX Runtime takes twice as long as in these two."""
        gain, shift = self.weight(f"{name}.w", (hidden,)), self.weight(f"{name}.b", (hidden,))
        total = self.node("Add", [source, skipped], f"{name}.sum")
        return self.node("LayerNormalization", [total, gain, shift], name, epsilon=epsilon, axis=-1)


def build(*, hidden: int = 384, size: int = 32, epsilon: float = 1e-12) -> bytes:
    """The graph: embedded [texts, pieces, hidden] → vectors [texts, hidden], the mean over the pieces.

    size: width of a head. How many of them and of the neurons each layer has, nlu/e5_narrow.py says.
    """
    onnx: Any = importlib.import_module("onnx")
    graph = _Graph(onnx.helper, onnx)
    norm = [graph.weight("emb.ln.w", (hidden,)), graph.weight("emb.ln.b", (hidden,))]
    state = graph.node("LayerNormalization", ["embedded", *norm], "emb", epsilon=epsilon, axis=-1)
    for number, shape in enumerate(zip(HEADS, NEURONS, strict=True)):
        state = _layer(graph, f"l{number}", state, *shape, hidden=hidden, size=size, epsilon=epsilon)
    axes = onnx.helper.make_tensor("axes", onnx.TensorProto.INT64, [1], [1])
    graph.nodes.append(onnx.helper.make_node("ReduceMean", [state, "axes"], ["vectors"], keepdims=0))
    value = onnx.helper.make_tensor_value_info
    whole = onnx.helper.make_graph(
        graph.nodes,
        "e5_small",
        [value("embedded", _FLOAT, ["texts", "pieces", hidden])],
        [value("vectors", _FLOAT, ["texts", hidden])],
        [*graph.weights, axes],
    )
    opsets = [onnx.helper.make_opsetid("", _OPSET), onnx.helper.make_opsetid(_CONTRIB, 1)]
    model = onnx.helper.make_model(whole, opset_imports=opsets, ir_version=_IR, producer_name="xiaoer")
    return bytes(model.SerializeToString(deterministic=True))


def _layer(
    graph: _Graph, name: str, state: str, heads: int, neurons: int, *, hidden: int, size: int, epsilon: float
) -> str:
    """Attention, then the two dense layers, each added to what went in and normalised (Devlin 2019).

    The neurons see an eased state; what went in is brought back to its size before it is added.
    """
    seen = graph.attend(state, f"{name}.qkv", hidden, heads, size)
    told = graph.multiply(seen, f"{name}.ao", heads * size, hidden)
    eased = graph.add_and_norm(told, state, f"{name}.aln", hidden, epsilon)
    wide = graph.own("Gelu", [graph.multiply(eased, f"{name}.fi", hidden, neurons)], f"{name}.wide")
    back = graph.multiply(wide, f"{name}.fo", neurons, hidden)
    middle = graph.node("Mul", [eased, graph.weight(f"{name}.ease", (hidden,))], f"{name}.middle")
    return graph.add_and_norm(back, middle, f"{name}.oln", hidden, epsilon)


if __name__ == "__main__":
    GRAPH_FILE.write_bytes(build())
