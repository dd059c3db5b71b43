package org.charlstm.device.gpu;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.charlstm.cuda.CudaContext;
import org.charlstm.cuda.CudaException;
import org.charlstm.cuda.CudaGraph;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.Precision;
import org.charlstm.cuda.Resources;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Head;
import org.charlstm.device.Operations;
import org.charlstm.device.WeightLayout;

/** Whether a head in one launch computes on a GPU what its layers do, and which is the faster. */
final class HeadTrial {
    private static final int SEED = 1;
    /** Rows at most of what is looked at. */
    private static final int CHECKED_ROWS = 512;

    private final CudaContext context;
    private final Precision precision;
    private final Operations operations;
    private final Head.Shape shape;
    private final HeadAbove.Maker maker;
    private final WeightLayout below;
    private final WeightLayout top;

    /** One way to do it, and what it gives. */
    private record Way(Runnable step, GpuMatrix dx, GpuMatrix gradients, GpuDoubles totals) {
    }

    /** What both ways work on. */
    private record Given(GpuMemory memory, Head.Shape shape, GpuMatrix weights, GpuMatrix x, GpuInts targets,
            GpuDoubles count) {
    }

    /**
     * Nothing is tried yet.
     *
     * @param shape all rows in one part
     * @param maker makes the head in one launch
     */
    HeadTrial(CudaContext context, Precision precision, Operations operations, Head.Shape shape,
            HeadAbove.Maker maker) {
        this.context = context;
        this.precision = precision;
        this.operations = operations;
        this.shape = shape;
        this.maker = maker;
        below = operations.denseLayout(shape.inputs(), shape.units());
        top = operations.denseLayout(shape.units(), shape.symbols());
    }

    private Given given(GpuMemory memory, Head.Shape of) {
        int rows = of.firstRow(of.parts().size());
        SplittableRandom random = new SplittableRandom(SEED);
        double limit = 1 / Math.sqrt(Math.max(shape.inputs(), shape.units()));
        double[] first = random.doubles((long) shape.inputs() * shape.units(), -limit, limit).toArray();
        // Sums far from 0, so that no rounding decides what a ReLU lets through.
        double[] firstBias = IntStream.range(0, shape.units()).mapToDouble(d -> d % 3 == 2 ? -3 : 3).toArray();
        double[] second = random.doubles((long) shape.units() * shape.symbols(), -limit, limit).toArray();
        double[] flat = new double[below.size() + top.size()];
        below.pack(new double[][] {first, firstBias}, flat, 0);
        top.pack(new double[][] {second, new double[shape.symbols()]}, flat, below.size());
        GpuMatrix weights = memory.flat(flat.length);
        weights.write(flat);
        GpuMatrix x = memory.matrix(rows, shape.inputs());
        DrawnNumbers.write(context, x, x.count(), 1);
        GpuInts targets = memory.ints(rows);
        targets.write(random.ints(rows, 0, shape.symbols()).toArray());
        GpuDoubles count = memory.doubles(1);
        count.write(new double[] {rows});
        return new Given(memory, of, weights, x, targets, count);
    }

    private Way layers(Given given) {
        int rows = given.x.rows();
        GpuMemory memory = given.memory;
        Dense first = operations.dense(memory,
                new Dense.Shape(shape.inputs(), shape.units(), rows, shape.activation()), 0);
        Dense second = operations.dense(memory,
                new Dense.Shape(shape.units(), shape.symbols(), rows, Activation.LINEAR), below.size());
        GpuMatrix a = memory.matrix(rows, shape.units());
        GpuMatrix da = memory.matrix(rows, shape.units());
        GpuMatrix logits = memory.matrix(rows, shape.symbols());
        GpuMatrix dx = memory.matrix(rows, shape.inputs());
        GpuMatrix gradients = memory.flat(given.weights.columns());
        GpuDoubles totals = memory.doubles(Operations.TOTALS);
        return new Way(() -> {
            first.forward(given.weights, given.x, a);
            second.forward(given.weights, a, logits);
            operations.crossEntropy(logits, given.targets, given.count, logits, totals);
            second.backward(given.weights, a, logits, logits, da, gradients);
            first.backward(given.weights, given.x, a, da, dx, gradients);
        }, dx, gradients, totals);
    }

    private Way inOne(Given given) {
        Head head = maker.head(given.memory, given.shape);
        GpuMatrix dx = given.memory.matrix(given.x.rows(), shape.inputs());
        GpuMatrix gradients = given.memory.flat(given.weights.columns());
        GpuDoubles totals = given.memory.doubles(Operations.TOTALS);
        return new Way(() -> {
            for (int part = 0; part < given.shape.parts().size(); part++) {
                head.run(given.weights, given.x, given.targets, given.count, dx, part);
            }
            head.finish(totals, gradients);
        }, dx, gradients, totals);
    }

    /** Whether both compute the same of some rows, in several parts if there are as many, but for roundings. */
    boolean agrees() {
        int rows = Math.min(shape.firstRow(1), CHECKED_ROWS);
        Head.Shape checked = new Head.Shape(shape.inputs(), shape.units(), shape.symbols(), shape.activation(),
                rows == 1 ? List.of(1) : List.of(rows / 2, rows - rows / 2));
        try (GpuMemory memory = memory()) {
            Given given = given(memory, checked);
            Way layers = layers(given);
            Way inOne = inOne(given);
            layers.step.run();
            inOne.step.run();
            double[] gradients = layers.gradients.read();
            double[] others = inOne.gradients.read();
            return near(new double[] {layers.totals.read()[0]}, new double[] {inOne.totals.read()[0]})
                    && near(layers.dx.read(), inOne.dx.read())
                    // Each tensor by itself, for they are of different sizes.
                    && near(below.unpack(gradients, 0), below.unpack(others, 0))
                    && near(top.unpack(gradients, below.size()), top.unpack(others, below.size()));
        }
    }

    private GpuMemory memory() {
        return new GpuMemory(context, CudaType.ofActivations(precision));
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

    /**
     * Seconds that the layers take, and one launch of all rows: parts are for running beside the LSTM's steps, to whose
     * time they do not add.
     *
     * @param graphs whether steps are recorded
     */
    List<Double> seconds(LongSupplier clock, boolean graphs) {
        try (GpuMemory memory = memory(); Resources recorded = new Resources()) {
            Given given = given(memory, shape);
            List<Runnable> steps = Stream.of(layers(given), inOne(given))
                    .map(way -> graphs ? recorded(way.step, recorded) : way.step).toList();
            return List.copyOf(new Race(context, clock).medians(steps, Runnable::run, (step, e) -> {
                throw e;
            }).values());
        }
    }

    /** The step itself where it cannot be recorded. */
    private Runnable recorded(Runnable step, Resources resources) {
        step.run();
        try {
            CudaGraph graph = new CudaGraph(context, step);
            resources.add(graph::close);
            return graph::launch;
        } catch (CudaException e) {
            context.requireAfter(e);
            return step;
        }
    }
}
