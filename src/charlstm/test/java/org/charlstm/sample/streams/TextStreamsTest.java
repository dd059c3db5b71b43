package org.charlstm.sample.streams;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.CharlstmException;
import org.charlstm.device.Draw;
import org.charlstm.device.Ints;
import org.charlstm.device.Memory;
import org.charlstm.device.RecurrentCell;
import org.charlstm.nn.ModelConfig;
import org.charlstm.nn.Models;
import org.charlstm.nn.Network;
import org.charlstm.nn.NetworkState;
import org.charlstm.nn.Weights;
import org.charlstm.sample.Beginnings;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.sample.Scorer;
import org.charlstm.sample.TinyModel;
import org.charlstm.sample.step.GrowingText;
import org.charlstm.text.Features;
import org.charlstm.text.Vocabulary;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Texts that come and go beside each other, against those that a sampler writes one by one. */
class TextStreamsTest {
    private static final SamplingOptions OPTIONS = SamplingOptions.DEFAULT.maxLength(12);
    private static final Vocabulary VOCABULARY = TinyModel.VOCABULARY;

    /** Keeps what it is told. */
    private static final class Kept implements TextReceiver {
        private final StringBuilder text = new StringBuilder();
        private final List<double[]> shares = new ArrayList<>();
        private final List<Integer> positions = new ArrayList<>();
        private final List<List<double[]>> hidden = new ArrayList<>();
        private boolean ready = true;
        private boolean listening = true;
        private GrowingText.@Nullable Ending ending;
        private @Nullable TextState state;
        private @Nullable CharlstmException failure;

        @Override
        public boolean ready() {
            return ready;
        }

        @Override
        public boolean listening() {
            return listening;
        }

        @Override
        public void symbol(int position, int symbol, boolean given, double @Nullable [] logProbabilities) {
            assertEquals(shares.size(), position);
            shares.add(logProbabilities == null ? new double[0] : logProbabilities.clone());
            if (!VOCABULARY.isOver(symbol)) {
                text.append(VOCABULARY.text(symbol));
            }
        }

        @Override
        public void hidden(int position, List<double[]> layers) {
            positions.add(position);
            hidden.add(layers);
        }

        @Override
        public void end(GrowingText.Ending how, @Nullable TextState left) {
            ending = how;
            state = left;
        }

        @Override
        public void failed(CharlstmException why) {
            failure = why;
        }
    }

    private static TextPlan plan(SamplingOptions options, int sentence, @Nullable TextState from) {
        return new TextPlan(VOCABULARY.encode(options.prime(), "the beginning"), options, sentence, false,
                new double[0],
                from);
    }

    /** Of other draws, lengths and beginnings, some up to a text that is often drawn. */
    private static SamplingOptions options(int i) {
        return OPTIONS.stop(List.of("", "c", "", "ab", "ee").get(i % 5))
                .draw(new Draw(0.5 + i % 5 * 0.2, i % 3 == 0 ? 3 : Draw.ALL, i % 4 == 0 ? 0.8 : 1)).seed(i)
                .prime("abcde".substring(0, i % 4)).maxLength(5 + i % 8);
    }

    private static String alone(TinyModel model, SamplingOptions options, int sentence) {
        return model.sampler(options).sentences(sentence + 1).get(sentence);
    }

    private static void run(TextStreams streams) {
        while (streams.size() > 0) {
            streams.step();
        }
    }

    @Test
    void aTextBesideOthersIsTheOneThatTheSamplerWrites() {
        for (String device : List.of("cpu", "reference")) {
            try (TinyModel model = TinyModel.on(device, TinyModel.weights(2, 8, TinyModel.SEED));
                    TextStreams streams = new TextStreams(model.model(), VOCABULARY, 0)) {
                List<Kept> readers = new ArrayList<>();
                int stopped = 0;
                // They come a few at a time, so that batches of every size have some that are new and some that end.
                for (int i = 0; i < 40; i++) {
                    Kept reader = new Kept();
                    readers.add(reader);
                    streams.add(plan(options(i), i % 3, null), reader);
                    if (i % 4 == 0) {
                        streams.step();
                    }
                }
                run(streams);
                for (int i = 0; i < readers.size(); i++) {
                    assertEquals(alone(model, options(i), i % 3), readers.get(i).text.toString(), device + " " + i);
                    stopped += readers.get(i).ending == GrowingText.Ending.STOP ? 1 : 0;
                    assertEquals(readers.get(i).shares.size() == options(i).maxLength()
                            && readers.get(i).text.length() == options(i).maxLength(),
                            readers.get(i).ending == GrowingText.Ending.LENGTH);
                }
                assertTrue(stopped > 3, stopped + " texts have what they end before");
            }
        }
    }

    @Test
    void aTextWaitsForItsReaderAndIsDroppedWithoutOne() {
        try (TinyModel model = TinyModel.on("cpu");
                TextStreams streams = new TextStreams(model.model(), VOCABULARY, 0)) {
            SamplingOptions past = OPTIONS.pastEnd(true);
            List<Kept> readers = IntStream.range(0, 3).mapToObj(i -> new Kept()).toList();
            for (int i = 0; i < 3; i++) {
                streams.add(plan(past, i, null), readers.get(i));
            }
            streams.step();
            streams.step();
            readers.get(0).ready = false;
            readers.get(1).listening = false;
            streams.step();
            assertEquals(2, readers.get(0).shares.size());
            assertEquals(3, readers.get(2).shares.size());
            readers.get(2).ready = false;
            assertFalse(streams.step());
            readers.get(0).ready = true;
            assertTrue(streams.step());
            readers.get(2).ready = true;
            run(streams);
            assertEquals(2, readers.get(1).shares.size(), "a dropped text went on");
            for (int i : new int[] {0, 2}) {
                assertEquals(alone(model, past, i).replace(Vocabulary.END_SIGN, ""), readers.get(i).text.toString());
            }
        }
    }

    static Stream<RecurrentCell> cells() {
        return RecurrentCell.forms().stream();
    }

    private static Weights two(RecurrentCell cell) {
        return TinyModel.weights(Models.two(cell, TinyModel.SYMBOLS, 6, 8), TinyModel.SEED);
    }

    @ParameterizedTest
    @MethodSource("cells")
    void aStateIsCarriedToAnotherText(RecurrentCell cell) {
        SamplingOptions keeping = OPTIONS.keepState(true).prime("a");
        try (TinyModel model = TinyModel.on("cpu", two(cell));
                TextStreams streams = new TextStreams(model.model(), VOCABULARY, 0)) {
            List<String> texts = new ArrayList<>();
            TextState state = null;
            for (int i = 0; i < 4; i++) {
                Kept reader = new Kept();
                streams.add(plan(keeping, i, state), reader);
                streams.add(plan(OPTIONS, i, null), new Kept());
                run(streams);
                texts.add(reader.text.toString());
                state = reader.state;
            }
            assertEquals(model.sampler(keeping).sentences(4), texts);
        }
    }

    @Test
    void textsOfAWindowAreThoseOfTheSampler() {
        try (TinyModel model = TinyModel.on("cpu");
                TextStreams streams = new TextStreams(model.model(), VOCABULARY, 3)) {
            List<Kept> readers = IntStream.range(0, 5).mapToObj(i -> new Kept()).toList();
            for (int i = 0; i < 5; i++) {
                streams.add(plan(options(i), i, null), readers.get(i));
            }
            run(streams);
            for (int i = 0; i < 5; i++) {
                assertEquals(alone(model, options(i).window(3), i), readers.get(i).text.toString());
            }
            assertThrows(IllegalArgumentException.class,
                    () -> streams.add(TextPlan.reading(new int[] {1}, new double[0], true), new Kept()));
        }
    }

    @Test
    void aTextBeginsFromItsFeatures() {
        ModelConfig config = Models.of(TinyModel.SYMBOLS, 6, 2, 8).conditioned(3);
        for (int window : new int[] {0, 3}) {
            try (TinyModel model = TinyModel.on("cpu", TinyModel.weights(config, TinyModel.SEED));
                    TextStreams streams = new TextStreams(model.model(), VOCABULARY, window)) {
                List<Kept> readers = new ArrayList<>();
                Set<String> texts = new HashSet<>();
                for (int i = 0; i < 12; i++) {
                    readers.add(new Kept());
                    SamplingOptions options = options(i).seed(3);
                    streams.add(new TextPlan(VOCABULARY.encode(options.prime(), "the beginning"), options, 1, false,
                            new double[] {i, -i, 0.5f}, null), readers.get(i));
                    streams.step();
                }
                run(streams);
                for (int i = 0; i < readers.size(); i++) {
                    SamplingOptions options = options(i).seed(3).window(window);
                    Features about = new Features("features", new float[][] {{i, -i, 0.5f}});
                    String expected = new Sampler(model.model(), VOCABULARY, options,
                            Beginnings.all(options.prime()).about(about)).sentences(2).get(1);
                    assertEquals(expected, readers.get(i).text.toString(), window + " " + i);
                    texts.add(expected);
                }
                assertTrue(texts.size() > 6, "features make no difference");
                assertThrows(IllegalArgumentException.class, () -> streams.add(plan(OPTIONS, 0, null), new Kept()));
            }
        }
    }

    /** Of a text that is read, the probabilities are a scorer's and the outputs those of the network. */
    @ParameterizedTest
    @MethodSource("cells")
    void aReadTextHasTheScorersProbabilitiesAndTheNetworksOutputs(RecurrentCell cell) {
        int[] text = VOCABULARY.encode("abcad", "the text");
        int[] ended = Arrays.copyOf(text, text.length + 1);
        ended[text.length] = VOCABULARY.end();
        try (TinyModel model = TinyModel.on("cpu", two(cell));
                TextStreams streams = new TextStreams(model.model(), VOCABULARY, 0);
                Scorer scorer = new Scorer(model.model(), VOCABULARY, 1);
                Memory memory = model.model().device().memory()) {
            Kept reader = new Kept();
            streams.add(plan(OPTIONS, 0, null), new Kept());
            streams.add(TextPlan.reading(ended, new double[0], true), reader);
            run(streams);
            double sum = IntStream.range(0, ended.length).mapToDouble(i -> reader.shares.get(i)[ended[i]]).sum();
            assertEquals(scorer.score(List.of(text)).getFirst().logProbability(), sum, 1e-12);
            assertEquals(List.of(-1, 0, 1, 2, 3, 4, 5), reader.positions);
            Network network = new Network(model.model(), memory, 1, 1, false);
            NetworkState state = network.newState(memory);
            Ints input = memory.ints(1);
            for (int t = 0; t <= ended.length; t++) {
                input.write(new int[] {t == 0 ? VOCABULARY.start() : ended[t - 1]});
                network.forward(input, state);
                double[] both = state.read().getFirst().values();
                List<double[]> layers = reader.hidden.get(t);
                assertEquals(2, layers.size());
                assertArrayEquals(both, IntStream.range(0, 2).mapToObj(layers::get).flatMapToDouble(Arrays::stream)
                        .toArray());
            }
        }
    }

    @Test
    void aTextThatCannotGoOnFailsByItself() {
        try (TinyModel model = TinyModel.on("cpu", TinyModel.changed(TinyModel.weights(TinyModel.SEED),
                "dense_2.bias", values -> values[0] = Double.NaN));
                TextStreams streams = new TextStreams(model.model(), VOCABULARY, 0)) {
            Kept reader = new Kept();
            streams.add(plan(OPTIONS, 0, null), reader);
            run(streams);
            assertTrue(reader.failure != null && reader.ending == null);
        }
    }
}
