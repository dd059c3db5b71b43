package org.charlstm.train;

import java.util.stream.IntStream;
import org.charlstm.DeviceException;
import org.charlstm.device.CorpusBuffer;
import org.charlstm.device.Device;
import org.charlstm.device.Ints;
import org.charlstm.device.Memory;
import org.charlstm.device.Padding;
import org.charlstm.nn.Network;
import org.charlstm.text.Corpus;

/** A corpus in device memory, with the order in which an epoch takes the rows and the current place in that order. */
final class ResidentCorpus {
    private final Device device;
    private final Corpus corpus;
    private final CorpusBuffer buffer;
    private final Ints order;
    private final Ints cursor;

    ResidentCorpus(Device device, Memory memory, Corpus corpus) {
        this.device = device;
        this.corpus = corpus;
        buffer = memory.corpus(corpus);
        order = memory.ints(corpus.rows());
        cursor = memory.ints(1);
        begin(IntStream.range(0, corpus.rows()).toArray(), 0);
    }

    int rows() {
        return corpus.rows();
    }

    int steps() {
        return corpus.steps();
    }

    /** Allocates a buffer for the inputs or the targets of a batch. */
    Ints batch(Memory memory, int batch, int steps) {
        long length = (long) steps * batch;
        if (length > Integer.MAX_VALUE) {
            throw new DeviceException("a batch of " + batch + " rows of " + steps + " steps is more than a "
                    + "device can address; use a smaller batch", true);
        }
        return memory.ints((int) length);
    }

    /** Sets the order and the place in it. */
    void begin(int[] rowsInOrder, int place) {
        order.write(rowsInOrder);
        cursor.write(new int[] {place});
    }

    /**
     * Gathers the next B rows and runs {@code work} on them. The rows fill the inputs and the targets (the buffers'
     * lengths set the number of time steps T), and the network's features if there are any.
     */
    void next(Ints inputs, Ints targets, int batch, Padding padding, Network network, Runnable work) {
        if (buffer.features() > 0) {
            device.operations().gatherFeatures(buffer, order, cursor, network.features());
        }
        device.operations().gather(buffer, order, cursor, inputs, targets, batch, padding);
        device.operations().beside(() -> device.operations().add(cursor, batch), work);
    }
}
