package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.PANEL;

import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.Operations;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.Rnn;
import org.charlstm.device.Rnn.Input;
import org.charlstm.device.Rnn.InputShape;
import org.charlstm.device.cpu.rnn.CpuRnn;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.Lanes;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.device.host.HostDoubles;
import org.charlstm.device.host.HostInts;
import org.charlstm.device.spi.Head;

/**
 * Runs very small training steps until the JVM has compiled their loops. Until then, vectors are objects on the heap,
 * and a large step takes 20 times as long; small steps serve the compiler equally well and leave it a processor.
 */
final class WarmUp {
    private static final int STEPS = 4;
    /** Whole tiles of rows, panels of units, and half a panel of symbols run the loops that most models use. */
    private static final int BATCH = CpuRnn.GROUP;
    private static final int SYMBOLS = PANEL + COUNT / 2;
    private static final int ROWS = STEPS * BATCH;
    /** The warm-up ends after ENOUGH passes below COMPILED nanoseconds, or after LIMIT nanoseconds. */
    private static final long COMPILED = 1_000_000;
    private static final int ENOUGH = 200;
    private static final long LIMIT = 2_000_000_000;
    /** Elements of h from which on a network waits for the warm-up. */
    private static final long LARGE = 1 << 20;

    private static final Thread THREAD =
            Thread.ofPlatform().daemon().name("charlstm-cpu-warm-up").unstarted(WarmUp::run);
    private static final AtomicBoolean BEGUN = new AtomicBoolean();

    private WarmUp() {
    }

    /** Starts the warm-up in the background, once per process. */
    static void begin() {
        if (!BEGUN.getAndSet(true)) {
            THREAD.start();
        }
    }

    /** Waits for the end of the warm-up if a network's steps are large. */
    static void before(Rnn.Shape shape) {
        if (shape.training() && (long) shape.rows() * shape.hidden() >= LARGE) {
            begin();
            try {
                THREAD.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static CpuMatrix matrix(int rows, int columns) {
        int stride = Lanes.padded(columns);
        return new CpuMatrix(rows, columns, stride, CpuMatrix.floats((long) rows * stride));
    }

    private static void run() {
        try (Workers alone = new Workers(1)) {
            Rnn.Layers layers = new Rnn.Layers(InputShape.ofIds(SYMBOLS), PANEL, 1, RecurrentCell.Lstm.SIGMOID);
            int top = CpuRnn.layout(layers).size();
            int size = top + new CpuDense.Layout(PANEL, PANEL).size() + new CpuDense.Layout(PANEL, SYMBOLS).size();
            CpuMatrix weights = matrix(1, size);
            CpuMatrix gradients = matrix(1, size);
            CpuMatrix output = matrix(ROWS, PANEL);
            CpuMatrix outputGradient = matrix(ROWS, PANEL);
            HostInts ids = new HostInts(IntStream.range(0, ROWS).map(row -> row % SYMBOLS).toArray());
            HostDoubles count = new HostDoubles(new double[] {ROWS});
            HostDoubles totals = new HostDoubles(new double[Operations.TOTALS]);
            CpuRnn rnn = new CpuRnn(alone, new Rnn.Shape(layers, STEPS, BATCH, true), 0);
            CpuHead head = new CpuHead(alone, new Head.Shape(PANEL, PANEL, SYMBOLS, Activation.RELU, List.of(ROWS)),
                    top);
            Input input = new Input.Ids(ids);
            int compiled = 0;
            long start = System.nanoTime();
            while (compiled < ENOUGH && System.nanoTime() - start < LIMIT) {
                long pass = System.nanoTime();
                rnn.forward(weights, input, null, output);
                head.run(weights, output, ids, count, outputGradient, 0);
                head.finish(totals, gradients);
                rnn.backward(weights, input, output, outputGradient, null, null, gradients);
                compiled += System.nanoTime() - pass < COMPILED ? 1 : 0;
            }
        }
    }
}
