package org.charlstm.report;

import java.util.Locale;
import org.charlstm.train.Figures;

/** The style of an epoch's figure. A summary shows the figure's last value, or the median of a time. */
record FigureStyle(String series, String column, String key, String unit, String chart, String title, String format,
        boolean ofTime) {
    static FigureStyle of(String name) {
        String words = Words.name(name);
        String capital = Character.toUpperCase(words.charAt(0)) + words.substring(1);
        return switch (name) {
            case Figures.LOSS -> loss("training", "Loss", "Loss");
            case Figures.VAL_LOSS -> loss("validation", "Val. loss", "Validation loss");
            case Figures.REAL_LOSS -> realLoss("training", "Real loss", "Real loss");
            case Figures.VAL_REAL_LOSS -> realLoss("validation", "Val. real loss", "Validation real loss");
            case Figures.TEST_REAL_LOSS -> realLoss("test", "Test real loss", "Test real loss");
            case Figures.BITS -> bits("bits per character", "Bits/character", "Bits per character");
            case Figures.VAL_BITS -> bits("validation bits per character", "Val. bits/character",
                    "Validation bits per character");
            case Figures.TEST_BITS -> bits("test bits per character", "Test bits/character", "Test bits per character");
            case Figures.SECONDS -> new FigureStyle("seconds", "Seconds", "Median epoch", "s", "seconds",
                    "Seconds per epoch", "%.3f", true);
            case Figures.CHARS_PER_SECOND -> new FigureStyle("characters/s", "Characters/s", "Speed", "characters/s",
                    "speed", "Characters a second", "%,.0f", true);
            default -> Figures.isLoss(name) ? loss(words, capital, capital) : new FigureStyle(words, capital, capital,
                    "", name, capital, "", false);
        };
    }

    private static FigureStyle loss(String series, String column, String key) {
        return new FigureStyle(series, column, key, "nats", "loss", "Loss a character", "%.4f", false);
    }

    private static FigureStyle realLoss(String series, String column, String key) {
        return new FigureStyle(series, column, key, "nats", Figures.REAL_LOSS, "Loss a character, padding left out",
                "%.4f", false);
    }

    String text(double value) {
        return format.isEmpty() ? Words.number(value) : String.format(Locale.ROOT, format, value);
    }

    /** The loss without padding in another unit, which therefore has no chart. */
    private static FigureStyle bits(String series, String column, String key) {
        return new FigureStyle(series, column, key, "bits", "bits", key, "%.3f", false);
    }

    static boolean isBits(String name) {
        return name.equals(Figures.BITS) || name.equals(Figures.VAL_BITS) || name.equals(Figures.TEST_BITS);
    }
}
