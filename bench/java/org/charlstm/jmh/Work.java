package org.charlstm.jmh;

import java.util.function.ToDoubleFunction;
import org.charlstm.bench.Flops;
import org.charlstm.nn.Models;

/**
 * The least work of an operation, which its time is compared with: floating-point operations where products
 * of matrices rule, bytes read and written where memory does. The formula of a training step is that of {@link Flops}.
 *
 * <p>V symbols, H LSTM units and as many in the middle layer, T steps, batch B. A multiply-add is two operations. Only
 * products are counted: the input product is a lookup of rows, and activations, biases and the optimiser come on top,
 * so the true rate is a little above the one shown. The first step starts from zeros and has no recurrent product.
 *
 * @param amount floating-point operations or bytes
 * @param flops  whether it is the former
 */
record Work(double amount, boolean flops) {
    /** Bytes of a float and of an id. */
    private static final int WORD = 4;

    /** The unit of {@link #rate}. */
    String unit() {
        return flops ? "GFLOP/s" : "GB/s";
    }

    /** Billions a second. */
    double rate(double seconds) {
        return amount / seconds * 1e-9;
    }

    /**
     * The work of one call.
     *
     * @param operation the benchmark's method
     * @param size      a benchmark's parameter by its name
     */
    static Work of(String operation, ToDoubleFunction<String> size) {
        double v = size.applyAsDouble("symbols");
        double h = size.applyAsDouble("hidden");
        if (operation.equals("samplingStep")) {
            return sampling(v, h, size.applyAsDouble("streams"));
        }
        double t = size.applyAsDouble("steps");
        double b = size.applyAsDouble("batch");
        // One product of the recurrent kernel (H, 4H) with the states of all steps but the first.
        double recurrent = 2 * (t - 1) * b * h * 4 * h;
        // One product of both dense kernels, (H, H) and (H, V), with all rows.
        double dense = 2 * t * b * (h * h + h * v);
        double parameters = (v + h + 1) * 4 * h + (h + 1) * h + (h + 1) * v;
        return switch (operation) {
            case "lstmForward" -> new Work(recurrent, true);
            // The state's gradient and the kernel's.
            case "lstmBackward" -> new Work(2 * recurrent, true);
            case "denseForward" -> new Work(dense, true);
            // The input's gradient and the kernel's.
            case "denseBackward" -> new Work(2 * dense, true);
            case "trainingStep" -> new Work(Flops.epoch(Models.of((int) v, (int) h, (int) h), (int) b, (int) t),
                    true);
            // Logits in, gradients out, targets.
            case "crossEntropy" -> new Work(WORD * t * b * (2 * v + 1), false);
            // Weights, gradients and mean squares in, weights and mean squares out.
            case "rmsProp" -> new Work(WORD * 5 * parameters, false);
            // Rows in and out.
            case "dropout" -> new Work(WORD * 2 * t * b * h, false);
            // Rows in for the sums, and in again and out.
            case "normForward" -> new Work(WORD * 3 * t * b * h, false);
            // The same of rows and gradients.
            case "normBackward" -> new Work(WORD * 5 * t * b * h, false);
            // Ids in and rows out; or ids and rows in and the table out.
            case "embeddingForward", "embeddingBackward" -> new Work(WORD * (t * b * (h + 1) + v * h), false);
            // Table in and kernel out; both gradients in and out.
            case "tiedKernel" -> new Work(WORD * 6 * v * h, false);
            // Rows of the corpus in, inputs and targets out.
            case "gather" -> new Work(WORD * b * ((t + 1) + 2 * t), false);
            // Logits in, symbols out.
            case "draw" -> new Work(WORD * b * (v + 1), false);
            default -> throw new IllegalArgumentException("no formula for " + operation);
        };
    }

    /** One stream reads every kernel for a single product with each: memory rules. Many streams share the reading. */
    private static Work sampling(double v, double h, double streams) {
        double kernels = 4 * h * h + h * h + h * v;
        return streams == 1 ? new Work(WORD * kernels, false) : new Work(2 * streams * kernels, true);
    }
}
