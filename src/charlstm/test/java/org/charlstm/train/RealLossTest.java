package org.charlstm.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.Device;
import org.charlstm.device.TestDevices;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.text.Vocabulary;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The loss of real characters, held to that of captions one by one, none of which has padding. */
class RealLossTest {
    private static final Captions CAPTIONS = Captions.of(List.of("a", "a cat", "the cat sat", "dogs", "a dog sat"));
    private static final Vocabulary VOCABULARY = Vocabulary.of(CAPTIONS);
    private static final Corpus CORPUS = Corpus.encode(CAPTIONS, VOCABULARY, 20);
    /** Rates so low that the model stays as it is. */
    private static final TrainingOptions OPTIONS = new TrainingOptions(2, 1e-30, 3, true);

    static Stream<String> devices() {
        return TestDevices.once(TestDevices.all());
    }

    private static Model model(Device device) {
        return new Model(device, Initializer.keras(Models.of(VOCABULARY.size(), 7, 5), 1));
    }

    private static double expected(Model model) {
        double sum = 0;
        int characters = 0;
        for (String caption : CAPTIONS.texts()) {
            Evaluation alone = Evaluation.of(model, Corpus.encode(Captions.of(List.of(caption)), VOCABULARY), 1);
            assertEquals(alone.loss(), alone.realLoss());
            sum += alone.loss() * (caption.length() + 1);
            characters += caption.length() + 1;
        }
        return sum / characters;
    }

    @ParameterizedTest
    @MethodSource("devices")
    void isThatOfCaptionsWithoutPadding(String name) {
        try (Device device = TestDevices.open(name);
                Model model = model(device);
                Trainer trainer = new Trainer(model, CORPUS, OPTIONS)) {
            double expected = expected(model);
            Evaluation evaluation = Evaluation.of(model, CORPUS, 2);
            assertEquals(expected, evaluation.realLoss(), 1e-5);
            assertEquals(expected / Math.log(2), evaluation.bits(), 1e-5);
            assertTrue(Math.abs(evaluation.loss() - evaluation.realLoss()) > 1e-3, "padding makes no difference");
            Figures figures = trainer.epoch(EpochListener.NONE);
            assertEquals(expected, figures.get(Figures.REAL_LOSS), 1e-5);
            assertEquals(expected / Math.log(2), figures.get(Figures.BITS), 1e-5);
            assertEquals(evaluation.loss(), figures.loss(), 1e-5);
        }
    }
}
