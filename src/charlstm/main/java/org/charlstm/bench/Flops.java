package org.charlstm.bench;

import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.RecurrentLayer;

/**
 * The minimum floating-point operations of training; a multiply-add counts as two. Take N captions of T steps, L
 * recurrent layers of H units whose cell has G gates (4 for an LSTM, 3 for a GRU, 1 for an Elman network), and dense
 * layers of I inputs and O outputs. An epoch needs
 * <pre>
 * 3 x 2 N [ L (T - 1) H GH  +  (L - 1) T H GH  +  T (sum of I O over the dense layers) ]
 * </pre>
 * With a projection of features, the bracket also contains the projection's number of parameters.
 * The forward pass computes one product for each kernel. The backward pass computes two, for the gradients of the
 * kernel's input and of the kernel. The terms are the recurrent kernels (the first step starts from zeros and needs no
 * such product), the kernels of the layers above the first, and the dense kernels. The first layer's kernel is not
 * counted: its input is one-hot, so a lookup of rows suffices, though cuDNN multiplies there. Activations, biases, the
 * loss and the optimiser are not counted either. The true rate is therefore slightly above the rate computed from this
 * count. The batch size has no effect.
 */
public final class Flops {
    /** The operations of an epoch. */
    public static double epoch(ModelConfig config, int captions, int steps) {
        double perCaption = 0;
        for (ModelConfig.Named layer : config.named()) {
            double inputs = layer.inputs();
            double units = layer.width();
            perCaption += switch (layer.layer()) {
                case RecurrentLayer recurrent -> (steps - 1) * units * recurrent.cell().width(recurrent.units())
                        + (layer.equals(config.named().getFirst()) ? 0
                                : steps * inputs * recurrent.cell().width(recurrent.units()));
                case DenseLayer _ -> steps * inputs * units;
                case EmbeddingLayer _,DropoutLayer _,BatchNormLayer _ -> 0;
            };
        }
        return 3 * 2 * captions * (perCaption + config.conditioningParameters());
    }
}
