package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;

/**
 * The facts about a cell on which the kernels for whole sequences and for sampling depend. A new cell is a case of the
 * switch below; the compiler asks for it.
 *
 * @param activation      the kernels' number of the gates' activation, or of an Elman cell's own
 * @param blocks          the float32 kernels, forward and backward; a block runs one or two sequences
 * @param tensors         the bf16 kernels, forward and backward, in which a block runs several sequences
 * @param clusters        the bf16 kernels in which a cluster of blocks runs several sequences, for few units first
 * @param gated           whether the gates of each step are kept for the backward pass
 * @param carriesGradient whether a share of dL/dh reaches the previous h without the recurrent product, as in a GRU
 * @param products        successive recurrent products of a step; a GRU with the reset before the product has two
 */
public record CellFacts(int activation, List<Kernel> blocks, List<Kernel> tensors, List<Clusters> clusters,
        boolean gated, boolean carriesGradient, int products) {
    /** Kernels for clusters of so many blocks, each of which has 32 units. */
    record Clusters(int blocks, boolean addsUpWeights, Kernel forward, Kernel backward) {
        private static final int UNITS_OF_BLOCK = 32;
        private static final int THREADS = 128;
        /** With the warps that add up the weights' gradients. */
        private static final int THREADS_WITH_GRADIENTS = 384;
        /** Two warps share the products of 8 units. */
        private static final int THREADS_THAT_SHARE = 256;
        /** The blocks of a cluster that every GPU with clusters runs. */
        static final int MOST_EVERYWHERE = 8;

        int mostUnits() {
            return blocks * UNITS_OF_BLOCK;
        }

        int threads() {
            return blocks > MOST_EVERYWHERE ? THREADS_THAT_SHARE : THREADS;
        }

        /** Whether these go before others of as many blocks. */
        boolean preferred() {
            return addsUpWeights || blocks > 4;
        }

        int threadsBack() {
            return addsUpWeights ? THREADS_WITH_GRADIENTS : threads();
        }
    }

    private static List<Clusters> clusters(Kernel forward4, Kernel gradients4, Kernel backward4, Kernel forward8,
            Kernel backward8, Kernel forward16, Kernel backward16) {
        return List.of(new Clusters(4, true, forward4, gradients4), new Clusters(4, false, forward4, backward4),
                new Clusters(8, false, forward8, backward8), new Clusters(16, false, forward16, backward16));
    }

    /** The smallest clusters that have room for the units, the preferred ones first; none if no clusters have. */
    List<Clusters> clusters(int units) {
        List<Clusters> roomy = clusters.stream().filter(each -> units <= each.mostUnits()).toList();
        return roomy.stream().filter(each -> each.blocks == roomy.getFirst().blocks).toList();
    }

    public static CellFacts of(RecurrentCell cell) {
        return switch (cell) {
            case RecurrentCell.Lstm(var gates) -> new CellFacts(Kernels.number(gates),
                    List.of(Kernel.LSTM_FUSED_FORWARD, Kernel.LSTM_FUSED_BACKWARD),
                    List.of(Kernel.LSTM_TENSOR_FORWARD, Kernel.LSTM_TENSOR_BACKWARD),
                    clusters(Kernel.LSTM_CLUSTER_FORWARD, Kernel.LSTM_CLUSTER_BACKWARD, Kernel.LSTM_CLUSTER4_BACKWARD,
                            Kernel.LSTM_CLUSTER8_FORWARD, Kernel.LSTM_CLUSTER8_BACKWARD, Kernel.LSTM_CLUSTER16_FORWARD,
                            Kernel.LSTM_CLUSTER16_BACKWARD),
                    true, false, 1);
            case RecurrentCell.Gru(var gates, var resetAfter) -> new CellFacts(Kernels.number(gates),
                    List.of(Kernel.GRU_FUSED_FORWARD, Kernel.GRU_FUSED_BACKWARD),
                    List.of(Kernel.GRU_TENSOR_FORWARD, Kernel.GRU_TENSOR_BACKWARD),
                    clusters(Kernel.GRU_CLUSTER_FORWARD, Kernel.GRU_CLUSTER_BACKWARD, Kernel.GRU_CLUSTER4_BACKWARD,
                            Kernel.GRU_CLUSTER8_FORWARD, Kernel.GRU_CLUSTER8_BACKWARD, Kernel.GRU_CLUSTER16_FORWARD,
                            Kernel.GRU_CLUSTER16_BACKWARD),
                    true, true, resetAfter ? 1 : 2);
            case RecurrentCell.Elman(var activation) -> new CellFacts(Kernels.number(activation),
                    List.of(Kernel.ELMAN_FUSED_FORWARD, Kernel.ELMAN_FUSED_BACKWARD),
                    List.of(Kernel.ELMAN_TENSOR_FORWARD, Kernel.ELMAN_TENSOR_BACKWARD),
                    clusters(Kernel.ELMAN_CLUSTER_FORWARD, Kernel.ELMAN_CLUSTER_BACKWARD,
                            Kernel.ELMAN_CLUSTER4_BACKWARD, Kernel.ELMAN_CLUSTER8_FORWARD,
                            Kernel.ELMAN_CLUSTER8_BACKWARD, Kernel.ELMAN_CLUSTER16_FORWARD,
                            Kernel.ELMAN_CLUSTER16_BACKWARD),
                    false, false, 1);
        };
    }
}
