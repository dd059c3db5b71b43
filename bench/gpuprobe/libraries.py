"""Finds NVIDIA's libraries and binds the functions that charlstm's Java binding calls, by the same names."""
import ctypes
import os
import sys
from pathlib import Path

FOLDERS = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib",
           "/usr/local/cuda/lib64", "/usr/local/cuda/targets/x86_64-linux/lib", "/usr/local/nvidia/lib64",
           "/opt/cuda/lib64"]
# An l is a handle, a device pointer or a size: ctypes would take each for a 32-bit int if it were not told.
SIGNS = {"i": ctypes.c_int, "l": ctypes.c_uint64, "p": ctypes.c_void_p, "f": ctypes.c_float}

DRIVER = """cuInit i, cuDriverGetVersion p, cuDeviceGet pi, cuDeviceGetName pii, cuDeviceGetAttribute pii,
    cuDeviceTotalMem_v2 pi, cuDevicePrimaryCtxRetain pi, cuCtxSetCurrent l, cuMemAlloc_v2 pl, cuMemFree_v2 l,
    cuMemcpyHtoDAsync_v2 lpll, cuMemcpyDtoHAsync_v2 plll, cuMemsetD32Async lill, cuStreamCreateWithPriority pii,
    cuStreamSynchronize l, cuStreamBeginCapture_v2 li, cuStreamEndCapture lp, cuGraphInstantiateWithFlags pll,
    cuGraphLaunch ll, cuGraphDestroy l, cuGraphExecDestroy l, cuModuleLoadData pp, cuModuleUnload l,
    cuModuleGetFunction plp, cuLaunchKernel liiiiiiilpp"""
CUBLAS = """cublasGetProperty ip, cublasCreate_v2 p, cublasDestroy_v2 l, cublasSetStream_v2 ll,
    cublasSetWorkspace_v2 lll, cublasSetMathMode li, cublasSgemm_v2 liiiiiplilipli"""
CUDNN = """cudnnCreate p, cudnnSetStream ll, cudnnCreateDropoutDescriptor p, cudnnSetDropoutDescriptor llflll,
    cudnnCreateRNNDescriptor p, cudnnSetRNNDescriptor_v8 liiiiiiiiiiiili, cudnnDestroyRNNDescriptor l,
    cudnnBuildRNNDynamic lli, cudnnCreateRNNDataDescriptor p, cudnnSetRNNDataDescriptor liiiiipp,
    cudnnDestroyRNNDataDescriptor l, cudnnCreateTensorDescriptor p, cudnnSetTensorNdDescriptor liipp,
    cudnnGetTensorNdDescriptor lipppp, cudnnDestroyTensorDescriptor l, cudnnGetRNNWeightSpaceSize llp,
    cudnnGetRNNWeightParams llillilplp, cudnnGetRNNTempSpaceSizes llilpp, cudnnRNNForward llilllllllllllllllll,
    cudnnRNNBackwardData_v8 llllllllllllllllllllll, cudnnRNNBackwardWeights_v8 llilllllllllllll"""

# As charlstm sets it, before cuBLAS opens: cuDNN gives the same bits where all workspaces have one size.
WORKSPACES = "CUBLAS_WORKSPACE_CONFIG"
os.environ[WORKSPACES] = os.environ.get(WORKSPACES) or ":4096:2"


class Missing(Exception):
    """A library that is not here."""


class Refused(Exception):
    """A call that answered with a status other than 0."""

    def __init__(self, call, status, name, message=""):
        super().__init__(f"{call}: status {status} ({name}) {message}")
        self.answer = {"call": call, "status": status, "name": name}
        if message:
            self.answer["message"] = message


class Api:
    """A library's functions as methods that raise Refused; explain(status) gives a status' name and message."""

    def __init__(self, library, table, explain):
        for entry in table.split(","):
            name, signs = entry.split()
            setattr(self, name, self._checked(library, name, signs, explain))

    @staticmethod
    def _checked(library, name, signs, explain):
        try:
            function = bound(library, name, signs, ctypes.c_int)
        except AttributeError:
            raise Missing(f"no function {name}") from None

        def call(*arguments):
            status = function(*arguments)
            if status != 0:
                raise Refused(name, status, *explain(status))
        return call


def bound(library, name, signs, result):
    function = getattr(library, name)
    function.argtypes = [SIGNS[sign] for sign in signs]
    function.restype = result
    return function


def find(names, setting, companion=""):
    """Opens the first library that is where the user says, where the loader looks, or in one of the usual folders."""
    explicit = os.environ.get(setting)
    if explicit:
        try:
            return beside(Path(explicit).absolute(), companion)
        except OSError as e:
            raise Missing(f"{setting}: {e}") from None
    for name in names:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    wheels = [folder for entry in sys.path for folder in Path(entry or ".").glob("nvidia/*/lib")]
    for name in names:
        for folder in [*map(Path, FOLDERS), *wheels]:
            if (folder / name).exists():
                try:
                    return beside(folder / name, companion)
                except OSError:
                    continue
    raise Missing(f"no {' or '.join(names)}; set {setting} to its file")


def beside(file, companion):
    """Opens a file, before it those beside it that the loader does not find by itself."""
    for other in sorted(file.parent.glob(companion + "*")) if companion else []:
        ctypes.CDLL(str(other))
    return ctypes.CDLL(str(file))


def mapped(prefix):
    """The file names, without their folders, under which the process has libraries open."""
    with open("/proc/self/maps", encoding="utf-8") as lines:
        files = {line[line.index("/"):].strip() for line in lines if "/" in line}
    return sorted(name for name in map(os.path.basename, files) if name.startswith(prefix))


def driver():
    library = find(["libcuda.so.1"], "CHARLSTM_LIBCUDA")
    name_of = bound(library, "cuGetErrorName", "ip", ctypes.c_int)

    def explain(status):
        text = ctypes.c_char_p()
        return (text.value.decode() if name_of(status, ctypes.byref(text)) == 0 else "unknown",)
    return Api(library, DRIVER, explain)


def told(library, function):
    """A number that a library tells of itself, or None where it has no such function."""
    try:
        return bound(library, function, "", ctypes.c_uint64)()
    except AttributeError:
        return None


def built_for():
    """The major version of CUDA that cuDNN was built for, or None without a cuDNN: all libraries are of that one."""
    try:
        library = find(["libcudnn.so.9"], "CHARLSTM_LIBCUDNN")
    except Missing:
        return None
    return told(library, "cudnnGetCudartVersion") // 1000


def cublas(driver_version):
    """That of cuDNN's CUDA; without a cuDNN, the driver's or an older one."""
    majors = [built_for()] if built_for() else range(max(12, driver_version // 1000), 11, -1)
    library = find([f"libcublas.so.{major}" for major in majors], "CHARLSTM_LIBCUBLAS", "libcublasLt")
    name_of = bound(library, "cublasGetStatusName", "i", ctypes.c_char_p)
    return Api(library, CUBLAS, lambda status: (name_of(status).decode(),))


def cudnn():
    """cuDNN, which asks the loader by name for cuBLAS and NVRTC of its CUDA when it needs them: both are opened."""
    library = find(["libcudnn.so.9"], "CHARLSTM_LIBCUDNN")
    for name, setting, companion in (("cublas", "CHARLSTM_LIBCUBLAS", "libcublasLt"),
                                     ("nvrtc", "CHARLSTM_LIBNVRTC", "libnvrtc-builtins")):
        try:
            find([f"lib{name}.so.{built_for()}"], setting, companion)
        except Missing:
            # cuDNN tells of it itself, where it needs it.
            continue
    name_of = bound(library, "cudnnGetErrorString", "i", ctypes.c_char_p)
    last = bound(library, "cudnnGetLastErrorString", "pl", None)

    def explain(status):
        text = ctypes.create_string_buffer(512)
        last(text, 512)
        return name_of(status).decode(), " ".join(text.value.decode(errors="replace").split())
    api = Api(library, CUDNN, explain)
    api.build = {"version": told(library, "cudnnGetVersion"), "cudart": told(library, "cudnnGetCudartVersion"),
                 "newest_capability": told(library, "cudnnGetMaxDeviceVersion")}
    return api
