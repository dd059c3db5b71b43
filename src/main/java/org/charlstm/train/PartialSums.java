package org.charlstm.train;

import java.util.ArrayList;
import java.util.List;
import org.charlstm.device.Matrix;
import org.charlstm.nn.Model;
import org.charlstm.rank.RankSum;

/**
 * The sum of an update's gradients over all ranks, of which parts begin as soon as they are computed, beside the
 * backward pass of the layers below. Which parts there are is a function of the model, and so the same in all ranks.
 */
final class PartialSums {
    /**
     * The least that is summed by itself, which is the size of a bucket of PyTorch's DistributedDataParallel too: of
     * 1,024 GPUs a sum takes 140 us however little it is, and 2 x 26 MB at 370 GB/s take another 142 us. A part that is
     * smaller would hide less than what one more sum costs.
     */
    static final long LEAST_BYTES = 25 << 20;

    private final RankSum ranks;
    private final Matrix gradients;
    /** Where parts begin, the highest first. What is below all of them is summed last. */
    private final List<Integer> starts;
    private int begun;

    /**
     * None has begun.
     *
     * @param least     bytes of a part
     */
    PartialSums(RankSum ranks, Model model, Matrix gradients, long least) {
        this.ranks = ranks;
        this.gradients = gradients;
        starts = starts(model, gradients.columns(), least);
    }

    /** None where a kernel is tied: its gradient is added to that of the embeddings, the lowest, before the sum. */
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

    /** The gradients of an update are about to be computed. */
    void begin() {
        begun = 0;
    }

    /** All gradients from an element on are computed. */
    void computed(int from) {
        while (begun < starts.size() && starts.get(begun) >= from) {
            ranks.begin(gradients, starts.get(begun), end());
            begun++;
        }
    }

    private int end() {
        return begun == 0 ? gradients.columns() : starts.get(begun - 1);
    }

    /** All are computed; what follows has their sums. */
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
