package org.charlstm.device.gpu.rnn;

import module java.base;
import org.charlstm.device.RecurrentCell;
import org.charlstm.device.gpu.tools.Kernel;
import org.charlstm.device.gpu.tools.Kernels;

/**
 * The facts of a cell that kernels for whole sequences and sampling depend on. A new cell is a case of the one switch
 * here, which the compiler asks for.
 *
 * @param activation      the kernels' number of the gates' activation, or of an Elman cell's own
 * @param blocks          float32 kernels in which a block computes sequences, forward and backward
 * @param tensors         bf16 kernels in which a block computes sequences, forward and backward
 * @param clusters        bf16 kernels in which a cluster of blocks computes sequences, forward and backward
 * @param gated           whether the gates of each step are kept for the backward pass
 * @param carriesGradient whether a gradient goes back to h beside that of the recurrent product, as in a GRU
 * @param products        recurrent products of a step that wait for one another: two in a GRU with the reset before
 */
public record CellFacts(int activation, List<Kernel> blocks, List<Kernel> tensors, List<Kernel> clusters,
        boolean gated, boolean carriesGradient, int products) {
    /** The facts of a cell. */
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
