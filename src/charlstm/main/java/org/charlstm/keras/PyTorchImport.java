package org.charlstm.keras;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.charlstm.device.RecurrentActivation;
import org.charlstm.device.RecurrentCell;
import org.charlstm.io.ModelFile;
import org.charlstm.io.format.Safetensors;
import org.charlstm.nn.Prediction;
import org.charlstm.nn.Tensor;

/**
 * Reads PyTorch's weights as a Keras model whose file says little. The order of the tensors means nothing, because
 * PyTorch's own writers sort them by name. A model has an embedding, recurrent layers, then dense layers.
 */
final class PyTorchImport {
    private final Path file;
    private final Map<String, String> metadata;
    private final Map<String, Tensor> left;

    private PyTorchImport(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        this.file = file;
        this.metadata = metadata;
        this.left = new LinkedHashMap<>(tensors);
    }

    static KerasModel read(Path file) {
        Safetensors content = Safetensors.read(file);
        return read(file, content.tensors(), content.metadata());
    }

    static KerasModel read(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        return new PyTorchImport(file, tensors, metadata).read();
    }

    private KerasModel read() {
        Refuse.inputIf(left.keySet().stream().noneMatch(ModelFile::isOfPyTorch),
                file + " holds no tensor with a name of PyTorch's, such as lstm.weight_ih_l0; a model file of charlstm "
                        + "needs no import");
        PyTorchModules modules = PyTorchModules.of(file.toString(), left);
        List<KerasLayer> layers = new ArrayList<>();
        modules.embedding().ifPresent(name -> layers.add(new LayerArrays(file.toString(), name,
                List.of(take(name + ".weight"))).layer(new KerasLayer.Embedding(true))));
        for (String module : modules.recurrent()) {
            stack(PyTorchModules.cell(module, left), module, layers);
        }
        if (Prediction.LAST.toString().equals(metadata.get(PyTorchExport.PREDICT)) && !layers.isEmpty()
                && layers.getLast().kind() instanceof KerasLayer.Recurrent top) {
            layers.set(layers.size() - 1, new KerasLayer(layers.getLast().name(),
                    new KerasLayer.Recurrent(top.cell(), top.said(), Optional.of(false)), layers.getLast().arrays()));
        }
        for (String name : modules.linear()) {
            Tensor weight = take(name + ".weight");
            layers.add(new LayerArrays(file.toString(), name,
                    List.of(weight.shape().size() == 2 ? PyTorchExport.transposed(name, weight) : weight,
                            take(name + ".bias")))
                    .layer(new KerasLayer.Dense(Optional.empty())));
        }
        if (!left.isEmpty()) {
            String name = left.keySet().iterator().next();
            throw new CharlstmException(file + " holds a tensor " + name + (name.endsWith("_reverse")
                    ? " of a bidirectional module, and a model of characters reads forward alone"
                    : ", and does not say where it belongs; read are nn.Embedding, nn.LSTM, nn.GRU, nn.RNN and "
                            + "nn.Linear with their biases; of an export, take the model that was exported"));
        }
        return new KerasModel(file.toString(), "PyTorch", RecurrentActivation.SIGMOID, OptionalInt.empty(), layers);
    }

    private void stack(ForeignCell cell, String module, List<KerasLayer> layers) {
        Map<String, String> said = new HashMap<>(cell.options());
        said.remove(RecurrentCell.ACTIVATION);
        String activation = metadata.get(module + PyTorchExport.NONLINEARITY);
        if (activation != null) {
            said.put(RecurrentCell.ACTIVATION, activation);
        }
        for (int layer = 0; left.containsKey(PyTorchExport.name(module, PyTorchExport.WEIGHT) + layer); layer++) {
            layers.add(new KerasLayer(module + "_l" + layer, new KerasLayer.Recurrent(cell, said, Optional.empty()),
                    arrays(cell, module, layer)));
        }
    }

    private List<Tensor> arrays(ForeignCell cell, String module, int layer) {
        Tensor kernel = take(PyTorchExport.name(module, PyTorchExport.WEIGHT) + layer);
        Tensor recurrent = take(PyTorchExport.name(module, PyTorchExport.RECURRENT_WEIGHT) + layer);
        Tensor bias = take(PyTorchExport.name(module, PyTorchExport.BIAS) + layer);
        Tensor recurrentBias = take(PyTorchExport.name(module, PyTorchExport.RECURRENT_BIAS) + layer);
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
