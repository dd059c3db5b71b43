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
 * @param clusters        the bf16 kernels, forward and backward, in which a cluster of blocks runs several sequences
 * @param gated           whether the gates of each step are kept for the backward pass
 * @param carriesGradient whether a share of dL/dh reaches the previous h without the recurrent product, as in a GRU
 * @param products        successive recurrent products of a step; a GRU with the reset before the product has two
 */
public record CellFacts(int activation, List<Kernel> blocks, List<Kernel> tensors, List<Kernel> clusters,
        boolean gated, boolean carriesGradient, int products) {
    public static CellFacts of(RecurrentCell cell) {
        return switch (cell) {
            case RecurrentCell.Lstm(var gates) -> new CellFacts(Kernels.number(gates),
                    List.of(Kernel.LSTM_FUSED_FORWARD, Kernel.LSTM_FUSED_BACKWARD),
                    List.of(Kernel.LSTM_TENSOR_FORWARD, Kernel.LSTM_TENSOR_BACKWARD),
                    List.of(Kernel.LSTM_CLUSTER_FORWARD, Kernel.LSTM_CLUSTER_BACKWARD), true, false, 1);
            case RecurrentCell.Gru(var gates, var resetAfter) -> new CellFacts(Kernels.number(gates),
                    List.of(Kernel.GRU_FUSED_FORWARD, Kernel.GRU_FUSED_BACKWARD),
                    List.of(Kernel.GRU_TENSOR_FORWARD, Kernel.GRU_TENSOR_BACKWARD),
                    List.of(Kernel.GRU_CLUSTER_FORWARD, Kernel.GRU_CLUSTER_BACKWARD), true, true, resetAfter ? 1 : 2);
            case RecurrentCell.Elman(var activation) -> new CellFacts(Kernels.number(activation),
                    List.of(Kernel.ELMAN_FUSED_FORWARD, Kernel.ELMAN_FUSED_BACKWARD),
                    List.of(Kernel.ELMAN_TENSOR_FORWARD, Kernel.ELMAN_TENSOR_BACKWARD),
                    List.of(Kernel.ELMAN_CLUSTER_FORWARD, Kernel.ELMAN_CLUSTER_BACKWARD), false, false, 1);
        };
    }
}
