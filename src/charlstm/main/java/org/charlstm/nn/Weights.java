package org.charlstm.nn;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;

/** All tensors of a model on the host, in the order of {@link ModelConfig#tensors}. Gradients have the same form. */
public record Weights(ModelConfig config, List<Tensor> tensors) {
    /** Refuses tensors of another model. */
    public Weights {
        tensors = List.copyOf(tensors);
        List<TensorSpec> specs = config.tensors();
        Refuse.argumentIf(tensors.size() != specs.size(), tensors.size() + " tensors for a model of " + specs.size());
        for (int i = 0; i < specs.size(); i++) {
            Tensor tensor = tensors.get(i);
            if (!tensor.name().equals(specs.get(i).name()) || !tensor.shape().equals(specs.get(i).shape())) {
                throw new IllegalArgumentException(
                        "tensor " + tensor + " where " + specs.get(i).name() + specs.get(i).shape() + " belongs");
            }
        }
    }

    /** A tensor by its name, such as {@code lstm_1.kernel}; an unknown name is an {@link IllegalArgumentException}. */
    public Tensor get(String name) {
        return tensors.stream().filter(tensor -> tensor.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the model has no tensor " + name));
    }

    /** Refuses NaN and infinity; the message names the weights' source. */
    public void requireFinite(String source) {
        for (Tensor tensor : tensors) {
            if (!Arrays.stream(tensor.values()).allMatch(Double::isFinite)) {
                throw new CharlstmException(source + ": " + tensor.name() + " holds NaN or infinity");
            }
        }
    }
}
