package org.charlstm.cuda.panama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.classfile.Attributes;
import module java.base;
import org.bytedeco.javacpp.annotation.ByVal;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Epilogue;
import org.charlstm.cuda.RnnAlgorithm;
import org.charlstm.cuda.RnnCell;
import org.charlstm.cuda.RnnDataLayout;
import org.charlstm.cuda.binding.Cublas;
import org.charlstm.cuda.binding.CublasLt;
import org.charlstm.cuda.binding.CudaDriver;
import org.charlstm.cuda.binding.Cudnn;
import org.charlstm.cuda.binding.Nccl;
import org.charlstm.cuda.binding.NvidiaLibrary;
import org.charlstm.cuda.binding.StatusTable;
import org.junit.jupiter.api.Test;

/**
 * Bindings agree with signatures and enumerators that JavaCPP's preset of CUDA 13.1 took from NVIDIA's headers.
 * An argument is 16 bits, 32 bits, a float, or 64 bits, pointers among them; the rest of a C type makes no difference
 * to a call.
 */
class SignatureTest {
    private static final String PRESET = "org/bytedeco/cuda/global/";

    /** The preset drops the suffix behind a name that its header defines as a macro. */
    private static String unversioned(String name) {
        return name.startsWith("cu") && !name.startsWith("cublas") && !name.startsWith("cudnn")
                ? name.replaceAll("_v2$|WithFlags$", "") : name;
    }

    private static String kinds(List<String> types) {
        return types.stream().map(type -> switch (type) {
            case "int" -> "i";
            case "float" -> "f";
            case "short" -> "s";
            default -> "l";
        }).collect(Collectors.joining());
    }

    private static Set<String> declared(String name) throws ReflectiveOperationException {
        return all(name).map(method -> kinds(Arrays.stream(method.getParameterTypes()).map(Class::getName).toList()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<Method> all(String name) throws ReflectiveOperationException {
        List<Method> methods = new ArrayList<>();
        for (String file : List.of("cudart", "cublas", "cudnn", "nvrtc", "nccl")) {
            methods.addAll(List.of(Class.forName("org.bytedeco.cuda.global." + file, false,
                    SignatureTest.class.getClassLoader()).getDeclaredMethods()));
        }
        return methods.stream().filter(method -> method.getName().equals(unversioned(name)));
    }

    private static boolean isPresets(Method function) {
        return !function.getName().startsWith("charlstm_");
    }

    @Test
    void everyFunctionTakesWhatTheHeadersSay() throws ReflectiveOperationException {
        int checked = 0;
        for (Class<? extends NvidiaLibrary> table : Stub.TABLES) {
            for (Method function : PanamaCalls.functions(table).stream().filter(SignatureTest::isPresets).toList()) {
                Class<?> type = function.getReturnType();
                String bound = (type.isPrimitive() && type != void.class ? "l" : "") + kinds(Arrays
                        .stream(function.getParameterTypes()).map(Class::getName).toList());
                assertTrue(declared(function.getName()).contains(bound), function.getName() + " is bound with " + bound
                        + " but declared with " + declared(function.getName()));
                checked++;
            }
        }
        assertTrue(checked > 100, checked + " functions were checked");
    }

    /** Others return a status. */
    @Test
    void functionsThatReturnSomethingElseAreBoundSo() throws ReflectiveOperationException {
        for (Class<? extends NvidiaLibrary> table : Stub.TABLES) {
            for (Method function : PanamaCalls.functions(table).stream().filter(SignatureTest::isPresets).toList()) {
                Class<?> type = function.getReturnType();
                Set<String> returned = returned(function.getName());
                assertTrue(returned.contains(type == Void.class ? "void" : type == Long.class ? "l" : "i"),
                        function.getName() + " is bound with " + type + " but returns " + returned);
            }
        }
    }

    private static Set<String> returned(String name) throws ReflectiveOperationException {
        return all(name).map(Method::getReturnType).map(type -> type == void.class ? "void"
                : type == int.class ? "i" : "l").collect(Collectors.toSet());
    }

    /** It comes as 128 bytes, not as a pointer to them. */
    @Test
    void ncclsIdIsPassedByValue() throws ReflectiveOperationException {
        List<Method> declared = all("ncclCommInitRank").toList();
        assertEquals(2, declared.size());
        for (Method method : declared) {
            assertEquals("ncclUniqueId", method.getParameterTypes()[2].getSimpleName());
            assertTrue(method.getParameters()[2].isAnnotationPresent(ByVal.class));
        }
        assertEquals(byte[].class, Nccl.class.getMethod("ncclCommInitRank", int.class, byte[].class, int.class)
                .getParameterTypes()[1]);
    }

    private static Map<String, Integer> constants(String file) throws IOException {
        Map<String, Integer> constants = new HashMap<>();
        try (InputStream in = SignatureTest.class.getClassLoader().getResourceAsStream(PRESET + file + ".class")) {
            ClassModel model = ClassFile.of().parse(in.readAllBytes());
            model.fields().forEach(field -> field.findAttribute(Attributes.constantValue()).ifPresent(value -> {
                if (value.constant().constantValue() instanceof Integer number) {
                    constants.put(field.fieldName().stringValue(), number);
                }
            }));
        }
        return constants;
    }

    /** Reads a constant of ours by its name, private ones too. */
    private static int ours(Class<?> type, String name) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        assertTrue(Modifier.isStatic(field.getModifiers()));
        field.setAccessible(true);
        return field.getInt(null);
    }

    @Test
    void enumeratorsHaveTheHeadersValues() throws IOException, ReflectiveOperationException {
        Map<String, Integer> cudnn = constants("cudnn");
        Map.of("LINEAR_INPUT", "CUDNN_LINEAR_INPUT",
                "DEFAULT_MATH", "CUDNN_DEFAULT_MATH", "TENSOR_MATH", "CUDNN_TENSOR_OP_MATH", "FMA_MATH",
                "CUDNN_FMA_MATH", "PADDED_IO", "CUDNN_RNN_PADDED_IO_ENABLED",
                "ADD", "CUDNN_WGRAD_MODE_ADD")
                .forEach((name, theirs) -> {
                    try {
                        assertEquals(cudnn.get(theirs), ours(Cudnn.class, name), theirs);
                    } catch (ReflectiveOperationException e) {
                        throw new LinkageError(e.getMessage(), e);
                    }
                });
        for (RnnCell cell : RnnCell.values()) {
            assertEquals(cudnn.get(cell == RnnCell.RELU || cell == RnnCell.TANH ? "CUDNN_RNN_" + cell
                    : "CUDNN_" + cell), cell.code());
        }
        assertEquals(cudnn.get("CUDNN_UNIDIRECTIONAL"), 0);
        assertEquals(cudnn.get("CUDNN_BIDIRECTIONAL"), 1);
        Map<String, CudaType> cudnnTypes = Map.of("FLOAT", CudaType.FLOAT32, "BFLOAT16", CudaType.BFLOAT16, "HALF",
                CudaType.FLOAT16, "DOUBLE", CudaType.FLOAT64, "INT32", CudaType.INT32, "INT8", CudaType.INT8, "INT64",
                CudaType.INT64);
        cudnnTypes.forEach((name, type) -> assertEquals(cudnn.get("CUDNN_DATA_" + name), type.cudnnCode()));
        for (RnnAlgorithm algorithm : RnnAlgorithm.values()) {
            assertEquals(cudnn.get("CUDNN_RNN_ALGO_" + algorithm), algorithm.code());
        }
        Map.of("SEQ_MAJOR_UNPACKED", RnnDataLayout.BY_STEP, "SEQ_MAJOR_PACKED", RnnDataLayout.PACKED,
                "BATCH_MAJOR_UNPACKED", RnnDataLayout.BY_SEQUENCE).forEach(
                        (name, layout) -> assertEquals(
                                cudnn.get("CUDNN_RNN_DATA_LAYOUT_" + name), layout.code()));
        assertEquals(cudnn.get("CUDNN_RNN_DOUBLE_BIAS"), ours(Cudnn.class, "DOUBLE_BIAS"));
        Map<String, Integer> cublas = constants("cublas");
        assertEquals(cublas.get("CUBLAS_OP_N"), Cublas.AS_IS);
        assertEquals(cublas.get("CUBLAS_OP_T"), Cublas.TRANSPOSED);
        assertEquals(cublas.get("CUBLAS_PEDANTIC_MATH"), Cublas.PEDANTIC_MATH);
        assertEquals(cublas.get("CUBLAS_DEFAULT_MATH"), Cublas.DEFAULT_MATH);
        assertEquals(cublas.get("CUBLAS_TF32_TENSOR_OP_MATH"), Cublas.TF32_MATH);
        assertEquals(cublas.get("CUBLAS_COMPUTE_32F"), Cublas.COMPUTE_FLOAT32);
        assertEquals(cublas.get("CUBLAS_COMPUTE_64F"), Cublas.COMPUTE_FLOAT64);
        assertEquals(cublas.get("CUBLAS_GEMM_DEFAULT"), Cublas.DEFAULT_ALGORITHM);
        assertEquals(cublas.get("CUBLAS_POINTER_MODE_HOST"), Cublas.SCALARS_OF_HOST);
        assertEquals(cublas.get("CUBLAS_POINTER_MODE_DEVICE"), Cublas.SCALARS_OF_DEVICE);
        assertEquals(cublas.get("CUBLASLT_MATMUL_DESC_TRANSA"), CublasLt.OPERATION_A);
        assertEquals(cublas.get("CUBLASLT_MATMUL_DESC_TRANSB"), CublasLt.OPERATION_B);
        assertEquals(cublas.get("CUBLASLT_MATMUL_DESC_EPILOGUE"), CublasLt.EPILOGUE);
        assertEquals(cublas.get("CUBLASLT_MATMUL_DESC_BIAS_POINTER"), CublasLt.BIAS);
        assertEquals(cublas.get("CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES"), CublasLt.MOST_WORKSPACE);
        assertEquals(cublas.get("CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES"), CublasLt.ALIGNMENT_A);
        assertEquals(cublas.get("CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES"), CublasLt.ALIGNMENT_A + 3);
        assertEquals(cublas.get("CUBLAS_COMPUTE_32F_FAST_TF32"), CublasLt.COMPUTE_TF32);
        for (Epilogue epilogue : Epilogue.values()) {
            assertEquals(cublas.get("CUBLASLT_EPILOGUE_" + (epilogue == Epilogue.NONE ? "DEFAULT" : epilogue)),
                    epilogue.code());
        }
        Map<String, Integer> driver = constants("cudart");
        Map<String, CudaType> types = Map.of("R_32F", CudaType.FLOAT32, "R_16BF", CudaType.BFLOAT16, "R_16F",
                CudaType.FLOAT16, "R_64F", CudaType.FLOAT64, "R_32I", CudaType.INT32, "R_8I", CudaType.INT8, "R_16I",
                CudaType.INT16, "R_64I", CudaType.INT64);
        types.forEach((name, type) -> assertEquals(driver.get("CUDA_" + name), type.cudaCode()));
        assertEquals(driver.get("CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR"), CudaDriver.COMPUTE_CAPABILITY_MAJOR);
        assertEquals(driver.get("CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR"), CudaDriver.COMPUTE_CAPABILITY_MINOR);
        assertEquals(driver.get("CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN"),
                CudaDriver.SHARED_MEMORY_OPT_IN);
        assertEquals(driver.get("CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES"), CudaDriver.MAX_DYNAMIC_SHARED);
        assertEquals(driver.get("CU_STREAM_NON_BLOCKING"), CudaDriver.NON_BLOCKING);
        assertEquals(driver.get("CU_EVENT_DISABLE_TIMING"), CudaDriver.DISABLE_TIMING);
        assertEquals(driver.get("CU_MEMHOSTALLOC_PORTABLE"), CudaDriver.PORTABLE);
        assertEquals(driver.get("CUDA_ERROR_NOT_READY"), CudaDriver.NOT_READY);
        assertEquals(driver.get("CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE"), CudaDriver.GRAPH_EXEC_UPDATE_FAILURE);
        assertEquals(driver.get("CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION"), CudaDriver.CLUSTER_DIMENSION);
        assertEquals(driver.get("CU_LAUNCH_ATTRIBUTE_COOPERATIVE"), CudaDriver.COOPERATIVE);
        assertEquals(driver.get("CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION"),
                CudaDriver.PROGRAMMATIC_STREAM_SERIALIZATION);
        assertEquals(driver.get("CU_LAUNCH_ATTRIBUTE_PRIORITY"), CudaDriver.PRIORITY);
        assertEquals(driver.get("CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED"), CudaDriver.MEMORY_POOLS);
        assertEquals(driver.get("CU_MEMPOOL_ATTR_RELEASE_THRESHOLD"), CudaDriver.RELEASE_THRESHOLD);
        assertEquals(driver.get("CU_POINTER_ATTRIBUTE_CONTEXT"), CudaDriver.POINTER_CONTEXT);
        assertEquals(driver.get("CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL"), CudaDriver.POINTER_DEVICE);
        assertEquals(driver.get("CU_MEM_ATTACH_GLOBAL"), CudaDriver.ATTACH_GLOBAL);
        assertEquals(driver.get("CUDA_ERROR_INVALID_HANDLE"), CudaDriver.INVALID_HANDLE);
        assertEquals(driver.get("CUDA_ERROR_NOT_FOUND"), CudaDriver.NOT_FOUND);
        assertEquals(driver.get("CU_STREAM_CAPTURE_MODE_THREAD_LOCAL"), CudaDriver.CAPTURE_THREAD_LOCAL);
        Map<String, Integer> nccl = constants("nccl");
        assertEquals(nccl.get("NCCL_UNIQUE_ID_BYTES"), Nccl.ID_BYTES);
        assertEquals(nccl.get("ncclSum"), Nccl.SUM);
        assertEquals(nccl.get("ncclUint8"), Nccl.BYTE);
        assertEquals(nccl.get("ncclFloat32"), Nccl.FLOAT32);
        assertEquals(nccl.get("ncclFloat64"), Nccl.FLOAT64);
    }

    @Test
    void statusesHaveTheHeadersNamesAndValues() throws IOException {
        Map<StatusTable, String> presets = Map.of(StatusTable.DRIVER, "cudart", StatusTable.CUBLAS, "cublas",
                StatusTable.CUDNN, "cudnn", StatusTable.NVRTC, "nvrtc", StatusTable.NCCL, "nccl");
        for (StatusTable table : StatusTable.values()) {
            Map<String, Integer> constants = constants(presets.get(table));
            for (CudaException.Status status : table.statuses()) {
                if (!status.name().isEmpty()) {
                    assertEquals(constants.get(status.name()), status.code(), status.name());
                }
            }
        }
    }
}
