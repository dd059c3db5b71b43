package org.charlstm.keras;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.base.Refuse;
import org.charlstm.nn.Tensor;

/** A layer's arrays in the file's order; empty for a layer without weights. */
record LayerArrays(String place, String name, List<Tensor> arrays) {
    private static final List<String> OF_BATCH_NORM = List.of("gamma", "beta", "moving_mean", "moving_variance");
    /** Old names of arrays. From Keras 1.0.7 on, running_std is a variance. */
    private static final Map<String, String> OLD_NAMES = Map.of("running_mean", "moving_mean", "running_std",
            "moving_variance");
    private static final Pattern NAME_OF_BATCH_NORM = Pattern.compile(
            "(?:.*[/_])?(gamma|beta|(?:moving|running)_(?:mean|variance|std))(?:_\\d+)?(?::0)?");
    private static final Pattern NAME_OF_EMBEDDINGS = Pattern.compile("(?:.*/)?(?:embeddings|.*embedding.*_W).*");

    /** Whether Keras 1 wrote the arrays, judged by their number or names. */
    boolean areOfKeras1() {
        return ForeignCell.areInPieces(arrays)
                || (!arrays.isEmpty() && arrays.getFirst().name().matches(".*_W(_\\d+)?(:0)?"));
    }

    /** Recognises the layer by the number, shapes and names of its arrays. */
    KerasLayer layer() {
        if (arrays.stream().allMatch(array -> array.shape().size() == 1)) {
            return layer(new KerasLayer.BatchNorm(Optional.empty(), OF_BATCH_NORM));
        }
        if (arrays.size() == 1 && NAME_OF_EMBEDDINGS.matcher(arrays.getFirst().name()).matches()) {
            return layer(new KerasLayer.Embedding(false));
        }
        return layer(ForeignCell.ofArrays(arrays).<KerasLayer.Kind>map(KerasLayer.Recurrent::unsaid)
                .orElseGet(() -> new KerasLayer.Dense(Optional.empty())));
    }

    KerasLayer layer(KerasLayer.Kind kind) {
        return switch (kind) {
            case KerasLayer.Embedding _ when arrays.size() == 1 && isMatrix(arrays.getFirst()) ->
                new KerasLayer(name, kind, arrays);
            case KerasLayer.Dense _ when arrays.size() == 2 && isMatrix(arrays.get(0))
                    && arrays.get(1).shape().equals(List.of(arrays.get(0).shape().getLast())) ->
                new KerasLayer(name, kind, arrays);
            case KerasLayer.Recurrent recurrent -> recurrent(recurrent);
            case KerasLayer.BatchNorm norm -> batchNorm(norm);
            default -> throw unfit();
        };
    }

    /** Reads by names, because a layer without gamma or beta has fewer arrays; Keras 3 numbers its arrays instead. */
    private KerasLayer batchNorm(KerasLayer.BatchNorm norm) {
        List<String> parts = arrays.stream().map(Tensor::name).map(NAME_OF_BATCH_NORM::matcher).filter(Matcher::matches)
                .map(found -> OLD_NAMES.getOrDefault(found.group(1), found.group(1))).toList();
        if (parts.size() < arrays.size()) {
            parts = norm.stored();
        }
        Map<String, Tensor> found = new HashMap<>();
        for (int i = 0; i < arrays.size() && arrays.size() == parts.size(); i++) {
            found.put(parts.get(i), arrays.get(i));
        }
        Tensor mean = found.get(OF_BATCH_NORM.get(2));
        Tensor variance = found.get(OF_BATCH_NORM.get(3));
        if (mean == null || variance == null || found.size() != arrays.size() || mean.values().length == 0
                || found.values().stream().anyMatch(array -> !array.shape().equals(List.of(mean.values().length)))) {
            throw unfit();
        }
        Refuse.inputIf(Arrays.stream(variance.values()).anyMatch(value -> value < 0),
                place + " has a layer " + name + " with a variance below 0");
        return new KerasLayer(name, norm, List.of(found.getOrDefault("gamma", filled("gamma", mean, 1)),
                found.getOrDefault("beta", filled("beta", mean, 0)), mean, variance));
    }

    private static Tensor filled(String name, Tensor like, double value) {
        double[] values = new double[like.values().length];
        Arrays.fill(values, value);
        return new Tensor(name, like.shape(), values);
    }

    /** Converts the arrays to Keras 2's layout, and derives the cell's options from their shapes. */
    private KerasLayer recurrent(KerasLayer.Recurrent kind) {
        ForeignCell cell = kind.cell();
        List<Tensor> three = cell.isInPieces(arrays) ? joinedGates(cell) : arrays;
        if (three.size() != 3 || !isMatrix(three.get(0)) || !isMatrix(three.get(1))) {
            throw unfit();
        }
        int units = three.get(1).shape().getFirst();
        long width = (long) cell.gates() * units;
        if (three.get(0).shape().getLast() != width || three.get(1).shape().getLast() != width) {
            throw unfit();
        }
        List<Integer> bias = three.get(2).shape();
        Map<String, String> said = new HashMap<>(kind.said());
        cell.toldBy(bias, units).orElseThrow(this::unfit).forEach((option, told) -> {
            String before = said.putIfAbsent(option, told);
            if (before != null && !before.equals(told)) {
                throw new CharlstmException(place + " has a layer " + name + " with " + option + " " + before
                        + " and a bias of shape " + bias + ", which " + option + " " + told
                        + " has; save the model anew");
            }
        });
        KerasLayer.Recurrent told = new KerasLayer.Recurrent(cell, said, kind.everyStep());
        return new KerasLayer(name, told, !cell.isCudnns(bias, units) ? three
                : List.of(uncudnn(three.get(0), cell.gates()), uncudnn(three.get(1), cell.gates()),
                        cell.hasTwoBiases() ? new Tensor(three.get(2).name(), List.of(2, (int) width),
                                three.get(2).values()) : summedBiases(three.get(2))));
    }

    private List<Tensor> joinedGates(ForeignCell cell) {
        return Stream.of(0, 1, 2).map(kind -> {
            List<Tensor> gates = cell.gatesOfKeras1().stream().map(gate -> arrays.get(3 * gate + kind)).toList();
            return kind == 2 ? joinedBiases(gates) : joinedColumns(gates);
        }).toList();
    }

    private Tensor joinedBiases(List<Tensor> gates) {
        double[] joined = gates.stream().map(Tensor::values).flatMapToDouble(Arrays::stream).toArray();
        requireAlike(gates, 1);
        return new Tensor(gates.getFirst().name(), List.of(joined.length), joined);
    }

    private Tensor joinedColumns(List<Tensor> gates) {
        requireAlike(gates, 2);
        int rows = gates.getFirst().shape().getFirst();
        int columns = gates.getFirst().shape().getLast();
        double[] joined = new double[gates.size() * rows * columns];
        for (int gate = 0; gate < gates.size(); gate++) {
            for (int row = 0; row < rows; row++) {
                System.arraycopy(gates.get(gate).values(), row * columns, joined,
                        (gates.size() * row + gate) * columns, columns);
            }
        }
        return new Tensor(gates.getFirst().name(), List.of(rows, gates.size() * columns), joined);
    }

    private void requireAlike(List<Tensor> gates, int rank) {
        if (gates.getFirst().shape().size() != rank
                || !gates.stream().allMatch(gate -> gate.shape().equals(gates.getFirst().shape()))) {
            throw unfit();
        }
    }

    /** Converts a kernel of CuDNNLSTM or CuDNNGRU, which stores each gate like cuDNN: (H, inputs), row-major. */
    private static Tensor uncudnn(Tensor kernel, int gates) {
        int inputs = kernel.shape().getFirst();
        int units = kernel.shape().getLast() / gates;
        double[] values = new double[kernel.values().length];
        for (int gate = 0; gate < gates; gate++) {
            for (int i = 0; i < inputs * units; i++) {
                double value = kernel.values()[i / units * gates * units + gate * units + i % units];
                values[i % inputs * gates * units + gate * units + i / inputs] = value;
            }
        }
        return new Tensor(kernel.name(), kernel.shape(), values);
    }

    /** Sums in float32, as Keras does. */
    private static Tensor summedBiases(Tensor both) {
        double[] sum = new double[both.values().length / 2];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = (float) both.values()[i] + (float) both.values()[sum.length + i];
        }
        return new Tensor(both.name(), List.of(sum.length), sum);
    }

    private static boolean isMatrix(Tensor tensor) {
        return tensor.shape().size() == 2 && tensor.values().length > 0;
    }

    private CharlstmException unfit() {
        return new CharlstmException(place + " has a layer " + name + " with arrays of shape "
                + arrays.stream().map(Tensor::shape).toList() + "; read are recurrent layers, " + ForeignCell.shapes()
                + ", Dense layers, (inputs, units) and (units), all with a bias, an Embedding, (symbols, units), and "
                + "BatchNormalization, up to four of (units)");
    }
}
