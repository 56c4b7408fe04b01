"""The models of MediaPipe's wheel as the bundle that its web runtime reads: `python -m skin.vision.web_bundle FILE`.

The guide in the browser then sees a face as `MediaPipeLandmarker` does, without models from anywhere else.
"""

import sys
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

# The web runtime expects 478 points, the ten of the irises among them; the plain mesh of the wheel gives 468. Without
# the padding it reads past the end, silently.
MESH_NUMBERS, EXPECTED_NUMBERS = 468 * 3, 478 * 3
ALWAYS = (1980, 1, 1, 0, 0, 0)  # the time inside the zip, so that the same models give the same bytes


def build_bundle(target: Path) -> None:
    """Write a stored zip of the short-range detector and the padded mesh."""
    models = files("mediapipe") / "modules"
    detector = (models / "face_detection" / "face_detection_short_range.tflite").read_bytes()
    mesh = (models / "face_landmark" / "face_landmark.tflite").read_bytes()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as bundle:
        for name, content in (
            ("face_detector.tflite", detector),
            ("face_landmarks_detector.tflite", pad_mesh(mesh)),
        ):
            bundle.writestr(zipfile.ZipInfo(name, ALWAYS), content)


def pad_mesh(mesh: bytes) -> bytes:
    """The mesh model with zeros behind its points (a PAD at the end of the graph), otherwise as it was."""
    import flatbuffers  # type: ignore[import-untyped]
    from mediapipe.tasks.metadata import schema_py_generated as tflite

    model = tflite.ModelT.InitFromObj(tflite.Model.GetRootAs(mesh, 0))
    graph = model.subgraphs[0]
    (points,) = (each for each in graph.outputs if list(graph.tensors[each].shape) == [1, 1, 1, MESH_NUMBERS])
    paddings = np.zeros((4, 2), np.int32)
    paddings[3, 1] = EXPECTED_NUMBERS - MESH_NUMBERS
    rows, padded = tflite.TensorT(), tflite.TensorT()
    rows.name, rows.type, rows.shape = "paddings", tflite.TensorType.INT32, [4, 2]
    padded.name, padded.type, padded.shape = "padded_points", tflite.TensorType.FLOAT32, [1, 1, 1, EXPECTED_NUMBERS]
    how = _add_tensor(tflite, model, rows, np.frombuffer(paddings, np.uint8))
    result = _add_tensor(tflite, model, padded, None)
    graph.operators.append(_build_pad(tflite, model, inputs=[points, how], output=result))
    graph.outputs = [result if each == points else each for each in graph.outputs]
    builder = flatbuffers.Builder(len(mesh) + 1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _add_tensor(tflite: Any, model: Any, tensor: Any, content: Any) -> int:
    buffer = tflite.BufferT()
    buffer.data = content
    model.buffers.append(buffer)
    tensor.buffer = len(model.buffers) - 1
    model.subgraphs[0].tensors.append(tensor)
    return len(model.subgraphs[0].tensors) - 1


def _build_pad(tflite: Any, model: Any, *, inputs: list[int], output: int) -> Any:
    code = tflite.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = tflite.BuiltinOperator.PAD
    code.version = 1
    model.operatorCodes.append(code)
    pad = tflite.OperatorT()
    pad.opcodeIndex, pad.inputs, pad.outputs = len(model.operatorCodes) - 1, inputs, [output]
    pad.builtinOptionsType, pad.builtinOptions = tflite.BuiltinOptions.PadOptions, tflite.PadOptionsT()
    return pad


if __name__ == "__main__":
    build_bundle(Path(sys.argv[1]))
