package org.charlstm.keras;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import module java.base;
import org.charlstm.nn.Tensor;

/** Files in the layouts of Keras' generations. */
final class Hdf5Fixture {
    private Hdf5Fixture() {
    }

    static Path write(Path file, Consumer<WritableHdfFile> content) {
        try (WritableHdfFile hdf5 = HdfFile.write(file)) {
            content.accept(hdf5);
        }
        return file;
    }

    /** A layer's group, its arrays right inside under the given names. */
    static void layer(WritableGroup root, String name, List<Tensor> arrays) {
        WritableGroup group = root.putGroup(name);
        if (arrays.isEmpty()) {
            // jHDF ends a file by writing over a group that has nothing in it.
            group.putDataset("nothing", new float[1]);
        } else {
            group.putAttribute("weight_names", arrays.stream().map(Tensor::name).toArray(String[]::new));
        }
        arrays.forEach(array -> group.putDataset(array.name(), floats(array)));
    }

    /** A vector or a matrix as jHDF takes it. */
    static Object floats(Tensor tensor) {
        int columns = tensor.shape().getLast();
        float[][] rows = new float[tensor.values().length / columns][columns];
        for (int i = 0; i < tensor.values().length; i++) {
            rows[i / columns][i % columns] = (float) tensor.values()[i];
        }
        return tensor.shape().size() == 1 ? rows[0] : rows;
    }

    /** A kernel as CuDNNLSTM and CuDNNGRU have it: Keras reads each gate with
     * {@code kernel.T.reshape(kernel.shape, order='F')}. */
    static Tensor ofCudnn(String name, Tensor kernel, int gates) {
        int rows = kernel.shape().getFirst();
        int columns = kernel.shape().getLast();
        int units = columns / gates;
        double[] values = new double[rows * columns];
        for (int gate = 0; gate < gates; gate++) {
            double[] transposed = new double[rows * units];
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < units; column++) {
                    transposed[column * rows + row] = kernel.values()[row * columns + gate * units + column];
                }
            }
            for (int i = 0; i < transposed.length; i++) {
                values[i / units * columns + gate * units + i % units] = transposed[i];
            }
        }
        return new Tensor(name, kernel.shape(), values);
    }

    /** Columns of a matrix, or elements of a vector. */
    static Tensor columns(String name, Tensor tensor, int from, int count) {
        int all = tensor.shape().getLast();
        double[] values = new double[tensor.values().length / all * count];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.values()[i / count * all + from + i % count];
        }
        return new Tensor(name, tensor.shape().size() == 1 ? List.of(count)
                : List.of(tensor.shape().getFirst(), count), values);
    }
}
