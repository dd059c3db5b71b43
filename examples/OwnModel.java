// Trains a model made of operations: an embedding, an LSTM and a dense layer, whose step is the program's own.
// Needs the library, as the README says, and --add-modules jdk.incubator.vector. The argument names the device:
// cpu, reference, cuda or cudasim; a GPU needs --enable-native-access=ALL-UNNAMED too:
//     examples/run OwnModel.java cpu

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.charlstm.device.Activation;
import org.charlstm.device.Dense;
import org.charlstm.device.Device;
import org.charlstm.device.Devices;
import org.charlstm.device.Doubles;
import org.charlstm.device.Embedding;
import org.charlstm.device.FlatWeights;
import org.charlstm.device.Ints;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.Rnn;
import org.charlstm.device.UpdateRule.Adam;

static final String TEXT = "She sells sea shells by the sea shore; the shells she sells are sea shells, I'm sure. "
        + "So if she sells sea shells on the sea shore, then I'm sure she sells sea shore shells.";
static final int T = 16; // Time steps.
static final int B = 10; // Sequences side by side.
static final int E = 16; // Elements of a symbol's vector.
static final int H = 32; // Units of the LSTM.
static final int UPDATES = 200;

void main(String[] arguments) {
    int[] symbols = TEXT.chars().distinct().sorted().toArray();
    int[] ids = TEXT.chars().map(sign -> Arrays.binarySearch(symbols, sign)).toArray();
    int V = symbols.length;
    try (Device device = Devices.open(arguments.length == 0 ? "cpu" : arguments[0]); Memory memory = device.memory()) {
        Operations operations = device.operations();
        Rnn.Layers layers = new Rnn.Layers(Rnn.InputShape.ofMatrix(E), H, 1);
        FlatWeights first = new FlatWeights();
        Embedding embedding = operations.embedding(memory, new Embedding.Shape(V, E, T * B),
                first.add(operations.embeddingLayout(V, E), random(V * E)));
        Rnn lstm = operations.rnn(memory, new Rnn.Shape(layers, T, B, true),
                first.add(operations.rnnLayout(layers), random(E * 4 * H), random(H * 4 * H), new double[4 * H]));
        Dense dense = operations.dense(memory, new Dense.Shape(H, V, T * B, Activation.LINEAR),
                first.add(operations.denseLayout(H, V), random(H * V), new double[V]));
        Matrix weights = first.in(memory);
        Matrix gradients = memory.flat(first.size());
        List<Matrix> states = Adam.KERAS.states().stream().map(state -> memory.flat(first.size())).toList();
        Doubles factors = memory.doubles(Adam.KERAS.factors(0.01, 1, UPDATES));
        Ints update = memory.ints(1);
        // Time-major: the symbol of sequence b at step t is element t B + b, and its target is the next in the text.
        Ints inputs = memory.ints(IntStream.range(0, T * B).map(i -> ids[i % B * T + i / B]).toArray());
        Ints targets = memory.ints(IntStream.range(0, T * B).map(i -> ids[i % B * T + i / B + 1]).toArray());
        Doubles count = memory.doubles(new double[] {T * B});
        Doubles totals = memory.doubles(Operations.TOTALS);
        Matrix x = memory.matrix(T * B, E);
        Matrix dx = memory.matrix(T * B, E);
        Matrix h = memory.matrix(T * B, H);
        Matrix dh = memory.matrix(T * B, H);
        Matrix logits = memory.matrix(T * B, V);
        Runnable step = device.capture(memory, () -> {
            embedding.forward(weights, inputs, x);
            lstm.forward(weights, new Rnn.Input.Dense(x), null, h);
            dense.forward(weights, h, logits);
            operations.crossEntropy(logits, targets, count, logits, totals);
            dense.backward(weights, h, logits, logits, dh, gradients);
            lstm.backward(weights, new Rnn.Input.Dense(x), h, dh, dx, gradients);
            embedding.backward(inputs, dx, gradients);
            operations.update(Adam.KERAS, weights, gradients, states, factors, update);
            operations.add(update, 1);
        });
        for (int done = 1; done <= UPDATES; done++) {
            step.run();
            if (done % 50 == 0) {
                double[] sums = totals.read();
                IO.println("update " + done + ": loss " + sums[0] / sums[2] + ", right " + sums[1] / sums[2]);
                totals.write(new double[Operations.TOTALS]);
            }
        }
        IO.println("trained on " + device.description());
    }
}

double[] random(int count) {
    return new Random(count).doubles(count, -0.2, 0.2).toArray();
}
