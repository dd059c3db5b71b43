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
 * Dropout in blocks of rows: first a block's random numbers, which lie in the order of their steps without padding,
 * then what they let through. Elements that pad a row are zero either way.
 */
final class CpuDropout {
    /** Numbers drawn at a time, more only where a row has more: few enough for the first-level cache. */
    private static final int BLOCK = 8192;
    /** Where numbers begin in their array, on a cache line as {@code ORIGIN}. */
    private static final int FIRST = ORIGIN * Float.BYTES / Short.BYTES;

    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SPECIES.vectorShape());
    /** As many as there are ints. */
    private static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class,
            VectorShape.forBitSize(SPECIES.vectorBitSize() / 2));

    private final Workers workers;
    private final PhiloxVectors philox = new PhiloxVectors();
    /** Each thread's own. */
    private final ThreadLocal<short[]> numbers = ThreadLocal.withInitial(() -> new short[0]);
    private final Workers.Shard runBlock = this::runBlock;
    private CpuMatrix input = CpuMatrix.EMPTY;
    private CpuMatrix output = CpuMatrix.EMPTY;
    private int blockRows;
    /** Numbers of a row. */
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

    /** Room for a block's numbers, whole groups of them, and those that the last row's padding reads. */
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
        // Rows that follow one another in the larger matrix too are drawn at once.
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
