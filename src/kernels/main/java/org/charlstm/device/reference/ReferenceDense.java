package org.charlstm.device.reference;

import java.util.Arrays;
import org.charlstm.device.Dense;
import org.charlstm.device.Matrix;

/**
 * A dense layer. The forward pass, for the rows m of x (M, in), with the kernel W (in, out) and the bias c (out), is:
 * <pre>
 * z[m, j]  = c[j] + sum over k of x[m, k] W[k, j]
 * y[m, j]  = activation(z[m, j])
 * </pre>
 * The backward pass, from dL/dy to the gradients of the input and of both tensors, is:
 * <pre>
 * dz[m, j] = dy[m, j] activation'(z[m, j])
 * dc[j]    = sum over m of dz[m, j]
 * dW[k, j] = sum over m of x[m, k] dz[m, j]
 * dx[m, k] = sum over j of dz[m, j] W[k, j]
 * </pre>
 * The derivative of the activation follows from y alone: 1 if linear, 0 or 1 for ReLU, 1 - y^2 for tanh.
 */
final class ReferenceDense implements Dense {
    private final Dense.Shape shape;
    private final int kernel;
    private final int bias;

    ReferenceDense(Dense.Shape shape, int offset) {
        this.shape = shape;
        kernel = offset;
        bias = kernel + shape.inputs() * shape.outputs();
    }

    @Override
    public void forward(Matrix weights, Matrix input, Matrix output) {
        int in = shape.inputs();
        int out = shape.outputs();
        double[] w = ReferenceMatrix.of(weights);
        double[] x = ReferenceMatrix.of(input, shape.rows(), in);
        double[] y = ReferenceMatrix.of(output, shape.rows(), out);
        for (int m = 0; m < shape.rows(); m++) {
            System.arraycopy(w, bias, y, m * out, out);
            for (int k = 0; k < in; k++) {
                double value = x[m * in + k];
                for (int j = 0; j < out; j++) {
                    y[m * out + j] += value * w[kernel + k * out + j];
                }
            }
            for (int j = 0; j < out; j++) {
                double sum = y[m * out + j];
                y[m * out + j] = switch (shape.activation()) {
                    case LINEAR -> sum;
                    case RELU -> sum < 0 ? 0 : sum;
                    case TANH -> Math.tanh(sum);
                };
            }
        }
    }

    @Override
    public void backward(Matrix weights, Matrix input, Matrix output, Matrix outputGradient, Matrix inputGradient,
            Matrix gradients) {
        int in = shape.inputs();
        int out = shape.outputs();
        double[] w = ReferenceMatrix.of(weights);
        double[] x = ReferenceMatrix.of(input, shape.rows(), in);
        double[] y = ReferenceMatrix.of(output, shape.rows(), out);
        double[] dy = ReferenceMatrix.of(outputGradient, shape.rows(), out);
        double[] dx = ReferenceMatrix.of(inputGradient, shape.rows(), in);
        double[] dw = ReferenceMatrix.of(gradients);
        double[] dz = new double[out];
        Arrays.fill(dw, kernel, bias + out, 0);
        for (int m = 0; m < shape.rows(); m++) {
            for (int j = 0; j < out; j++) {
                double gradient = dy[m * out + j];
                dz[j] = switch (shape.activation()) {
                    case LINEAR -> gradient;
                    case RELU -> y[m * out + j] <= 0 ? 0 : gradient;
                    case TANH -> gradient * (1 - y[m * out + j] * y[m * out + j]);
                };
                dw[bias + j] += dz[j];
            }
            for (int k = 0; k < in; k++) {
                double value = x[m * in + k];
                double sum = 0;
                for (int j = 0; j < out; j++) {
                    dw[kernel + k * out + j] += value * dz[j];
                    sum += dz[j] * w[kernel + k * out + j];
                }
                dx[m * in + k] = sum;
            }
        }
    }
}
