import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** The lab's model in DJL on its PyTorch engine, as its user would write it. */
final class Djl extends Peer {
    private final Loss loss = Loss.softmaxCrossEntropyLoss("loss", 1, -1, true, true);
    private final Trainer trainer;
    private final NDManager manager;
    private final ParameterStore parameters;
    private Block recurrent;
    private Block head;
    private NDManager kept;
    private NDList state;

    /** RMSprop in DJL's arrays: its own says that it is not implemented on this engine. */
    private static final class RmsProp extends Optimizer {
        private static final float RATE = 0.001f;
        private static final float DECAY = 0.9f;
        private static final float EPSILON = 1e-7f;

        private final Map<String, NDArray> meanSquares = new HashMap<>();

        private static final class Builder extends OptimizerBuilder<Builder> {
            @Override
            protected Builder self() {
                return this;
            }
        }

        RmsProp() {
            super(new Builder());
        }

        @Override
        public void update(String id, NDArray weight, NDArray gradient) {
            NDArray mean = meanSquares.computeIfAbsent(id, key -> {
                NDArray zeros = weight.zerosLike();
                zeros.detach();
                return zeros;
            });
            try (NDArray square = gradient.square()) {
                mean.muli(DECAY).addi(square.muli(1 - DECAY));
            }
            try (NDArray root = mean.sqrt(); NDArray change = gradient.div(root.addi(EPSILON))) {
                weight.subi(change.muli(RATE));
            }
        }
    }

    private Djl(String[] arguments) throws IOException {
        super(arguments);
        Engine.getInstance().setRandomSeed(1);
        Model model = Model.newInstance("lab");
        model.setBlock(new SequentialBlock().add(lstm(false)).add(head()));
        trainer = model.newTrainer(new DefaultTrainingConfig(loss).optOptimizer(new RmsProp())
                .optDevices(new Device[] {Device.cpu()}));
        trainer.initialize(new Shape(batch, steps, symbols));
        manager = trainer.getManager();
        parameters = new ParameterStore(manager, false);
    }

    public static void main(String[] arguments) throws Exception {
        new Djl(arguments).run();
    }

    private LSTM lstm(boolean returnsState) {
        LSTM lstm = LSTM.builder().setStateSize(hidden).setNumLayers(1).optBatchFirst(true)
                .optReturnState(returnsState).optHasBiases(true).build();
        return initialised(lstm);
    }

    private SequentialBlock head() {
        return initialised(new SequentialBlock().add(Linear.builder().setUnits(hidden).build()).add(Activation::relu)
                .add(Linear.builder().setUnits(symbols).build()));
    }

    private static <B extends Block> B initialised(B block) {
        block.setInitializer(new XavierInitializer(XavierInitializer.RandomType.UNIFORM,
                XavierInitializer.FactorType.AVG, 3), Parameter.Type.WEIGHT);
        return block;
    }

    @Override
    String version() {
        return "DJL " + Engine.getDjlVersion() + ", " + Engine.getInstance().getEngineName() + " "
                + Engine.getInstance().getVersion();
    }

    private NDArray oneHot(NDManager owner, int[] symbolOf, int streams, int length) {
        float[] values = new float[symbolOf.length * symbols];
        for (int i = 0; i < symbolOf.length; i++) {
            values[i * symbols + symbolOf[i]] = 1;
        }
        return owner.create(values, new Shape(streams, length, symbols));
    }

    @Override
    double step(int[] chosen) {
        int[] inputs = new int[chosen.length * steps];
        float[] targets = new float[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = id(chosen[i / steps], i % steps);
            targets[i] = id(chosen[i / steps], i % steps + 1);
        }
        try (NDManager scope = manager.newSubManager()) {
            NDArray input = oneHot(scope, inputs, chosen.length, steps);
            NDArray target = scope.create(targets, new Shape(inputs.length));
            float value;
            try (GradientCollector collector = trainer.newGradientCollector()) {
                collector.zeroGradients();
                try (NDList output = trainer.forward(new NDList(input))) {
                    NDArray logits = output.head().reshape(inputs.length, symbols);
                    try (NDArray mean = loss.evaluate(new NDList(target), new NDList(logits))) {
                        collector.backward(mean);
                        value = mean.toFloatArray()[0];
                    }
                }
            }
            trainer.step();
            return value;
        }
    }

    /** A trained block gives no state back, so the layers are made anew: their weights do not change their time. */
    @Override
    void begin(int streams) {
        recurrent = lstm(true);
        recurrent.initialize(manager, DataType.FLOAT32, new Shape(streams, 1, symbols));
        head = head();
        head.initialize(manager, DataType.FLOAT32, new Shape(streams, 1, hidden));
        state = new NDList();
        kept = manager.newSubManager();
    }

    @Override
    float[] next(int[] fed) {
        NDManager scope = manager.newSubManager();
        state.attach(scope);
        NDList input = new NDList(oneHot(scope, fed, fed.length, 1));
        input.addAll(state);
        NDList output = recurrent.forward(parameters, input, false);
        state = new NDList(output.get(1), output.get(2));
        float[] probabilities = head.forward(parameters, new NDList(output.get(0)), false).head().softmax(-1)
                .toFloatArray();
        kept.close();
        kept = scope;
        return probabilities;
    }
}
