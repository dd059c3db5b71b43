package org.charlstm.train;

import java.lang.reflect.Proxy;
import module java.base;
import org.charlstm.cuda.Precision;
import org.charlstm.device.Dense;
import org.charlstm.device.Device;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.UpdateRule;
import org.charlstm.device.spi.ComposedOperations;
import org.charlstm.device.spi.Head;
import org.charlstm.device.spi.Stopwatch;
import org.jspecify.annotations.Nullable;

/**
 * A device that delegates every operation to another device and times it. On request each kernel of an operation is
 * timed too; the operation's own name then has the rest of its time. This device captures no steps.
 */
final class TimedDevice implements Device {
    /** The environment variable that requests times of kernels. */
    private static final String SETTING = "CHARLSTM_KERNEL_TIMES";

    private final Device device;
    private final Operations operations;
    private final Stopwatch stopwatch;
    /** For each mark, the name of the work before the mark; empty for time between operations. */
    private final List<String> marked = new ArrayList<>();
    /** The operation that is being called; empty between operations. */
    private String operation = "";

    /** Whether the environment requests times of kernels. */
    static boolean timesKernels() {
        return System.getenv(SETTING) != null;
    }

    TimedDevice(Device device) {
        this(device, timesKernels());
    }

    /** A device that also times single kernels if {@code kernels} is true. */
    TimedDevice(Device device, boolean kernels) {
        this.device = device;
        Class<? extends Operations> kind = ComposedOperations.of(device.operations()).isPresent()
                ? ComposedOperations.class : Operations.class;
        operations = timed(kind, device.operations(), "");
        stopwatch = Stopwatch.of(device);
        if (kernels) {
            stopwatch.markLaunches(kernel -> marked
                    .add(kernel.isEmpty() || operation.isEmpty() ? operation : operation + ": " + kernel));
        }
    }

    /** Waits for all operations since the last call and returns their times, in the order of their first calls. */
    List<OperationTime> laps() {
        double[] laps = stopwatch.laps();
        Map<String, Double> seconds = new LinkedHashMap<>();
        for (int i = 0; i < laps.length; i++) {
            if (!marked.get(i + 1).isEmpty()) {
                seconds.merge(marked.get(i + 1), laps[i], Double::sum);
            }
        }
        marked.clear();
        return seconds.entrySet().stream().map(each -> new OperationTime(each.getKey(), each.getValue())).toList();
    }

    private <T> T timed(Class<T> type, Object target, String prefix) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
                (proxy, method, arguments) -> call(target, method, arguments, prefix)));
    }

    private @Nullable Object call(Object target, Method method, Object[] arguments, String prefix) throws Throwable {
        try {
            if (method.getReturnType() != void.class) {
                Object result = method.invoke(target, arguments);
                return switch (result) {
                    case Rnn layer ->
                        new InOnePart(timed(Rnn.class, layer, ((Rnn.Shape) arguments[1]).layers().cell().kind() + " "));
                    case Dense layer -> timed(Dense.class, layer, label((Dense.Shape) arguments[1]));
                    case Optional<?> perhaps ->
                        perhaps.map(each -> each instanceof Head head ? timed(Head.class, head, "head ") : each);
                    default -> result;
                };
            }
            if (arguments[0] instanceof Runnable work) {
                // Run them one after the other: concurrent operations could not be timed.
                work.run();
                ((Runnable) arguments[1]).run();
                return null;
            }
            stopwatch.mark();
            marked.add("");
            operation = prefix + (arguments[0] instanceof UpdateRule rule ? label(rule) : method.getName());
            method.invoke(target, arguments);
            stopwatch.mark();
            marked.add(operation);
            return null;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        } finally {
            operation = "";
        }
    }

    /** An RNN that gives its output in one part: concurrent operations could not be timed. */
    private record InOnePart(Rnn rnn) implements Rnn {
        @Override
        public void forward(Matrix weights, Input input, Rnn.@Nullable State state, Matrix output) {
            rnn.forward(weights, input, state, output);
        }

        @Override
        public void backward(Matrix weights, Input input, Matrix output, Matrix outputGradient,
                @Nullable Matrix inputGradient, Rnn.@Nullable State stateGradient, Matrix gradients) {
            rnn.backward(weights, input, output, outputGradient, inputGradient, stateGradient, gradients);
        }
    }

    private static String label(UpdateRule rule) {
        String name = rule.getClass().getSimpleName();
        return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    }

    private static String label(Dense.Shape shape) {
        return "dense " + shape.inputs() + "x" + shape.outputs() + " ";
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public String description() {
        return device.description();
    }

    @Override
    public String hardware() {
        return device.hardware();
    }

    @Override
    public Precision precision() {
        return device.precision();
    }

    @Override
    public boolean runsBehind() {
        return device.runsBehind();
    }

    @Override
    public Lease lease() {
        return device.lease();
    }

    @Override
    public Memory memory() {
        return device.memory();
    }

    @Override
    public Operations operations() {
        return operations;
    }

    @Override
    public void close() {
        stopwatch.close();
    }
}
