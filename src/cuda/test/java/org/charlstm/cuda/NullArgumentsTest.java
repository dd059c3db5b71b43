package org.charlstm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.cuda.CudnnRnn.Shape;
import org.charlstm.cuda.CudnnRnn.State;
import org.charlstm.cuda.SimulatedGpu;
import org.charlstm.machine.Need;
import org.charlstm.machine.Needs;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every public method and constructor, with null for each argument that may not be null: a line names it. */
@Needs(Need.SIMULATED_GPU)
class NullArgumentsTest {
    private static final List<Class<?>> PUBLIC = List.of(Cuda.class, CudaBlas.class, CudaBuffer.class, CudaEvent.class,
            CudaGraph.class, CudaKernel.class, CudaMemory.class, CudaModule.class, CudaOptions.class,
            CudaProperties.class, CudaSource.class, CudaStopwatch.class, CudaStream.class, CudaType.class,
            CudnnRnn.class, Shape.class, State.class, CudnnRnn.Space.class, CudaRows.class, Gemm.class, Grid.class,
            Grid.Attributes.class, HostBuffer.class, KernelLaunch.class, CudaVectors.class, GemmBatch.class,
            GemmPlan.class,
            KernelSignature.class, KernelSignature.Parameter.class, NcclCommunicator.class, Nvtx.class,
            RnnDescription.class,
            RnnWeights.class, RnnWeights.Weight.class);
    /** Whose buffers have to be of float32. */
    private static final Set<Class<?>> FLOATS =
            Set.of(CudaBlas.class, CudaVectors.class, CudnnRnn.class, GemmPlan.class);
    private static final String ADD = "add(int* values, int amount, int n)";
    private static final Set<String> OF_RECORDS = Set.of("equals", "valueOf");

    private final Map<Class<?>, Object> samples = new HashMap<>();
    private final List<String> bare = new ArrayList<>();
    private @Nullable CudaBuffer floats;
    private int tried;

    private <T> T sample(Class<T> type, T value) {
        samples.put(type, value);
        return value;
    }

    @Test
    void aLineNamesTheArgument() throws ReflectiveOperationException {
        try (Resources resources = new Resources(); Arena arena = Arena.ofConfined()) {
            Cuda gpu = sample(Cuda.class, Gpus.open("panama"));
            resources.add(gpu::close);
            CudaModule module = sample(CudaModule.class, gpu.load("kernels", SimulatedGpu.builtIn()));
            resources.add(module::close);
            CudaKernel kernel = sample(CudaKernel.class, module.kernel(ADD));
            CudaBuffer ints = sample(CudaBuffer.class, gpu.ints(1, 2));
            resources.add(ints::close);
            floats = gpu.allocate(CudaType.FLOAT32, 100);
            resources.add(floats::close);
            sample(KernelLaunch.class, kernel.prepare(Grid.of(1, 1), ints, 1, 1));
            CudaStream stream = sample(CudaStream.class, gpu.newStream(0));
            resources.add(stream::close);
            CudaEvent event = sample(CudaEvent.class, gpu.newEvent());
            resources.add(event::close);
            CudaStopwatch watch = sample(CudaStopwatch.class, gpu.newStopwatch());
            resources.add(watch::close);
            HostBuffer host = sample(HostBuffer.class, gpu.pinned(CudaType.INT32, 2));
            resources.add(host::close);
            CudaGraph graph = sample(CudaGraph.class, gpu.record(() -> ints.fill(1)));
            resources.add(graph::close);
            CudnnRnn rnn = sample(CudnnRnn.class, gpu.rnn(RnnDescription.gru(1, 1), Shape.of(1, 1, true)));
            resources.add(rnn::close);
            CudnnRnn.Space space = sample(CudnnRnn.Space.class, rnn.newSpace());
            resources.add(space::close);
            NcclCommunicator ranks = sample(NcclCommunicator.class,
                    gpu.join(NcclCommunicator.newId(CudaOptions.SIMULATED), 1, 0));
            resources.add(ranks::close);
            sample(CudaBlas.class, gpu.blas());
            sample(CudaMemory.class, gpu.memory());
            sample(CudaRows.class, new CudaRows(ints, 0, 1, 1, 1));
            sample(Grid.Attributes.class, Grid.Attributes.NONE);
            sample(OptionalInt.class, OptionalInt.empty());
            sample(CudaVectors.class, gpu.blas().vectors());
            GemmBatch batch = sample(GemmBatch.class, gpu.blas().batch(Gemm.of(1, 1, 1), List.of(floats.view(0, 1)),
                    List.of(floats.view(1, 1)), List.of(floats.view(2, 1))));
            resources.add(batch::close);
            GemmPlan plan = sample(GemmPlan.class, gpu.blas().plan(Gemm.of(1, 1, 1), Epilogue.BIAS));
            resources.add(plan::close);
            sample(Epilogue.class, Epilogue.BIAS);
            sample(CudaProperties.class, gpu.properties());
            sample(CudaOptions.class, CudaOptions.SIMULATED);
            sample(CudaSource.class, CudaSource.of("a.cu", ""));
            sample(CudaType.class, CudaType.INT32);
            sample(Shape.class, rnn.shape());
            sample(State.class, State.NONE);
            sample(Gemm.class, Gemm.of(1, 1, 1));
            sample(Grid.class, Grid.of(1, 1));
            sample(KernelSignature.class, kernel.signature());
            sample(KernelSignature.Parameter.class, kernel.signature().parameters().getFirst());
            sample(KernelSignature.Kind.class, KernelSignature.Kind.INT);
            sample(RnnDescription.class, rnn.description());
            sample(RnnWeights.class, rnn.weights());
            sample(RnnWeights.Weight.class, rnn.weights().all().getFirst());
            sample(RnnCell.class, RnnCell.GRU);
            sample(RnnDataLayout.class, RnnDataLayout.BY_STEP);
            sample(RnnAlgorithm.class, RnnAlgorithm.STANDARD);
            sample(Precision.class, Precision.FLOAT32);
            sample(Binding.class, Binding.AUTO);
            sample(String.class, ADD);
            sample(Path.class, Path.of("no such file"));
            sample(MemorySegment.class, arena.allocate(ValueLayout.JAVA_INT));
            sample(FloatBuffer.class, FloatBuffer.allocate(1));
            sample(Map.class, Map.of());
            sample(List.class, List.of());
            sample(Class.class, NullArgumentsTest.class);
            sample(Runnable.class, () -> {});
            for (Class<?> type : PUBLIC) {
                for (Constructor<?> constructor : type.getConstructors()) {
                    tryNulls(null, constructor);
                }
                for (Method method : type.getDeclaredMethods()) {
                    if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic()
                            && !OF_RECORDS.contains(method.getName())) {
                        tryNulls(Modifier.isStatic(method.getModifiers()) ? null : samples.get(type), method);
                    }
                }
            }
        }
        assertTrue(tried > 100, "only " + tried + " arguments were tried");
        assertEquals("", String.join("\n", bare));
    }

    private void tryNulls(@Nullable Object on, Executable what) throws ReflectiveOperationException {
        Class<?>[] types = what.getParameterTypes();
        for (int i = 0; i < types.length; i++) {
            boolean may = what.getAnnotatedParameterTypes()[i].isAnnotationPresent(Nullable.class)
                    || types[i].getPackageName().equals("org.charlstm.cuda.binding");
            if (!types[i].isPrimitive() && !may) {
                Object[] arguments = Arrays.stream(types).map(this::value).toArray();
                if (FLOATS.contains(what.getDeclaringClass())) {
                    Arrays.setAll(arguments, at -> types[at] == CudaBuffer.class ? floats : arguments[at]);
                }
                arguments[i] = null;
                tried++;
                String name = what.getDeclaringClass().getSimpleName() + "." + what.getName() + Arrays.toString(Arrays
                        .stream(types).map(Class::getSimpleName).toArray()) + " argument " + (i + 1) + ": ";
                try {
                    if (what instanceof Method method) {
                        method.invoke(on, arguments);
                    } else {
                        ((Constructor<?>) what).newInstance(arguments);
                    }
                    bare.add(name + "taken");
                } catch (InvocationTargetException e) {
                    String message = String.valueOf(e.getCause().getMessage());
                    if (!(e.getCause() instanceof NullPointerException) || !message.matches("[a-zA-Z' ]+ is null")) {
                        bare.add(name + e.getCause().getClass().getSimpleName() + " " + message);
                    }
                }
            }
        }
    }

    private Object value(Class<?> type) {
        if (type.isArray()) {
            return java.lang.reflect.Array.newInstance(type.getComponentType(), 1);
        }
        return type == int.class ? (Object) 1 : type == long.class ? (Object) 1L : type == boolean.class ? (Object) true
                : type == double.class ? (Object) 0.5 : type == float.class ? (Object) 1f
                : type == short.class ? (Object) (short) 1 : samples.get(type);
    }
}
