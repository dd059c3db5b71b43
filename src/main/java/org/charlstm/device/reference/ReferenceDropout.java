package org.charlstm.device.reference;

import org.charlstm.device.Dropout;
import org.charlstm.device.Matrix;

/** Dropping elements in plain loops. */
final class ReferenceDropout {
    private ReferenceDropout() {
    }

    static void run(Dropout dropout, int batch, Matrix input, Matrix output) {
        double[] x = ReferenceMatrix.of(input);
        double[] y = ReferenceMatrix.of(output, input.rows(), input.columns());
        for (int row = 0; row < input.rows(); row++) {
            for (int column = 0; column < input.columns(); column++) {
                int i = row * input.columns() + column;
                y[i] = dropout.keeps(batch, input.columns(), row, column) ? dropout.scale() * x[i] : 0;
            }
        }
    }
}
