import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** The lab's model in Deeplearning4j, as its user would write it. */
final class Dl4j extends Peer {
    private final MultiLayerNetwork network;

    private Dl4j(String[] arguments) throws IOException {
        super(arguments);
        MultiLayerConfiguration layers = new NeuralNetConfiguration.Builder().seed(1).dataType(DataType.FLOAT)
                .updater(new RmsProp(0.001, 0.9, 1e-7)).weightInit(WeightInit.XAVIER_UNIFORM).list()
                .layer(new LSTM.Builder().nIn(symbols).nOut(hidden).activation(Activation.TANH)
                        .gateActivationFunction(Activation.SIGMOID).forgetGateBiasInit(1).build())
                .layer(new DenseLayer.Builder().nIn(hidden).nOut(hidden).activation(Activation.RELU).build())
                .layer(new RnnOutputLayer.Builder(LossFunctions.LossFunction.MCXENT).nIn(hidden).nOut(symbols)
                        .activation(Activation.SOFTMAX).build())
                .setInputType(InputType.recurrent(symbols, steps)).build();
        network = new MultiLayerNetwork(layers);
        network.init();
    }

    public static void main(String[] arguments) throws Exception {
        new Dl4j(arguments).run();
    }

    @Override
    String version() throws IOException {
        Properties jar = new Properties();
        try (InputStream in = MultiLayerNetwork.class.getResourceAsStream(
                "/META-INF/maven/org.deeplearning4j/deeplearning4j-nn/pom.properties")) {
            jar.load(in);
        }
        return "Deeplearning4j " + jar.getProperty("version") + ", "
                + Nd4j.getExecutioner().getEnvironmentInformation().getProperty("blas.vendor");
    }

    /** One-hot (batch, V, T), which is how it wants sequences, of the symbols from step {@code first} on. */
    private INDArray oneHot(int[] chosen, int first) {
        float[] values = new float[chosen.length * symbols * steps];
        for (int b = 0; b < chosen.length; b++) {
            for (int t = 0; t < steps; t++) {
                values[(b * symbols + id(chosen[b], first + t)) * steps + t] = 1;
            }
        }
        return Nd4j.create(values, new int[] {chosen.length, symbols, steps}, 'c');
    }

    @Override
    double step(int[] chosen) {
        network.fit(new DataSet(oneHot(chosen, 0), oneHot(chosen, 1)));
        // Its score is the sum over steps of the mean over captions.
        return network.score() / steps;
    }

    @Override
    void begin(int streams) {
        network.rnnClearPreviousState();
    }

    @Override
    float[] next(int[] fed) {
        float[] values = new float[fed.length * symbols];
        for (int s = 0; s < fed.length; s++) {
            values[s * symbols + fed[s]] = 1;
        }
        return network.rnnTimeStep(Nd4j.create(values, new int[] {fed.length, symbols}, 'c')).dup('c').data().asFloat();
    }
}
