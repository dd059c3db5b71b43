package org.charlstm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;
import org.charlstm.device.Device.Lease;
import org.charlstm.device.spi.Leases;
import org.charlstm.nn.Initializer;
import org.charlstm.nn.Model;
import org.charlstm.nn.Models;
import org.charlstm.nn.Weights;
import org.charlstm.sample.Predictor;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Captions;
import org.charlstm.text.Corpus;
import org.charlstm.train.EpochListener;
import org.charlstm.train.Evaluation;
import org.charlstm.train.Trainer;
import org.charlstm.train.TrainingOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A device serves one thread after the other, and none while it serves another. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LeaseTest {
    private static final Captions CAPTIONS = Captions.of(List.of("abc", "ca", "b", "cab"));
    private static final Corpus CORPUS = Corpus.encode(CAPTIONS);
    private static final Weights WEIGHTS = Initializer.keras(Models.of(CORPUS.vocabulary().size(), 20, 3), 1);
    private static final TrainingOptions OPTIONS = new TrainingOptions(2, 0.01, 1, true);

    private final ExecutorService other = Executors.newSingleThreadExecutor(work -> new Thread(work, "the other"));

    static Stream<String> devices() {
        return Stream.concat(Stream.of("reference"), TestDevices.all());
    }

    @AfterEach
    void end() throws InterruptedException {
        other.shutdownNow();
        assertTrue(other.awaitTermination(10, TimeUnit.MINUTES));
    }

    private static Sampler sampler(Model model) {
        return new Sampler(model, CORPUS.vocabulary(), SamplingOptions.DEFAULT.maxLength(5));
    }

    /** Has the other thread do something while this one waits, and gives what it fails with. */
    private Throwable failure(Callable<?> use) {
        return assertThrows(ExecutionException.class, () -> other.submit(use).get()).getCause();
    }

    private void refused(Callable<?> use) {
        Throwable failure = failure(use);
        assertInstanceOf(IllegalStateException.class, failure);
        assertTrue(failure.getMessage().matches("device '[a-z]+' is in use in thread '.+'; a device and its models "
                + "serve one thread at a time: open a device and a model for each thread"), failure.getMessage());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aSecondThreadIsRefusedWhileTheFirstIsAtWork(String name) {
        try (Device device = TestDevices.open(name);
                Model model = new Model(device, WEIGHTS);
                Model sibling = new Model(device, WEIGHTS);
                Trainer trainer = new Trainer(model, CORPUS, OPTIONS);
                Memory memory = device.memory()) {
            List<String> alone = sampler(model).sentences(3);
            Evaluation.of(model, CORPUS, 2, () -> {
                refused(() -> sampler(model).sentences(1));
                refused(() -> sampler(sibling).sentences(1));
                refused(() -> Evaluation.of(model, CORPUS, 2));
                refused(() -> Predictor.next(model, CORPUS.vocabulary(), "a"));
                refused(() -> trainer.epoch(EpochListener.NONE));
                refused(() -> new Model(device, WEIGHTS));
                refused(model::weights);
                refused(Executors.callable(memory::close));
                return true;
            });
            sampler(model).sample(3, new Sampler.Sink() {
                @Override
                public void symbol(int sentence, int symbol) {
                    refused(model::weights);
                }

                @Override
                public void end(int sentence) {
                    // Nothing is to be done.
                }
            });
            assertEquals(alone, sampler(model).sentences(3), "a call that was refused changes something");
            trainer.epoch((done, rows, loss) -> {
                refused(() -> sampler(model).sentences(1));
                return true;
            });
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void itIsHandedFromThreadToThread(String name) throws InterruptedException, ExecutionException {
        Weights trained;
        List<String> sentences;
        try (Device device = TestDevices.open(name);
                Model model = new Model(device, WEIGHTS);
                Trainer trainer = new Trainer(model, CORPUS, OPTIONS)) {
            trainer.epoch(EpochListener.NONE);
            trainer.epoch(EpochListener.NONE);
            sentences = sampler(model).sentences(3);
            trained = model.weights();
        }
        try (Device device = other.submit(() -> TestDevices.open(name)).get();
                Model model = new Model(device, WEIGHTS);
                Trainer trainer = other.submit(() -> new Trainer(model, CORPUS, OPTIONS)).get()) {
            trainer.epoch(EpochListener.NONE);
            other.submit(() -> trainer.epoch(EpochListener.NONE)).get();
            assertEquals(sentences, sampler(model).sentences(3));
            assertEquals(trained, other.submit(model::weights).get());
        }
    }

    /** It ends when the one at work notices, who is told, and nothing is freed under that one's hands. */
    @ParameterizedTest
    @MethodSource("devices")
    void aDeviceThatIsClosedInTheMidstOfWorkEndsAfterIt(String name) {
        Device device = TestDevices.open(name);
        Model model = new Model(device, WEIGHTS);
        Trainer trainer = new Trainer(model, CORPUS, OPTIONS);
        String message = assertThrows(IllegalStateException.class, () -> Evaluation.of(model, CORPUS, 2, () -> {
            Future<?> closing = other.submit(device::close);
            try {
                closing.get();
            } catch (InterruptedException | ExecutionException e) {
                throw new AssertionError(e);
            }
            return true;
        })).getMessage();
        assertEquals("device '" + TestDevices.device(name) + "' is closed", message);
        assertTrue(device.memoryUse().isEmpty(), device.memoryUse()::toString);
        trainer.close();
        model.close();
    }

    /** Closed in between two leases of a thread that takes one after the other, or within one. */
    @Test
    void aLeaseIsClosedOnceByWhoHasIt() throws InterruptedException, ExecutionException {
        Leases leases = new Leases("it");
        Lease lease = leases.lease();
        assertThrows(IllegalStateException.class, () -> {
            try {
                other.submit(lease::close).get();
            } catch (ExecutionException e) {
                throw e.getCause();
            }
        });
        lease.close();
        assertThrows(IllegalStateException.class, lease::close);
        leases.lease().close();
        AtomicInteger ends = new AtomicInteger();
        leases.close(ends::incrementAndGet);
        assertEquals(1, ends.get());
    }

    @Test
    void nothingIsLentThatHasEndedAndNothingEndsThatIsLent() throws InterruptedException, ExecutionException {
        for (int round = 0; round < 2000; round++) {
            Leases leases = new Leases("it");
            AtomicInteger ends = new AtomicInteger();
            Future<?> closing = other.submit(() -> leases.close(ends::incrementAndGet));
            String message = assertThrows(IllegalStateException.class, () -> {
                while (true) {
                    try (Lease _ = leases.lease()) {
                        assertEquals(0, ends.get(), "lent after its end");
                        Thread.onSpinWait();
                        assertEquals(0, ends.get(), "ended while lent");
                    }
                }
            }).getMessage();
            closing.get();
            assertTrue(message.equals("it is closed") || message.startsWith("it is in use"), message);
            assertEquals(1, ends.get());
        }
    }
}
