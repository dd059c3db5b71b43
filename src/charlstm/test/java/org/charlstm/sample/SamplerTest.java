package org.charlstm.sample;

import static org.charlstm.Refusals.assertRefused;
import static org.charlstm.sample.TinyModel.VOCABULARY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.nn.Weights;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SamplerTest {
    private static final int LENGTH = 12;
    private static final long[] SEEDS = {2, 14, TinyModel.SEED};

    /** Every symbol and every end that a sampler hands on. */
    private static final class Recording implements Sampler.Sink {
        private final List<List<Integer>> symbols = new ArrayList<>();
        private final int[] ends;
        private int patience = Integer.MAX_VALUE;

        Recording(int count) {
            ends = new int[count];
            for (int i = 0; i < count; i++) {
                symbols.add(new ArrayList<>());
            }
        }

        @Override
        public void symbol(int sentence, int symbol) {
            assertEquals(0, ends[sentence], "a symbol after the end");
            symbols.get(sentence).add(symbol);
            patience--;
        }

        @Override
        public void end(int sentence) {
            ends[sentence]++;
        }

        @Override
        public boolean listening() {
            return patience > 0;
        }
    }

    private static SamplingOptions options(double temperature, String prime, boolean keepState, boolean pastEnd) {
        return SamplingOptions.DEFAULT.temperature(temperature).seed(5).maxLength(LENGTH).prime(prime)
                .keepState(keepState).pastEnd(pastEnd);
    }

    /** The start symbol never, so that what is written can be read as a prefix again. */
    private static Weights writable(long seed) {
        return TinyModel.changed(TinyModel.weights(seed), "dense_2.bias",
                values -> values[VOCABULARY.start()] = -100);
    }

    @Test
    void aVocabularyOfAnotherModelIsRefused() {
        Vocabulary other = Vocabulary.ofCharacters("x");
        try (TinyModel tiny = TinyModel.on("reference")) {
            assertThrows(IllegalArgumentException.class,
                    () -> new Sampler(tiny.model(), other, SamplingOptions.DEFAULT));
        }
    }

    @Test
    void aSentenceIsTheSameWhateverTheirNumberAndOnEveryDevice() {
        SamplingOptions options = SamplingOptions.DEFAULT.seed(5).maxLength(LENGTH);
        List<String> seventy;
        try (TinyModel tiny = TinyModel.on("cpu", writable(TinyModel.SEED))) {
            seventy = tiny.sampler(options).sentences(70);
            assertEquals(seventy.subList(0, 1), tiny.sampler(options).sentences(1));
            assertEquals(seventy.subList(0, 5), tiny.sampler(options).sentences(5));
            assertNotEquals(seventy, tiny.sampler(SamplingOptions.DEFAULT.seed(6).maxLength(LENGTH)).sentences(70));
        }
        try (TinyModel reference = TinyModel.on("reference", writable(TinyModel.SEED))) {
            assertEquals(seventy, reference.sampler(options).sentences(70));
        }
        // More than are written side by side: the number of a sentence goes on.
        assertNotEquals(seventy.subList(0, 6), seventy.subList(64, 70));
        assertTrue(new HashSet<>(seventy).size() > 50, () -> "the sentences repeat: " + seventy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "dbc"})
    void temperatureZeroAlwaysTakesTheMostProbable(String prime) {
        for (long seed : SEEDS) {
            try (TinyModel tiny = TinyModel.on("cpu", writable(seed))) {
                String greedy = greedy(tiny, prime);
                assertEquals(List.of(greedy, greedy, greedy),
                        tiny.sampler(options(0, prime, false, false)).sentences(3));
            }
        }
    }

    private static String greedy(TinyModel tiny, String prime) {
        StringBuilder text = new StringBuilder(prime);
        while (text.length() < LENGTH) {
            int best = TinyModel.best(tiny.next(text.toString()));
            if (best == VOCABULARY.end()) {
                break;
            }
            text.append(VOCABULARY.text(best));
        }
        return text.toString();
    }

    /** It begins a sentence, so where a model draws it the one before is over; no text has it. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void aStartSymbolThatIsDrawnIsNeverWritten(String device) {
        Weights often = TinyModel.changed(TinyModel.weights(TinyModel.SEED), "dense_2.bias",
                values -> values[VOCABULARY.start()] = 3);
        try (TinyModel tiny = TinyModel.on(device, often)) {
            assertEquals(VOCABULARY.start(), TinyModel.best(tiny.next("ab")));
            for (String sentence : tiny.sampler(options(1, "", false, false)).sentences(20)) {
                assertTrue(sentence.matches("[abcde]{0," + LENGTH + "}"), sentence);
            }
            assertEquals(List.of("ab"), tiny.sampler(options(0, "ab", false, false)).sentences(1));
            assertTrue(tiny.sampler(options(0, "ab", false, true)).sentences(1).getFirst()
                    .matches("ab" + Vocabulary.END_SIGN + "[^" + Vocabulary.START_SIGN + "]*"));
            new BeamSearch(tiny.model(), VOCABULARY, SamplingOptions.DEFAULT.maxLength(4), 50, 0)
                    .search(Beginnings.all("")).getFirst()
                    .forEach(found -> assertTrue(found.text().matches("[abcde]{0,4}"), found.text()));
        }
    }

    @Test
    void everySentenceBeginsWithThePrimeWhichCountsInItsLength() {
        try (TinyModel tiny = TinyModel.on("cpu")) {
            for (String sentence : tiny.sampler(options(1, "dab", false, false)).sentences(70)) {
                assertTrue(sentence.startsWith("dab") && sentence.length() <= LENGTH, sentence);
            }
            for (String sentence : tiny.sampler(options(1, "dab", false, true)).sentences(70)) {
                assertTrue(sentence.startsWith("dab") && sentence.length() == LENGTH, sentence);
            }
            String whole = "abcde".repeat(LENGTH).substring(0, LENGTH);
            assertEquals(List.of(whole, whole), tiny.sampler(options(1, whole, false, false)).sentences(2));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Z", "abZ", "a\nb"})
    void anUnknownCharacterInThePrimeIsRefused(String prime) {
        try (TinyModel tiny = TinyModel.on("cpu")) {
            assertRefused("the beginning", () -> tiny.sampler(options(1, prime, false, false)));
        }
    }

    @Test
    void keptStateChangesTheSecondSentenceAndNotTheFirst() {
        try (TinyModel tiny = TinyModel.on("cpu")) {
            List<String> fresh = tiny.sampler(options(1, "", false, true)).sentences(2);
            List<String> kept = tiny.sampler(options(1, "", true, true)).sentences(2);
            assertEquals(fresh.get(0), kept.get(0));
            assertNotEquals(fresh.get(1), kept.get(1));
        }
    }

    /** With the state kept, all sentences are one sequence, which can be predicted in one go. */
    @ParameterizedTest
    @ValueSource(strings = {"", "dab"})
    void keptStateHasSeenEverythingBefore(String prime) {
        int ended = 0;
        for (long seed : SEEDS) {
            try (TinyModel tiny = TinyModel.on("cpu", writable(seed))) {
                Recording recording = new Recording(3);
                tiny.sampler(options(0, prime, true, false)).sample(3, recording);
                List<Integer> sequence = new ArrayList<>();
                List<Integer> expected = new ArrayList<>();
                for (List<Integer> sentence : recording.symbols) {
                    sequence.add(VOCABULARY.start());
                    sequence.addAll(sentence);
                    expected.addAll(sentence);
                    if (sentence.size() < LENGTH) {
                        sequence.add(VOCABULARY.end());
                        expected.add(VOCABULARY.end());
                        ended++;
                    }
                    // After a whole sentence the next one starts, whatever the model predicts.
                    expected.add(null);
                }
                int[] best = Predictor.mostProbable(tiny.model(), sequence.stream().mapToInt(i -> i).toArray());
                int begin = 0;
                for (int i = 0; i < best.length; i++) {
                    begin = sequence.get(i) == VOCABULARY.start() ? i : begin;
                    // The prime was given, not predicted.
                    if (expected.get(i) != null && i - begin >= prime.length()) {
                        assertEquals(expected.get(i), best[i], "symbol " + i + " of " + sequence);
                    }
                }
            }
        }
        assertTrue(ended > 0, "no sentence ended before its greatest length");
    }

    @Test
    void pastTheEndEverySentenceHasTheGreatestLengthAndTheSameBeginning() {
        Recording past = new Recording(70);
        Recording plain = new Recording(70);
        try (TinyModel tiny = TinyModel.on("cpu")) {
            tiny.sampler(options(1, "", false, true)).sample(70, past);
            tiny.sampler(options(1, "", false, false)).sample(70, plain);
        }
        int ended = 0;
        for (int i = 0; i < 70; i++) {
            List<Integer> symbols = past.symbols.get(i);
            assertEquals(LENGTH, symbols.size());
            int end = IntStream.range(0, LENGTH).filter(at -> VOCABULARY.isOver(symbols.get(at))).findFirst()
                    .orElse(-1);
            assertEquals(end < 0 ? symbols : symbols.subList(0, end), plain.symbols.get(i));
            ended += end < 0 ? 0 : 1;
            assertEquals(1, past.ends[i]);
            assertEquals(1, plain.ends[i]);
        }
        assertTrue(ended > 0, ended + " of 70 ended");
    }

    @Test
    void samplingStopsWhenNobodyListens() {
        try (TinyModel tiny = TinyModel.on("cpu")) {
            Recording recording = new Recording(100);
            recording.patience = 10;
            tiny.sampler(SamplingOptions.DEFAULT.maxLength(Integer.MAX_VALUE).pastEnd(true)).sample(100, recording);
            assertEquals(1, recording.symbols.get(0).size());
            assertEquals(0, recording.symbols.get(99).size());
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 1})
    void logitsOfNaNAreRefused(double temperature) {
        for (String name : List.of("lstm_1.recurrent_kernel", "dense_2.bias")) {
            Weights broken = TinyModel.changed(TinyModel.weights(TinyModel.SEED), name,
                    values -> Arrays.fill(values, Double.NaN));
            for (String device : List.of("cpu", "reference")) {
                try (TinyModel tiny = TinyModel.on(device, broken)) {
                    SamplingOptions endless =
                            SamplingOptions.DEFAULT.temperature(temperature).maxLength(Integer.MAX_VALUE)
                                    .pastEnd(true);
                    assertRefused("NaN", () -> tiny.sampler(endless).sentences(3));
                    assertRefused("NaN", () -> tiny.sampler(options(temperature, "", true, false)).sentences(3));
                }
            }
        }
    }

    /** A sentence that has ended is computed on beside the others, and what it would say then must not matter. */
    @Test
    void whatFollowsASentencesEndDoesNotDisturbTheOthers() {
        Weights weights = TinyModel.weights(TinyModel.SEED);
        int row = weights.get("lstm_1.kernel").shape().get(1);
        Weights broken = TinyModel.changed(weights, "lstm_1.kernel",
                values -> Arrays.fill(values, VOCABULARY.end() * row, (VOCABULARY.end() + 1) * row, Double.NaN));
        SamplingOptions plain = SamplingOptions.DEFAULT.seed(5).maxLength(LENGTH);
        for (String device : List.of("cpu", "reference")) {
            try (TinyModel right = TinyModel.on(device, weights); TinyModel tiny = TinyModel.on(device, broken)) {
                assertEquals(right.sampler(plain).sentences(1), tiny.sampler(plain).sentences(1));
                List<String> sentences = right.sampler(plain).sentences(70);
                assertEquals(sentences, tiny.sampler(plain).sentences(70));
                assertTrue(sentences.stream().anyMatch(sentence -> sentence.length() < LENGTH - 1), "none ended early");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, -1, -Double.MIN_VALUE, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void temperaturesThatCannotSampleAreRefused(double temperature) {
        assertThrows(IllegalArgumentException.class, () -> options(temperature, "", false, false));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
    void lengthsBelowOneAreRefused(int length) {
        assertThrows(IllegalArgumentException.class, () -> SamplingOptions.DEFAULT.maxLength(length));
    }
}
