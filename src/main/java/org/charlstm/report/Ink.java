package org.charlstm.report;

import java.util.Locale;

/**
 * What colour a mark has. On a page the scheme, light or dark, gives each its own; a picture is of the light one. The
 * colours of text and series stand out from the background by 4.5 to 1 or more in both.
 */
enum Ink {
    /** Words and numbers that are read first. */
    TEXT(0x1b1f24),
    /** Ticks and units. */
    MUTED(0x5a6472),
    /** Lines that guide the eye and say nothing. */
    GRID(0xdde2e8),
    /** Series, in the order in which they are told apart best. */
    S1(0x1f62b0), S2(0xb4530a), S3(0x17754a), S4(0x7d3fa6), S5(0xb3274f), S6(0x4b5b70);

    private static final Ink[] SERIES = {S1, S2, S3, S4, S5, S6};

    private final int light;

    Ink(int light) {
        this.light = light;
    }

    /** The colour in the light scheme, 0xRRGGBB. */
    int light() {
        return light;
    }

    /** The name of its class on a page. */
    String style() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The colour of a series by its number, from 0; they come round again, with other dashes. */
    static Ink series(int number) {
        return SERIES[number % SERIES.length];
    }
}
