package org.charlstm.device.cpu;

import static org.charlstm.device.cpu.tools.Lanes.COUNT;
import static org.charlstm.device.cpu.tools.Lanes.ORIGIN;
import static org.charlstm.device.cpu.tools.Lanes.SPECIES;
import static org.charlstm.device.cpu.tools.Lanes.load;

import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.charlstm.device.Dropout;
import org.charlstm.device.Matrix;
import org.charlstm.device.cpu.tools.CpuMatrix;
import org.charlstm.device.cpu.tools.PhiloxVectors;
import org.charlstm.device.cpu.tools.Workers;
import org.charlstm.random.Purpose;

/**
 * Dropout in blocks of rows: draws a block's random numbers, in the order of their steps without padding, then copies
 * the kept elements. Padding elements of a row stay zero.
 */
final class CpuDropout {
    /** Numbers drawn at a time, few enough for the first-level cache; a longer row draws more. */
    private static final int BLOCK = 8192;
    /** The index of the first number in its array, on a cache line like {@code ORIGIN}. */
    private static final int FIRST = ORIGIN * Float.BYTES / Short.BYTES;

    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SPECIES.vectorShape());
    /** Vectors of shorts with the same number of lanes as {@link #INTS}. */
    private static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class,
            VectorShape.forBitSize(SPECIES.vectorBitSize() / 2));

    private final Workers workers;
    private final PhiloxVectors philox = new PhiloxVectors();
    /** Random numbers; each thread has its own array. */
    private final ThreadLocal<short[]> numbers = ThreadLocal.withInitial(() -> new short[0]);
    private final Workers.Shard runBlock = this::runBlock;
    private CpuMatrix input = CpuMatrix.EMPTY;
    private CpuMatrix output = CpuMatrix.EMPTY;
    private int blockRows;
    /** The number of random numbers of a row. */
    private int width;
    private int threshold;
    private float scale;
    private Dropout.Rows rows = Dropout.Rows.ALL;

    CpuDropout(Workers workers) {
        this.workers = workers;
    }

    void run(Dropout dropout, int batch, Matrix inputAt, Matrix outputAt) {
        input = CpuMatrix.of(inputAt);
        output = CpuMatrix.of(outputAt, input.rows(), input.columns());
        width = Math.ceilDiv(input.columns(), PhiloxVectors.NUMBERS) * PhiloxVectors.NUMBERS;
        blockRows = Math.max(1, BLOCK / width);
        threshold = dropout.threshold();
        scale = (float) dropout.scale();
        rows = dropout.rows();
        philox.begin(dropout.seed(), Purpose.DROPOUT, (long) dropout.layer() << 32 | Integer.toUnsignedLong(batch));
        workers.run(Math.ceilDiv(input.rows(), blockRows), runBlock);
    }

    /** An array for a block's numbers in whole groups, and for the numbers that the last row's padding reads. */
    private short[] place() {
        int size = FIRST + blockRows * width + Math.max(PhiloxVectors.GROUP, input.stride() - width);
        short[] place = numbers.get();
        if (place.length < size) {
            place = new short[size];
            numbers.set(place);
        }
        return place;
    }

    private void runBlock(int block) {
        int from = block * blockRows;
        int end = Math.min(input.rows(), from + blockRows);
        short[] place = place();
        // Rows that are also adjacent in the larger matrix are drawn at once.
        for (int row = from, next; row < end; row = next) {
            next = rows.batch() == rows.whole() ? end : Math.min(end, (row / rows.batch() + 1) * rows.batch());
            philox.draw(rows.of(row) * (width / PhiloxVectors.NUMBERS), place, FIRST + (row - from) * width,
                    FIRST + (next - from) * width);
        }
        for (int row = from; row < end; row++) {
            letThrough(place, FIRST + (row - from) * width, input.at(row));
        }
    }

    private void letThrough(short[] place, int first, int at) {
        float[] x = input.values();
        float[] y = output.values();
        for (int j = 0; j < input.stride(); j += COUNT) {
            IntVector number = (IntVector) ShortVector.fromArray(SHORTS, place, first + j)
                    .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
            VectorMask<Float> dropped = number.compare(VectorOperators.LT, threshold).cast(SPECIES);
            load(x, at + j).mul(scale).blend(0f, dropped).intoArray(y, at + j);
        }
    }
}
