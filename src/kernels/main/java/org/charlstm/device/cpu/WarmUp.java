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
    /** The second step is the first that multiplies by h. */
    private static final int STEPS = 2;
    /** Whole tiles of rows, panels of units, and half a panel of symbols run the loops that most models use. */
    private static final int BATCH = CpuRnn.GROUP;
    private static final int SYMBOLS = PANEL + COUNT / 2;
    private static final int ROWS = STEPS * BATCH;
    /** The warm-up ends after ENOUGH passes below COMPILED nanoseconds; other processes may delay any pass. */
    private static final long COMPILED = 500_000;
    private static final int ENOUGH = 50;
    /** The most passes, for a JVM that compiles nothing or little. */
    private static final int MOST = 400;
    /** Elements of h from which on a network waits for the warm-up. */
    private static final long LARGE = 1 << 20;

    private static final Thread THREAD = Thread.ofPlatform().daemon().name("charlstm-cpu-warm-up")
            .unstarted(WarmUp::inBackground);
    private static final AtomicBoolean BEGUN = new AtomicBoolean();
    private static final Set<RecurrentCell> WARM = ConcurrentHashMap.newKeySet();

    private WarmUp() {
    }

    /** Starts the warm-up in the background, once per process, with the cell that most models have. */
    static void begin() {
        if (!BEGUN.getAndSet(true)) {
            THREAD.start();
        }
    }

    /** If a network's steps are large, waits for the end of the warm-up, and runs it with a network's other cell. */
    static void before(Rnn.Shape shape) {
        if (shape.training() && (long) shape.rows() * shape.hidden() >= LARGE) {
            begin();
            try {
                THREAD.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            warm(shape.layers().cell());
        }
    }

    private static CpuMatrix matrix(int rows, int columns) {
        int stride = Lanes.padded(columns);
        return new CpuMatrix(rows, columns, stride, CpuMatrix.floats((long) rows * stride));
    }

    /** Where memory is short, the run itself says so, in a line. */
    private static void inBackground() {
        try {
            warm(RecurrentCell.Lstm.SIGMOID);
        } catch (OutOfMemoryError e) {
            WARM.remove(RecurrentCell.Lstm.SIGMOID);
        }
    }

    /** Runs the warm-up with a cell, once per process; returns whether it ran. */
    static boolean warm(RecurrentCell cell) {
        if (!WARM.add(cell)) {
            return false;
        }
        try (Workers alone = new Workers(1)) {
            Rnn.Layers layers = new Rnn.Layers(InputShape.ofIds(SYMBOLS), PANEL, 1, cell);
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
            for (int pass = 0; compiled < ENOUGH && pass < MOST; pass++) {
                long start = System.nanoTime();
                rnn.forward(weights, input, null, output);
                head.run(weights, output, ids, count, outputGradient, 0);
                head.finish(totals, gradients);
                rnn.backward(weights, input, output, outputGradient, null, null, gradients);
                compiled += System.nanoTime() - start < COMPILED ? 1 : 0;
            }
        }
        return true;
    }
}
