package org.charlstm.train;

import module java.base;
import org.charlstm.device.Matrix;
import org.charlstm.nn.Model;
import org.charlstm.rank.AllReduce;

/**
 * Sums an update's gradients over all ranks. The sum of the upper layers' gradients begins as soon as these are
 * computed, beside the backward pass of the lower layers. All ranks have the same parts.
 */
final class PartialSums {
    /**
     * The least size of a part that is summed by itself; PyTorch's DistributedDataParallel has the same bucket size.
     * Over 1,024 GPUs a sum has a latency of at least 140 us, and transferring 2 x 26 MB at 370 GB/s takes another 142
     * us: a smaller part would hide less time than its own sum costs.
     */
    static final long LEAST_BYTES = 25 << 20;

    /** The ranks over which gradients are summed, and the least size in bytes of a part that is summed by itself. */
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

    /** Returns no parts if a kernel is tied: its gradient is first added to the gradient of the lowest layer. */
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

    /** Begins an update; called before its gradients are computed. */
    void begin() {
        begun = 0;
    }

    /** Sums finished parts; called when all gradients from an element on are computed. */
    void computed(int from) {
        while (begun < starts.size() && starts.get(begun) >= from) {
            ranks.begin(gradients, starts.get(begun), end());
            begun++;
        }
    }

    private int end() {
        return begun == 0 ? gradients.columns() : starts.get(begun - 1);
    }

    /** Sums the remaining gradients; called when all are computed. Later operations see the sums. */
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
