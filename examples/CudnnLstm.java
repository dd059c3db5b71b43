// Runs an LSTM and a GRU by cuDNN, forward and backward, with a dense layer behind them by cuBLAS.
// Needs the library, as the README says, and --enable-native-access=ALL-UNNAMED:
//     examples/run CudnnLstm.java

import java.util.Locale;
import java.util.Random;
import org.charlstm.cuda.Cuda;
import org.charlstm.cuda.CudaBuffer;
import org.charlstm.cuda.CudaType;
import org.charlstm.cuda.CudnnRnn;
import org.charlstm.cuda.CudnnRnn.State;
import org.charlstm.cuda.Gemm;
import org.charlstm.cuda.RnnCell;
import org.charlstm.cuda.RnnDescription;
import org.charlstm.cuda.RnnWeights;

final int steps = 7;
final int batch = 3;
final int inputs = 5;
final int units = 4;
final int classes = 2;

void main() {
    try (Cuda gpu = Cuda.open()) {
        run(gpu, RnnDescription.lstm(inputs, units));
        run(gpu, RnnDescription.of(RnnCell.GRU, inputs, units).withLayers(2));
    }
}

void run(Cuda gpu, RnnDescription network) {
    Random random = new Random(1);
    int rows = steps * batch;
    try (CudnnRnn rnn = gpu.rnn(network, CudnnRnn.Shape.of(steps, batch, true));
            CudnnRnn.Space space = rnn.newSpace();
            CudaBuffer weights = gpu.allocate(CudaType.FLOAT32, rnn.weights().count());
            CudaBuffer gradients = gpu.allocate(CudaType.FLOAT32, rnn.weights().count());
            CudaBuffer x = gpu.floats(numbers(random, rows * inputs));
            CudaBuffer y = gpu.allocate(CudaType.FLOAT32, rows * units);
            CudaBuffer dense = gpu.floats(numbers(random, units * classes));
            CudaBuffer logits = gpu.allocate(CudaType.FLOAT32, rows * classes);
            CudaBuffer dLogits = gpu.allocate(CudaType.FLOAT32, rows * classes);
            CudaBuffer dy = gpu.allocate(CudaType.FLOAT32, rows * units);
            CudaBuffer dx = gpu.allocate(CudaType.FLOAT32, rows * inputs)) {
        // Each matrix by its name; the biases stay zero.
        for (RnnWeights.Weight weight : rnn.weights().all()) {
            int size = weight.rows() * weight.columns();
            weights.write(weight.matrix(), numbers(random, size), 0, size);
        }
        rnn.forward(space, weights, x, y, State.NONE, State.NONE);
        gpu.blas().multiply(rows, classes, units, y, dense, logits);
        // The loss is the sum of all logits, whose gradient is 1.
        dLogits.fill(1);
        gpu.blas().gemm(Gemm.of(false, true, rows, units, classes), 1, dLogits, dense, 0, dy);
        rnn.backwardData(space, weights, y, dy, dx, State.NONE, State.NONE, State.NONE);
        rnn.backwardWeights(space, x, State.NONE, y, gradients);
        RnnWeights.Weight first = rnn.weights().all().getFirst();
        float step = 0.01f;
        double loss = sum(logits);
        float[] value = new float[1];
        weights.read(first.matrix(), value, 0, 1);
        weights.write(first.matrix(), new float[] {value[0] + step}, 0, 1);
        rnn.forward(space, weights, x, y, State.NONE, State.NONE);
        gpu.blas().multiply(rows, classes, units, y, dense, logits);
        gradients.read(first.matrix(), value, 0, 1);
        double difference = (sum(logits) - loss) / step;
        IO.println(network.cell() + ": " + rnn.weights().count() + " weights, loss " + rounded(loss)
                + "; the gradient of " + first.name() + "'s first is " + rounded(value[0])
                + (Math.abs(difference - value[0]) < 0.02 ? ", as differences say" : ", not " + rounded(difference)));
    }
}

float[] numbers(Random random, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
        numbers[i] = random.nextFloat(-0.5f, 0.5f);
    }
    return numbers;
}

double sum(CudaBuffer buffer) {
    double sum = 0;
    for (float value : buffer.toFloats()) {
        sum += value;
    }
    return sum;
}

String rounded(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
}
