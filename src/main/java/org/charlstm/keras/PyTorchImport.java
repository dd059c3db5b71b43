package org.charlstm.keras;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.charlstm.CharlstmException;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.ModelFile;
import org.charlstm.io.Safetensors;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.Tensor;

/**
 * Reads weights under the names of {@link PyTorchExport} as a model of Keras whose file says little. The order of the
 * tensors says nothing, as PyTorch's own writers sort them by name: a model has an embedding, recurrent layers of one
 * kind, then dense ones.
 */
final class PyTorchImport {
    private final Path file;
    private final Map<String, String> metadata;
    private final Map<String, Tensor> left;

    private PyTorchImport(Path file, Safetensors content) {
        this.file = file;
        this.metadata = content.metadata();
        this.left = new LinkedHashMap<>(content.tensors());
    }

    static KerasModel read(Path file) {
        return new PyTorchImport(file, Safetensors.read(file)).read();
    }

    private KerasModel read() {
        if (!ModelFile.isOfPyTorch(left.keySet().stream())) {
            throw new CharlstmException(file + " holds no tensor with a name of PyTorch's, such as "
                    + "lstm.weight_ih_l0; a model file of charlstm needs no import");
        }
        List<KerasLayer> layers = new ArrayList<>();
        if (left.containsKey("embedding.weight")) {
            layers.add(new LayerArrays(file.toString(), "embedding", List.of(take("embedding.weight")))
                    .layer(new KerasLayer.Embedding(true)));
        }
        List<ForeignCell> cells = Arrays.stream(ForeignCell.values())
                .filter(cell -> has(cell.kind()) || has(cell.kind() + "_1")).toList();
        if (cells.size() > 1) {
            throw new CharlstmException(file + " does not say in which order its modules "
                    + cells.stream().map(ForeignCell::kind).toList() + " come; take the model that was exported");
        }
        for (ForeignCell cell : cells) {
            stack(cell, cell.kind(), layers);
            for (int number = 1; has(cell.kind() + "_" + number); number++) {
                stack(cell, cell.kind() + "_" + number, layers);
            }
        }
        if (Prediction.LAST.toString().equals(metadata.get(PyTorchExport.PREDICT)) && !layers.isEmpty()
                && layers.getLast().kind() instanceof KerasLayer.Recurrent top) {
            layers.set(layers.size() - 1, new KerasLayer(layers.getLast().name(),
                    new KerasLayer.Recurrent(top.cell(), top.said(), Optional.of(false)), layers.getLast().arrays()));
        }
        for (int number = 1; left.containsKey("dense_" + number + ".weight"); number++) {
            String name = "dense_" + number;
            Tensor weight = take(name + ".weight");
            layers.add(new LayerArrays(file.toString(), name,
                    List.of(weight.shape().size() == 2 ? PyTorchExport.transposed(name, weight) : weight,
                            take(name + ".bias")))
                    .layer(new KerasLayer.Dense(Optional.empty())));
        }
        if (!left.isEmpty()) {
            throw new CharlstmException(file + " holds a tensor " + left.keySet().iterator().next() + ", and does not "
                    + "say where it belongs; take the model that was exported");
        }
        return new KerasModel(file.toString(), "PyTorch", RecurrentActivation.SIGMOID, OptionalInt.empty(), layers);
    }

    private boolean has(String module) {
        return left.containsKey(module + PyTorchExport.WEIGHT + 0);
    }

    private void stack(ForeignCell cell, String module, List<KerasLayer> layers) {
        Map<String, String> said = new HashMap<>(cell.options());
        said.remove(RecurrentCell.ACTIVATION);
        String activation = metadata.get(module + PyTorchExport.NONLINEARITY);
        if (activation != null) {
            said.put(RecurrentCell.ACTIVATION, activation);
        }
        for (int layer = 0; left.containsKey(module + PyTorchExport.WEIGHT + layer); layer++) {
            layers.add(new KerasLayer(module + "_l" + layer, new KerasLayer.Recurrent(cell, said, Optional.empty()),
                    arrays(cell, module, layer)));
        }
    }

    private List<Tensor> arrays(ForeignCell cell, String module, int layer) {
        Tensor kernel = take(module + PyTorchExport.WEIGHT + layer);
        Tensor recurrent = take(module + PyTorchExport.RECURRENT_WEIGHT + layer);
        Tensor bias = take(module + PyTorchExport.BIAS + layer);
        Tensor recurrentBias = take(module + PyTorchExport.RECURRENT_BIAS + layer);
        int width = recurrent.shape().isEmpty() ? 0 : recurrent.shape().getFirst();
        int units = width / cell.gates();
        if (units == 0 || !recurrent.shape().equals(List.of(cell.gates() * units, units))
                || kernel.shape().size() != 2 || kernel.shape().getFirst() != width || kernel.values().length == 0
                || !bias.shape().equals(List.of(width)) || !recurrentBias.shape().equals(List.of(width))) {
            String gates = cell.gates() == 1 ? "H" : cell.gates() + "H";
            throw new CharlstmException(file + " has a layer " + module + "_l" + layer + " with tensors of shape "
                    + List.of(kernel.shape(), recurrent.shape(), bias.shape(), recurrentBias.shape())
                    + "; read are (" + gates + ", inputs), (" + gates + ", H), (" + gates + ") and (" + gates + ")");
        }
        double[] biases = Arrays.copyOf(bias.values(), cell.hasTwoBiases() ? 2 * width : width);
        for (int i = 0; i < width; i++) {
            if (cell.hasTwoBiases()) {
                biases[width + i] = recurrentBias.values()[i];
            } else if (recurrentBias.values()[i] != 0) {
                biases[i] = (float) biases[i] + (float) recurrentBias.values()[i];
            }
        }
        return List.of(PyTorchExport.transposed(kernel.name(), kernel), PyTorchExport.transposed(recurrent.name(),
                recurrent), new Tensor(bias.name(), cell.hasTwoBiases() ? List.of(2, width) : List.of(width), biases))
                .stream().map(tensor -> ForeignCell.reordered(tensor, cell.gatesOfPyTorch())).toList();
    }

    private Tensor take(String name) {
        Tensor tensor = left.remove(name);
        if (tensor == null) {
            throw new CharlstmException(file + " holds no tensor " + name + ", which belongs to the others");
        }
        return tensor;
    }
}
