package org.charlstm.train;

import module java.base;
import org.charlstm.device.Matrix;
import org.charlstm.nn.Model;
import org.charlstm.rank.AllReduce;

/**
 * Sums an update's gradients over all ranks. The sum of the upper layers' gradients begins as soon as they are
 * computed, beside the backward pass of the layers below. The parts are a function of the model, so all ranks have the
 * same.
 */
final class PartialSums {
    /**
     * The least part that is summed by itself, also the bucket size of PyTorch's DistributedDataParallel. Over 1,024
     * GPUs a sum takes at least 140 us, and 2 x 26 MB at 370 GB/s take another 142 us: a smaller part would hide less
     * time than one more sum costs.
     */
    static final long LEAST_BYTES = 25 << 20;

    /** The ranks over which gradients are summed, and the least bytes that are worth a sum by themselves. */
    record Over(AllReduce ranks, long least) {
    }

    private final AllReduce ranks;
    private final Matrix gradients;
    /** The first element of each part, the highest first. The elements below all parts are summed last. */
    private final List<Integer> starts;
    private int begun;

    PartialSums(Over over, Model model, Matrix gradients) {
        ranks = over.ranks;
        this.gradients = gradients;
        starts = starts(model, gradients.columns(), over.least);
    }

    /** No parts with a tied kernel: its gradient is added to that of the embeddings, the lowest, before the sum. */
    private static List<Integer> starts(Model model, int size, long least) {
        List<Integer> starts = new ArrayList<>();
        int end = size;
        for (int block = model.blockCount() - 1; block > 0 && !model.config().tied(); block--) {
            int start = model.offset(block);
            if (start > 0 && (long) Float.BYTES * (end - start) >= least) {
                starts.add(start);
                end = start;
            }
        }
        return starts;
    }

    /** Called before the gradients of an update are computed. */
    void begin() {
        begun = 0;
    }

    /** Called when all gradients from an element on are computed. */
    void computed(int from) {
        while (begun < starts.size() && starts.get(begun) >= from) {
            ranks.begin(gradients, starts.get(begun), end());
            begun++;
        }
    }

    private int end() {
        return begun == 0 ? gradients.columns() : starts.get(begun - 1);
    }

    /** Called when all gradients are computed; later operations find the sums. */
    void finish() {
        if (starts.isEmpty()) {
            ranks.sum(gradients);
            return;
        }
        computed(0);
        ranks.begin(gradients, 0, end());
        ranks.join();
    }
}
