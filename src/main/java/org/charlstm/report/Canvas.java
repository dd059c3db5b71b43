package org.charlstm.report;

import java.util.List;

/** What a chart draws on. Coordinates are in pixels of a page at its natural size, from the top left. */
interface Canvas {
    /** The size of words, in pixels. */
    double FONT_SIZE = 11.5;
    /** Dashes and gaps of lines, so that series differ by more than colour; the first is unbroken. */
    List<List<Integer>> DASHES = List.of(List.of(), List.of(6, 3), List.of(2, 3), List.of(9, 3, 2, 3));

    /** Where a text begins, counted from its point. */
    enum Anchor {
        START, MIDDLE, END
    }

    /** A thin straight line. */
    void rule(double x1, double y1, double x2, double y2);

    /** A series' line through points, with one of the {@link #DASHES}. */
    void path(double[] x, double[] y, Ink ink, int dash);

    /** A point, with words for those who point at it. */
    void dot(double x, double y, Ink ink, String hint);

    /** A bar, with words for those who point at it. */
    void bar(double x, double y, double width, double height, Ink ink, String hint);

    /** Words on a base line. */
    void text(double x, double y, Anchor anchor, Ink ink, String text);

    /** About how wide a text is, in pixels. */
    static double width(String text) {
        return text.length() * 0.6 * FONT_SIZE;
    }
}
