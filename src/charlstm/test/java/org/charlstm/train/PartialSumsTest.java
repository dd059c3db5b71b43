package org.charlstm.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.Activation;
import org.charlstm.device.Device;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.DeviceOptions;
import org.charlstm.device.Matrix;
import org.charlstm.device.Memory;
import org.charlstm.device.Operations;
import org.charlstm.device.TestDevices;
import org.charlstm.nn.DenseLayer;
import org.charlstm.nn.DropoutLayer;
import org.charlstm.nn.EmbeddingLayer;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Optimiser;
import org.charlstm.nn.RecurrentLayer;
import org.charlstm.rank.AllReduce;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.junit.jupiter.api.Test;

/** Gradients of upper layers are summed as soon as they are there, and those that are not yet are left alone. */
class PartialSumsTest {
    private static final Corpus CORPUS = Corpus.encode(Captions.generated(5, 1));
    private static final ModelConfig CONFIG = ModelConfig.of(CORPUS.vocabulary().size(), List.of(new EmbeddingLayer(4),
            new RecurrentLayer(6), new DropoutLayer(0.25), new RecurrentLayer(5), new DenseLayer(7, Activation.RELU)));

    /** Adds up nothing: what it was told, and the gradients as they were then. */
    private static final class Told implements AllReduce {
        private final List<List<Integer>> parts = new ArrayList<>();
        private final List<double[]> seen = new ArrayList<>();
        private double[] whole = {};
        private boolean joined;

        @Override
        public String carrier() {
            return "nothing";
        }

        @Override
        public boolean recordable() {
            return true;
        }

        @Override
        public void sum(Matrix flat) {
            whole = flat.read();
        }

        @Override
        public void begin(Matrix flat, int from, int to) {
            parts.add(List.of(from, to));
            seen.add(flat.read());
        }

        @Override
        public void join() {
            joined = true;
        }

        @Override
        public void close() {
            // Nothing was opened.
        }
    }

    /** The first update of a rank. */
    private static Told told(ModelConfig config, TrainingOptions options, int rank, int size, long least) {
        Told told = new Told();
        try (Device device = TestDevices.open("cpu", new DeviceOptions(1));
                Model model = new Model(device, Initializer.keras(config, 1));
                Lease _ = device.lease();
                Memory memory = device.memory()) {
            ResidentCorpus resident = new ResidentCorpus(device, memory, CORPUS);
            EpochPlan plan = EpochPlan.of(CORPUS, options, Buckets.of(CORPUS, options.padding()), 1).share(rank, size);
            int updates = plan.updates().size();
            Optimiser optimiser = new Optimiser(model, memory, options.rule(), updates);
            RecordedSteps steps = new RecordedSteps(model, options, memory, resident, optimiser,
                    new PartialSums.Over(told, least));
            resident.begin(plan.order(), 0);
            optimiser.begin(0, new double[updates]);
            steps.begin(plan, 0, new double[Operations.TOTALS], 0);
            steps.of(plan.updates().getFirst()).run();
        }
        return told;
    }

    private static List<Integer> starts(ModelConfig config) {
        try (Device device = TestDevices.open("cpu", new DeviceOptions(1));
                Model model = new Model(device, Initializer.keras(config, 1))) {
            List<Integer> starts = new ArrayList<>();
            for (int block = 0; block < model.blockCount(); block++) {
                starts.add(model.offset(block));
            }
            return starts.stream().distinct().toList();
        }
    }

    @Test
    void aPartIsSummedAsSoonAsItIsComputed() {
        TrainingOptions options = new TrainingOptions(3, 1, 1, true);
        Told told = told(CONFIG, options, 0, 1, 1);
        // The embedding, both LSTMs and both dense layers; dropout has no weights.
        List<Integer> starts = starts(CONFIG);
        assertEquals(5, starts.size());
        assertEquals(starts.reversed(), told.parts.stream().map(List::getFirst).toList());
        double[] last = told.seen.getLast();
        assertEquals(last.length, told.parts.getFirst().getLast());
        for (int i = 0; i < starts.size(); i++) {
            int from = told.parts.get(i).getFirst();
            int to = told.parts.get(i).getLast();
            double[] then = told.seen.get(i);
            assertArrayEquals(Arrays.copyOfRange(last, from, to), Arrays.copyOfRange(then, from, to));
            assertTrue(Arrays.stream(last, from, to).anyMatch(value -> value != 0));
            // Where both dense layers are one operation, both are there.
            int below = i == 0 ? told.parts.get(1).getFirst() : from;
            assertTrue(Arrays.stream(then, 0, below).allMatch(value -> value == 0), "part " + i + " began too late");
            assertEquals(i == 0 ? last.length : told.parts.get(i - 1).getFirst(), to);
        }
        assertTrue(told.joined);
        // A rank without rows does the same.
        assertEquals(told.parts, told(CONFIG, new TrainingOptions(1, 1, 1, true), 1, 2, 1).parts);
    }

    @Test
    void smallPartsAreSummedWithTheNext() {
        TrainingOptions options = new TrainingOptions(3, 1, 1, true);
        List<Integer> starts = starts(CONFIG);
        Told all = told(CONFIG, options, 0, 1, 1);
        int size = all.seen.getFirst().length;
        int two = Float.BYTES * (size - starts.get(3));
        assertEquals(starts.get(3), told(CONFIG, options, 0, 1, two).parts.getFirst().getFirst());
        assertEquals(starts.get(2), told(CONFIG, options, 0, 1, two + 1).parts.getFirst().getFirst());
        for (Told one : List.of(told(CONFIG, options, 0, 1, (long) Float.BYTES * size),
                told(CONFIG, options, 0, 1, PartialSums.LEAST_BYTES))) {
            assertEquals(List.of(), one.parts);
            assertArrayEquals(all.seen.getLast(), one.whole);
        }
    }

    /** Of several batches the gradients are added up first; a tied kernel's go to the embeddings. */
    @Test
    void accumulatedAndTiedGradientsAreSummedAsAWhole() {
        Told accumulated = told(CONFIG, new TrainingOptions(2, 1, 1, true).accumulate(2), 0, 1, 1);
        assertEquals(List.of(), accumulated.parts);
        assertTrue(accumulated.whole.length > 0);
        int symbols = CORPUS.vocabulary().size();
        ModelConfig tied = new ModelConfig(symbols, List.of(new EmbeddingLayer(5), new RecurrentLayer(5),
                new DenseLayer(symbols, Activation.LINEAR, true)));
        Told one = told(tied, new TrainingOptions(3, 1, 1, true), 0, 1, 1);
        assertEquals(List.of(), one.parts);
        assertTrue(one.whole.length > 0);
    }
}
