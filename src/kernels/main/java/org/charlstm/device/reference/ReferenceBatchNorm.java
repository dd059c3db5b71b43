package org.charlstm.device.reference;

import org.charlstm.device.BatchNorm;
import org.charlstm.device.Matrix;

/**
 * Batch normalisation of each column of x (M, C). The forward pass uses the mean and the variance of the column's M
 * values in training, else the moving mean and variance:
 * <pre>
 * n[m]  = (x[m] - mean) / sqrt(variance + epsilon)
 * y[m]  = gamma n[m] + beta
 * </pre>
 * In the backward pass, mean and variance depend on every x[m] of the column:
 * <pre>
 * dbeta  = sum over m of dy[m]
 * dgamma = sum over m of dy[m] n[m]
 * dx[m]  = gamma / sqrt(variance + epsilon) (dy[m] - (dbeta + n[m] dgamma) / M)
 * </pre>
 * Training sets the moving mean to momentum (moving mean) + (1 - momentum) (mean of the column), and the moving
 * variance accordingly. The source is Ioffe and Szegedy, "Batch normalization" (2015), with momentum as in Keras.
 *
 * @param offset where gamma (C) and then beta (C) begin
 * @param moving where the moving means (C) and then the moving variances (C) begin
 */
record ReferenceBatchNorm(BatchNorm.Shape shape, int offset, int moving) implements BatchNorm {
    private double mean(double[] x, int column) {
        double sum = 0;
        for (int m = 0; m < shape.rows(); m++) {
            sum += x[m * shape.columns() + column];
        }
        return sum / shape.rows();
    }

    private double variance(double[] x, int column, double mean) {
        double sum = 0;
        for (int m = 0; m < shape.rows(); m++) {
            double apart = x[m * shape.columns() + column] - mean;
            sum += apart * apart;
        }
        return sum / shape.rows();
    }

    private double moved(double moving, double now) {
        return shape.momentum() * moving + (1 - shape.momentum()) * now;
    }

    @Override
    public void forward(Matrix weights, Matrix input, Matrix output) {
        int columns = shape.columns();
        double[] w = ReferenceMatrix.of(weights);
        double[] x = ReferenceMatrix.of(input, shape.rows(), columns);
        double[] y = ReferenceMatrix.of(output, shape.rows(), columns);
        for (int j = 0; j < columns; j++) {
            double mean = shape.training() ? mean(x, j) : w[moving + j];
            double variance = shape.training() ? variance(x, j, mean) : w[moving + columns + j];
            for (int m = 0; m < shape.rows(); m++) {
                y[m * columns + j] = w[offset + j] * (x[m * columns + j] - mean) / Math.sqrt(variance + shape.epsilon())
                        + w[offset + columns + j];
            }
            if (shape.training()) {
                w[moving + j] = moved(w[moving + j], mean);
                w[moving + columns + j] = moved(w[moving + columns + j], variance);
            }
        }
    }

    @Override
    public void backward(Matrix weights, Matrix input, Matrix outputGradient, Matrix inputGradient, Matrix gradients) {
        if (!shape.training()) {
            throw new IllegalStateException("this batch normalisation is not for training");
        }
        int columns = shape.columns();
        double[] w = ReferenceMatrix.of(weights);
        double[] x = ReferenceMatrix.of(input, shape.rows(), columns);
        double[] dy = ReferenceMatrix.of(outputGradient, shape.rows(), columns);
        double[] dx = ReferenceMatrix.of(inputGradient, shape.rows(), columns);
        double[] dw = ReferenceMatrix.of(gradients);
        for (int j = 0; j < columns; j++) {
            double mean = mean(x, j);
            double deviation = Math.sqrt(variance(x, j, mean) + shape.epsilon());
            double gamma = 0;
            double beta = 0;
            for (int m = 0; m < shape.rows(); m++) {
                gamma += dy[m * columns + j] * (x[m * columns + j] - mean) / deviation;
                beta += dy[m * columns + j];
            }
            dw[offset + j] = gamma;
            dw[offset + columns + j] = beta;
            for (int m = 0; m < shape.rows(); m++) {
                double normal = (x[m * columns + j] - mean) / deviation;
                dx[m * columns + j] =
                        w[offset + j] / deviation * (dy[m * columns + j] - (beta + normal * gamma) / shape.rows());
            }
        }
    }
}
