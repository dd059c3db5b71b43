package org.charlstm.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.charlstm.nn.Model;
import org.charlstm.report.EventFile;
import org.charlstm.report.Report;
import org.charlstm.sample.Sampler;
import org.charlstm.sample.SamplingOptions;
import org.charlstm.text.Corpus;
import org.charlstm.train.Figures;
import org.charlstm.train.RunFolder;

/** Keeps figures, sentences and the report of a training as it goes on, outside of the time of its epochs. */
final class Follower {
    /** A report as the training goes on is for a person to look at: not more often than this. */
    private static final long REPORT_NANOS = 1_000_000_000;
    /** And not more than one part in this many of the time. */
    private static final long REPORT_SHARE = 50;
    /** Where captions are longer, the beginning shows what was learned. */
    private static final int MAX_LENGTH = 400;
    /** Of running text, a few lines that go on from a few words. */
    private static final int RUNNING_LENGTH = 200;
    private static final int PRIME_LENGTH = 20;

    private final Console console;
    private final FollowOptions options;
    private final RunFolder folder;
    private final Sampler sampler;
    private EventFile events;
    private int sampled;
    private long next = System.nanoTime() + REPORT_NANOS;

    Follower(Console console, FollowOptions options, RunFolder folder, TrainingText text, Model model, long seed) {
        this.console = console;
        this.options = options;
        this.folder = folder;
        // Every time from the same seed, so that a sentence shows what the model has learned rather than its luck.
        sampler = new Sampler(model, text.corpus().vocabulary(), options(text.corpus(), seed));
    }

    private static SamplingOptions options(Corpus corpus, long seed) {
        if (corpus.vocabulary().hasMarkers()) {
            return SamplingOptions.plain(seed, Math.min(corpus.steps(), MAX_LENGTH));
        }
        // Running text has no symbol to start from, nor an end: it goes on from the beginning of the text.
        String prime = Arrays.stream(corpus.input(0)).limit(PRIME_LENGTH).mapToObj(corpus.vocabulary()::text)
                .collect(Collectors.joining());
        return new SamplingOptions(1, seed, RUNNING_LENGTH, prime, false, false);
    }

    /** Starts the files, when the folder is this run's. */
    void begin() {
        events = options.tensorBoard() ? EventFile.create(folder.path()) : null;
    }

    /** Prints and keeps an epoch's figures. */
    void epoch(Figures figures, int epochs) {
        folder.add(figures);
        if (events != null) {
            events.add(figures);
        }
        StringBuilder line = new StringBuilder("epoch " + figures.epoch() + "/" + epochs);
        figures.values().forEach((name, value) -> line.append("  ").append(words(name, value)));
        console.line(line.toString());
        if (options.samplesAfter(figures.epoch())) {
            sample(figures.epoch()).forEach(sentence -> console.line("    %s", Visible.text(sentence)));
        }
        long now = System.nanoTime();
        if (now - next >= 0) {
            Report.of(folder.path()).write();
            next = System.nanoTime() + Math.max(REPORT_NANOS, REPORT_SHARE * (System.nanoTime() - now));
        }
    }

    private static String words(String name, double value) {
        return switch (name) {
            case Figures.SECONDS -> String.format(Locale.ROOT, "%.2f s", value);
            case Figures.CHARS_PER_SECOND -> String.format(Locale.ROOT, "%,.0f characters/s", value);
            default -> String.format(Locale.ROOT, Figures.isLoss(name) ? "%s %.4f" : "%s %.4g", name, value);
        };
    }

    private List<String> sample(int epoch) {
        List<String> sentences = sampler.sentences(options.count());
        folder.add(epoch, sentences);
        if (events != null) {
            events.add(epoch, sentences);
        }
        sampled = epoch;
        return sentences;
    }

    /** Keeps sentences of the trained model, if the last epoch left none. */
    void end(int epoch) {
        if (epoch > sampled) {
            sample(epoch);
        }
    }

    /** Writes the report of what is in the folder. */
    void report() {
        Report report = Report.of(folder.path());
        report.write();
        if (options.png()) {
            report.writePictures();
        }
    }
}
