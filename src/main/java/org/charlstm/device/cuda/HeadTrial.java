package org.charlstm.device.cuda;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.charlstm.device.Activation;
import org.charlstm.device.Head;
import org.charlstm.device.HeadShape;
import org.charlstm.device.Linear;
import org.charlstm.device.LinearShape;
import org.charlstm.device.Operations;
import org.charlstm.device.Precision;
import org.charlstm.device.WeightLayout;
import org.charlstm.device.cuda.binding.CudaType;
import org.charlstm.device.cuda.context.CudaContext;
import org.charlstm.device.cuda.context.CudaGraph;
import org.charlstm.device.cuda.context.Race;
import org.charlstm.device.cuda.context.Resources;
import org.charlstm.device.cuda.memory.CudaDoubles;
import org.charlstm.device.cuda.memory.CudaInts;
import org.charlstm.device.cuda.memory.CudaMatrix;
import org.charlstm.device.cuda.memory.CudaMemory;

/** Whether a head in one launch computes on a GPU what its layers do, and which is the faster. */
final class HeadTrial implements AutoCloseable {
    private static final int SEED = 1;

    private final CudaContext context;
    private final Precision precision;
    private final HeadShape shape;
    private final WeightLayout below;
    private final WeightLayout top;
    private final CudaMemory memory;
    private final Way layers;
    private final Way inOne;
    private String finding = "";

    /** One way to do it, and what it gives. */
    private record Way(Runnable step, CudaMatrix dx, CudaMatrix gradients, CudaDoubles totals) {
    }

    /** Draws what both work on. */
    HeadTrial(CudaContext context, Precision precision, Operations operations, HeadShape shape,
            Function<CudaMemory, Head> maker) {
        this.context = context;
        this.precision = precision;
        this.shape = shape;
        below = operations.linearLayout(shape.inputs(), shape.units());
        top = operations.linearLayout(shape.units(), shape.symbols());
        memory = new CudaMemory(context, CudaType.ofActivations(precision));
        try {
            int rows = shape.firstRow(shape.parts().size());
            int size = below.size() + top.size();
            SplittableRandom random = new SplittableRandom(SEED);
            CudaMatrix weights = memory.flat(size);
            weights.write(random.doubles(size, -1, 1).map(value -> value / Math.sqrt(shape.units())).toArray());
            CudaMatrix x = memory.matrix(rows, shape.inputs());
            x.write(random.doubles((long) rows * shape.inputs(), -1, 1).toArray());
            CudaInts targets = memory.ints(rows);
            targets.write(random.ints(rows, 0, shape.symbols()).toArray());
            CudaDoubles count = memory.doubles(1);
            count.write(new double[] {rows});
            layers = layers(operations, weights, x, targets, count);
            inOne = inOne(maker, weights, x, targets, count);
        } catch (RuntimeException e) {
            Resources opened = new Resources();
            opened.add(memory::close);
            throw opened.closeAfter(e);
        }
    }

    private Way layers(Operations operations, CudaMatrix weights, CudaMatrix x, CudaInts targets,
            CudaDoubles count) {
        int rows = x.rows();
        Linear first = operations.linear(memory,
                new LinearShape(shape.inputs(), shape.units(), rows, shape.activation()), 0);
        Linear second = operations.linear(memory,
                new LinearShape(shape.units(), shape.symbols(), rows, Activation.LINEAR), below.size());
        CudaMatrix a = memory.matrix(rows, shape.units());
        CudaMatrix da = memory.matrix(rows, shape.units());
        CudaMatrix logits = memory.matrix(rows, shape.symbols());
        CudaMatrix dx = memory.matrix(rows, shape.inputs());
        CudaMatrix gradients = memory.flat(weights.columns());
        CudaDoubles totals = memory.doubles(3);
        return new Way(() -> {
            first.forward(weights, x, a);
            second.forward(weights, a, logits);
            operations.crossEntropy(logits, targets, count, logits, totals);
            second.backward(weights, a, logits, logits, da, gradients);
            first.backward(weights, x, a, da, dx, gradients);
        }, dx, gradients, totals);
    }

    private Way inOne(Function<CudaMemory, Head> maker, CudaMatrix weights, CudaMatrix x, CudaInts targets,
            CudaDoubles count) {
        Head head = maker.apply(memory);
        CudaMatrix dx = memory.matrix(x.rows(), shape.inputs());
        CudaMatrix gradients = memory.flat(weights.columns());
        CudaDoubles totals = memory.doubles(3);
        return new Way(() -> {
            for (int part = 0; part < shape.parts().size(); part++) {
                head.run(weights, x, targets, count, dx, part);
            }
            head.finish(totals, gradients);
        }, dx, gradients, totals);
    }

    /** Whether both compute the same, but for roundings; else warns. */
    boolean agrees() {
        layers.step.run();
        inOne.step.run();
        double[] expected = layers.totals.read();
        double[] actual = inOne.totals.read();
        boolean agree = near(new double[] {expected[0]}, new double[] {actual[0]})
                && near(layers.dx.read(), inOne.dx.read());
        double[] gradients = layers.gradients.read();
        double[] others = inOne.gradients.read();
        // Each tensor by itself, for they are of different sizes.
        agree &= near(below.unpack(gradients, 0), below.unpack(others, 0))
                && near(top.unpack(gradients, below.size()), top.unpack(others, below.size()));
        finding = agree ? "" : "one launch computes something else";
        if (!agree) {
            context.warn(title() + ": one launch computes something else on this GPU than its layers and is not used; "
                    + "please report it");
        }
        return agree;
    }

    private boolean near(double[][] expected, double[][] actual) {
        return IntStream.range(0, expected.length).allMatch(k -> near(expected[k], actual[k]));
    }

    /** Whether nothing differs by more than other roundings explain, as a share of the largest; NaN does. */
    private boolean near(double[] expected, double[] actual) {
        double allowed = switch (precision) {
            case FLOAT32 -> 1e-4;
            case TF32 -> 1e-2;
            case BF16 -> 0.1;
        } * Arrays.stream(expected).map(Math::abs).max().orElse(0);
        return IntStream.range(0, expected.length).noneMatch(i -> !(Math.abs(actual[i] - expected[i]) <= allowed));
    }

    /** Whether one launch is the faster, recorded if graphs are. */
    boolean isFaster(LongSupplier clock, boolean graphs) {
        try (Resources recorded = new Resources()) {
            List<Runnable> steps = Stream.of(layers.step, inOne.step)
                    .map(step -> graphs ? recorded(step, recorded) : step).toList();
            List<Double> seconds = List.copyOf(new Race(context, clock).medians(steps, Runnable::run, (step, e) -> {
                throw e;
            }).values());
            finding = String.format(Locale.ROOT, "layers %.3f ms, one launch %.3f ms", 1e3 * seconds.getFirst(),
                    1e3 * seconds.getLast());
            return seconds.getLast() < seconds.getFirst();
        }
    }

    private Runnable recorded(Runnable step, Resources resources) {
        CudaGraph graph = new CudaGraph(context, step);
        resources.add(graph::close);
        return graph::launch;
    }

    /** What it was about. */
    String title() {
        return String.format(Locale.ROOT, "head %d x %d x %d on %d rows", shape.inputs(), shape.units(),
                shape.symbols(), shape.firstRow(shape.parts().size()));
    }

    /** What was found. */
    String finding() {
        return finding;
    }

    @Override
    public void close() {
        memory.close();
    }
}
