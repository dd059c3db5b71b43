package org.charlstm.bench;

import org.charlstm.nn.BatchNormLayer;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.RecurrentLayer;

/**
 * The floating-point operations that training needs at least, a multiply-add counted as two. With N captions of T
 * steps, L recurrent layers of H units whose cell has G gates (an LSTM's 4, a GRU's 3, an Elman network's 1), and dense
 * layers of I inputs and O outputs, an epoch needs
 * <pre>
 * 3 x 2 N [ L (T - 1) H GH  +  (L - 1) T H GH  +  T (sum of I O over the dense layers) ]
 * </pre>
 * and with a projection of features once its parameters more.
 * Forward is one product for each kernel; backward is two, for the gradient of its input and for its own. The terms are
 * the recurrent kernels (the first step starts from zeros and has no such product), the kernels of the layers above the
 * first, and the dense kernels. The kernel of the first layer is a lookup of rows, for its input is one-hot, and is not
 * counted, though cuDNN multiplies there; nor are activations, biases, the loss and the optimiser. So the true rate is
 * a little above the one that this gives. The batch size makes no difference.
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
