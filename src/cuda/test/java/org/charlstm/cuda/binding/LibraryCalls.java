package org.charlstm.cuda.binding;

import module java.base;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.RnnAlgorithm;
import org.charlstm.cuda.RnnDataLayout;
import org.charlstm.cuda.RnnDescription;
import org.charlstm.cuda.jcuda.JcudaBinding;
import org.charlstm.cuda.panama.PanamaBinding;
import org.charlstm.cuda.panama.PanamaCalls;

/**
 * Calls cuDNN and cuBLAS of a folder, NVIDIA's or the stand-ins, through a binding, and prints a line for each answer.
 * It is a program of its own: a process is simulated or real, and NVIDIA's log is set up before a library is loaded.
 */
public final class LibraryCalls {
    /** A device pointer that means nothing; each argument of a call gets another. */
    static final long POINTER = 0x1_0000_0000L;
    private static final List<Integer> TYPES = List.of(0, 9);

    private final LibrarySearch files;
    private final CudaBinding binding;
    private final Cudnn cudnn;
    private final boolean simulated;

    private LibraryCalls(String name, Path folder) {
        files = new LibrarySearch(Optional.of(folder));
        binding = name.equals("panama") ? new PanamaBinding() : new JcudaBinding();
        simulated = Files.exists(folder.resolve("libcuda.so.1"));
        if (simulated) {
            // The simulated GPU's cuDNN wants a context for everything; NVIDIA's makes descriptors without.
            CudaDriver driver = binding.driver(files);
            driver.cuCtxSetCurrent(driver.cuDevicePrimaryCtxRetain(driver.cuDeviceGet(0)));
        }
        files.cublas(List.of(12));
        cudnn = binding.cudnn(files);
    }

    /**
     * Calls.
     *
     * @param arguments the binding, the folder, and one of {@code versions}, {@code descriptors}, {@code calls},
     *                  {@code networks} or {@code weights}
     */
    public static void main(String[] arguments) {
        LibraryCalls calls = new LibraryCalls(arguments[0], Path.of(arguments[1]));
        switch (arguments[2]) {
            case "versions" -> calls.versions();
            case "descriptors" -> calls.descriptors();
            case "calls" -> calls.calls();
            case "networks" -> calls.networks().answers().forEach(System.out::println);
            case "weights" -> calls.networks().weights().forEach(System.out::println);
            default -> throw new IllegalArgumentException(arguments[2]);
        }
    }

    private RnnQuestions networks() {
        return new RnnQuestions(cudnn, simulated);
    }

    private static void say(String what, Object answer) {
        System.out.println(what + " = " + answer);
    }

    /** The status of a call, 0 if it succeeds. */
    private static int status(Runnable call) {
        try {
            call.run();
            return 0;
        } catch (CudaException e) {
            return e.status();
        }
    }

    private static void ask(String what, Runnable call) {
        say(what, status(call));
    }

    private void versions() {
        say("cuDNN", cudnn.versionText());
        say("built for", CudaLibraries.CudnnBuild.of(files.cudnn().symbols()).orElseThrow());
        say("cuBLAS", binding.cublas(files, List.of(12)).version());
        say("NVRTC", CudaDriver.versionText(binding.nvrtc(files, List.of(12)).version()));
        say("handle of cuDNN", status(cudnn::cudnnCreate));
        say("handle of cuBLAS", status(binding.cublas(files, List.of(12))::cublasCreate_v2));
    }

    private void network(int algorithm, int bias, int type, int sums, int math, int input, int hidden, int projection,
            int layers, int flags) {
        long rnn = cudnn.cudnnCreateRNNDescriptor();
        ask("network " + List.of(algorithm, bias, type, sums, math, input, hidden, projection, layers, flags),
                () -> cudnn.cudnnSetRNNDescriptor_v8(rnn, algorithm, 2, bias, 0, 0, type, sums, math, input, hidden,
                        projection, layers,
                        0, flags));
        cudnn.cudnnDestroyRNNDescriptor(rnn);
    }

    private void sequence(int type, int steps, int batch, int columns, int... lengths) {
        long sequence = cudnn.cudnnCreateRNNDataDescriptor();
        int[] all = lengths.length > 0 ? lengths : filled(batch, steps);
        ask("sequence " + List.of(type, steps, batch, columns) + " of " + (lengths.length > 0
                ? Arrays.toString(lengths) : "equal lengths"),
                () -> cudnn.cudnnSetRNNDataDescriptor(sequence, type, 0, steps, batch, columns, all, 0));
        cudnn.cudnnDestroyRNNDataDescriptor(sequence);
    }

    private static int[] filled(int count, int value) {
        int[] values = new int[Math.max(1, count)];
        Arrays.fill(values, value);
        return values;
    }

    private void tensor(int type, int[] sizes, int[] strides) {
        long tensor = cudnn.cudnnCreateTensorDescriptor();
        ask("tensor " + type + " " + Arrays.toString(sizes) + " by " + Arrays.toString(strides),
                () -> cudnn.cudnnSetTensorNdDescriptor(tensor, type, sizes.length, sizes, strides));
        cudnn.cudnnDestroyTensorDescriptor(tensor);
    }

    /** Every descriptor that there is, as it is and as it is refused. */
    private void descriptors() {
        for (int algorithm = 0; algorithm <= 4; algorithm++) {
            for (int bias = 0; bias <= 4; bias++) {
                for (int type : TYPES) {
                    for (int math = 0; math <= 4; math++) {
                        network(algorithm, bias, type, 0, math, 38, 128, 128, 1, 1);
                    }
                }
            }
        }
        for (int algorithm = 0; algorithm < 4; algorithm++) {
            for (int size : new int[] {-1, 0, 1, 3, 37, 129, 192, 193, 1537, 4096, 65_536}) {
                network(algorithm, 2, 0, 0, 3, size, 128, 128, 1, 1);
                network(algorithm, 2, 0, 0, 3, 38, size, size, 1, 1);
            }
            for (int layers : new int[] {-1, 0, 2, 8, 1000}) {
                network(algorithm, 2, 0, 0, 3, 38, 128, 128, layers, 1);
            }
            network(algorithm, 2, 0, 0, 3, 38, 128, 0, 1, 1);
            network(algorithm, 2, 0, 0, 3, 38, 128, 129, 1, 1);
            network(algorithm, 2, 0, 0, 3, 38, 128, 128, 1, 0);
            network(algorithm, 2, 0, 0, 3, 38, 128, 128, 1, 2);
            for (int sums : new int[] {1, 2, 9}) {
                network(algorithm, 2, 0, sums, 3, 38, 128, 128, 1, 1);
            }
        }
        for (int type : TYPES) {
            sequence(type, 173, 128, 38);
            for (int steps : new int[] {-1, 0, 1, 65_535, 65_536, 1 << 20}) {
                sequence(type, steps, 2, 38);
            }
        }
        for (int size : new int[] {-1, 0, 1, 65_536, 1 << 20}) {
            sequence(0, 3, size, 38);
            sequence(0, 3, 2, size);
        }
        sequence(0, 3, 2, Integer.MAX_VALUE);
        sequence(0, 3, 2, 5, 3, 1);
        sequence(0, 3, 2, 5, 1, 3);
        sequence(0, 3, 2, 5, 3, 0);
        sequence(0, 3, 2, 5, 3, 4);
        sequence(0, 3, 2, 5, -1, 3);
        for (int type : TYPES) {
            tensor(type, new int[] {1, 128, 128}, new int[] {128 * 128, 128, 1});
            tensor(type, new int[] {1, 1, 1 << 20, 1 << 10}, new int[] {1, 1, 1 << 10, 1});
        }
        tensor(0, new int[] {2}, new int[] {1});
        tensor(0, new int[] {2, 3}, new int[] {3, 1});
        tensor(0, filled(8, 1), filled(8, 1));
        tensor(0, filled(9, 1), filled(9, 1));
        tensor(0, new int[] {1, 0, 3}, new int[] {3, 3, 1});
        tensor(0, new int[] {8, 1 << 20, 1 << 10}, new int[] {1 << 30, 1 << 10, 1});
        tensor(0, new int[] {1, 1, Integer.MAX_VALUE}, new int[] {1, 1, 1});
        tensor(0, new int[] {1, 1 << 21, 1 << 10}, new int[] {1, 1 << 10, 1});
        RnnDescription small = RnnDescription.lstm(38, 128).with(RnnAlgorithm.PERSIST_STATIC_SMALL_H);
        Arrays.stream(Precision.values()).forEach(precision -> ask("LSTM in " + precision,
                () -> cudnn.cudnnDestroyRNNDescriptor(cudnn.createRnn(small.with(precision), 0))));
        SymbolLookup symbols = files.cudnn().symbols();
        for (String function : List.of("", "RNNDescriptor", "RNNDataDescriptor", "TensorDescriptor",
                "DropoutDescriptor")) {
            say("create into null: " + function, onNull(symbols, "cudnnCreate" + function));
            say("destroy null: " + function, onNull(symbols, "cudnnDestroy" + function));
        }
        for (int status = 0; status < 6000; status++) {
            say("status " + status, name(symbols, status));
        }
    }

    @SuppressWarnings("restricted")
    private static String name(SymbolLookup symbols, int status) {
        try {
            MemorySegment name = (MemorySegment) Linker.nativeLinker().downcallHandle(
                    symbols.findOrThrow("cudnnGetErrorString"), FunctionDescriptor.of(ValueLayout.ADDRESS
                            .withTargetLayout(MemoryLayout.sequenceLayout(200, ValueLayout.JAVA_BYTE)),
                            ValueLayout.JAVA_INT))
                    .invokeExact(status);
            return name.getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException("cudnnGetErrorString cannot be called", e);
        }
    }

    @SuppressWarnings("restricted")
    private static Object onNull(SymbolLookup symbols, String function) {
        try {
            return (int) Linker.nativeLinker().downcallHandle(symbols.findOrThrow(function), FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)).invokeExact(0L);
        } catch (Throwable e) {
            throw new IllegalStateException(function + " cannot be called", e);
        }
    }

    /** Descriptors of cuBLASLt, whose attributes have sizes; what needs a handle ends a process without one. */
    private static void lightCalls(CublasLt lt) {
        long value = Arena.global().allocate(Long.BYTES, Long.BYTES).address();
        ask("cublasLtDestroy", () -> lt.cublasLtDestroy(0));
        long product = lt.cublasLtMatmulDescCreate(CublasLt.COMPUTE_TF32, 0);
        long preference = lt.cublasLtMatmulPreferenceCreate();
        for (int bytes : new int[] {0, 4, 8}) {
            for (int attribute : new int[] {CublasLt.OPERATION_A, CublasLt.OPERATION_B, CublasLt.EPILOGUE,
                CublasLt.BIAS}) {
                ask("cublasLtMatmulDescSetAttribute " + attribute + " " + bytes,
                        () -> lt.cublasLtMatmulDescSetAttribute(product, attribute, value, bytes));
            }
            for (int attribute = CublasLt.ALIGNMENT_A; attribute < CublasLt.ALIGNMENT_A + 4; attribute++) {
                int each = attribute;
                ask("cublasLtMatmulPreferenceSetAttribute " + attribute + " " + bytes,
                        () -> lt.cublasLtMatmulPreferenceSetAttribute(preference, each, value, bytes));
            }
            ask("cublasLtMatmulPreferenceSetAttribute " + bytes, () -> lt.cublasLtMatmulPreferenceSetAttribute(
                    preference, CublasLt.MOST_WORKSPACE, value, bytes));
        }
        ask("cublasLtMatmulDescSetAttribute of nothing",
                () -> lt.cublasLtMatmulDescSetAttribute(product, CublasLt.EPILOGUE, 0, 4));
        ask("cublasLtMatmulDescSetAttribute of null",
                () -> lt.cublasLtMatmulDescSetAttribute(0, CublasLt.EPILOGUE, value, 4));
        ask("cublasLtMatrixLayoutCreate", () -> lt.cublasLtMatrixLayoutDestroy(lt.cublasLtMatrixLayoutCreate(-1, 0, -1,
                -2)));
        ask("cublasLtMatmulDescDestroy", () -> lt.cublasLtMatmulDescDestroy(product));
        ask("cublasLtMatmulPreferenceDestroy", () -> lt.cublasLtMatmulPreferenceDestroy(preference));
        ask("cublasLtMatmulDescDestroy of null", () -> lt.cublasLtMatmulDescDestroy(0));
        ask("cublasLtMatrixLayoutDestroy of null", () -> lt.cublasLtMatrixLayoutDestroy(0));
        ask("cublasLtMatmulPreferenceDestroy of null", () -> lt.cublasLtMatmulPreferenceDestroy(0));
    }

    /** A call of each kind that training and sampling make, without a handle; every argument has a value of its own. */
    private void calls() {
        long dropout = cudnn.cudnnCreateDropoutDescriptor();
        ask("cudnnSetDropoutDescriptor",
                () -> cudnn.cudnnSetDropoutDescriptor(dropout, 0, 0.25f, 13 * POINTER, 6666, 7777));
        long[] rnn = new long[1];
        RnnDescription description = RnnDescription.lstm(38, 128).withProjection(64).withLayers(3).inBothDirections();
        ask("cudnnSetRNNDescriptor_v8", () -> rnn[0] = cudnn.createRnn(description, 0));
        long x = cudnn.createSequence(CudaType.FLOAT32, RnnDataLayout.BY_STEP, 5, new int[] {5, 3}, 38);
        long y = cudnn.createSequence(CudaType.FLOAT32, RnnDataLayout.BY_STEP, 5, new int[] {5, 5}, 128);
        long h = cudnn.createState(CudaType.FLOAT32, 6, 2, 64);
        long c = cudnn.createState(CudaType.FLOAT32, 6, 2, 128);
        ask("cudnnDropoutGetStatesSize", () -> cudnn.dropoutStateBytes(0));
        ask("cudnnSetStream", () -> cudnn.cudnnSetStream(0, POINTER));
        ask("cudnnBuildRNNDynamic", () -> cudnn.cudnnBuildRNNDynamic(0, rnn[0], 7));
        ask("cudnnGetRNNWeightSpaceSize", () -> cudnn.weightBytes(0, rnn[0]));
        ask("cudnnGetRNNWeightParams", () -> cudnn.gateOffsets(0, rnn[0], 2, 1111, POINTER, 6));
        ask("cudnnGetRNNTempSpaceSizes", () -> cudnn.temporarySpace(0, rnn[0], true, x));
        Cudnn.RnnCall call =
                new Cudnn.RnnCall(0, rnn[0], x, y, h, c, 2222, POINTER, 3333, 2 * POINTER, 4444, 3 * POINTER);
        ask("cudnnRNNForward", () -> cudnn.forward(call, true, 4 * POINTER, 5 * POINTER,
                new Cudnn.State(6 * POINTER, 8 * POINTER), new Cudnn.State(7 * POINTER, 9 * POINTER)));
        ask("cudnnRNNForward for inference", () -> cudnn.forward(call, false, 4 * POINTER, 5 * POINTER,
                Cudnn.State.NONE, Cudnn.State.NONE));
        ask("cudnnRNNBackwardData_v8", () -> cudnn.backwardData(call, 4 * POINTER, 5 * POINTER, 6 * POINTER,
                new Cudnn.State(7 * POINTER, 10 * POINTER), new Cudnn.State(8 * POINTER, 11 * POINTER),
                new Cudnn.State(9 * POINTER, 12 * POINTER)));
        ask("cudnnRNNBackwardWeights_v8", () -> cudnn.backwardWeights(call, 4 * POINTER, 5 * POINTER, 6 * POINTER,
                7 * POINTER));
        Cublas cublas = binding.cublas(files, List.of(12));
        ask("cublasSetStream_v2", () -> cublas.cublasSetStream_v2(0, POINTER));
        ask("cublasSetWorkspace_v2", () -> cublas.cublasSetWorkspace_v2(0, POINTER, 5555));
        ask("cublasSetMathMode", () -> cublas.cublasSetMathMode(0, Cublas.TF32_MATH));
        Cublas.Product sgemm = new Cublas.Product(Cublas.TRANSPOSED, Cublas.AS_IS, 11, 12, 13, 14, 15, 16,
                CudaType.FLOAT32, CudaType.FLOAT32);
        ask("cublasSgemm_v2", () -> cublas.multiply(0, sgemm, 1, POINTER, 2 * POINTER, 0, 3 * POINTER));
        Cublas.Product gemmEx = new Cublas.Product(Cublas.AS_IS, Cublas.TRANSPOSED, 21, 22, 23, 24, 25, 26,
                CudaType.BFLOAT16, CudaType.FLOAT32);
        ask("cublasGemmEx", () -> cublas.multiply(0, gemmEx, 1, POINTER, 2 * POINTER, 0, 3 * POINTER));
        lightCalls(PanamaCalls.open(CublasLt.class, files.cublasLt(cublas.place(), cublas.major())));
        Cublas.Product batched = new Cublas.Product(Cublas.AS_IS, Cublas.AS_IS, 31, 32, 33, 34, 35, 36,
                CudaType.FLOAT64, CudaType.FLOAT64, 37, 38, 39, 40);
        ask("cublasSetPointerMode_v2", () -> cublas.cublasSetPointerMode_v2(0, Cublas.SCALARS_OF_DEVICE));
        ask("cublasGemmBatchedEx", () -> cublas.multiplyBatch(0, gemmEx, 7, 1,
                new Cublas.Arrays(POINTER, 2 * POINTER, 3 * POINTER), 0));
        ask("cublasSgemv_v2", () -> cublas.multiplyVector(0, new Cublas.Product(Cublas.TRANSPOSED, 0, 41, 42, 1, 43,
                44, 45, CudaType.FLOAT32, CudaType.FLOAT32), 1, POINTER, 2 * POINTER, 0, 3 * POINTER));
        ask("cublasDgemv_v2", () -> cublas.multiplyVector(0, new Cublas.Product(Cublas.AS_IS, 0, 51, 52, 1, 53, 54, 55,
                CudaType.FLOAT64, CudaType.FLOAT64), 1, POINTER, 2 * POINTER, 0, 3 * POINTER));
        ask("cublasAxpyEx", () -> cublas.axpy(0, CudaType.FLOAT16, 61, 1, POINTER, 2 * POINTER));
        ask("cublasScalEx", () -> cublas.scal(0, CudaType.FLOAT64, 62, 1, POINTER));
        ask("cublasDotEx", () -> cublas.dot(0, CudaType.BFLOAT16, 63, POINTER, 2 * POINTER, 3 * POINTER));
        ask("cublasNrm2Ex", () -> cublas.nrm2(0, CudaType.FLOAT32, 64, POINTER, 2 * POINTER));
        ask("cublasGemmStridedBatchedEx", () -> cublas.multiply(0, batched, 1, POINTER, 2 * POINTER, 0, 3 * POINTER));
    }
}
