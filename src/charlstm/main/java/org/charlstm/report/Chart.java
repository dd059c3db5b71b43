package org.charlstm.report;

import module java.base;

/** A chart that can be drawn on a page and into a picture. */
interface Chart {
    /** The width in pixels, readable on a phone; the chart grows with the page. */
    int WIDTH = 420;

    /** A part of the picture's file name: lower-case letters, digits and underscores. */
    String name();

    String title();

    /** The height in pixels. */
    int height();

    void draw(Canvas canvas);

    enum Anchor {
        START, MIDDLE, END
    }

    /** Colours by their role, with a contrast of at least 4.5 to 1. A page also has colours for a dark scheme. */
    enum Ink {
        TEXT(0x1b1f24), MUTED(0x5a6472), GRID(0xdde2e8),
        /** The colours of series, ordered for good contrast between neighbours. */
        S1(0x1f62b0), S2(0xb4530a), S3(0x17754a), S4(0x7d3fa6), S5(0xb3274f), S6(0x4b5b70);

        private static final List<Ink> SERIES = List.of(S1, S2, S3, S4, S5, S6);

        /** The colour as 0xRRGGBB on a light background. */
        final int light;

        Ink(int light) {
            this.light = light;
        }

        String style() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The colour of a series by its number, from 0. The colours repeat after the last, with other dashes. */
        static Ink series(int number) {
            return SERIES.get(number % SERIES.size());
        }
    }

    /** A surface for a chart, on a page or in a picture. Coordinates are pixels from the top left. */
    interface Canvas {
        /** The size in pixels. */
        double FONT_SIZE = 11.5;

        /**
         * The lengths of dashes and gaps, because series must differ in more than colour. The first is a solid line.
         */
        List<List<Integer>> DASHES = List.of(List.of(), List.of(6, 3), List.of(2, 3), List.of(9, 3, 2, 3));

        void rule(double x1, double y1, double x2, double y2);

        /** A line through points, with one of the {@link #DASHES}. */
        void path(double[] x, double[] y, Ink ink, int dash);

        default void line(double x1, double y1, double x2, double y2, Ink ink, int dash) {
            path(new double[] {x1, x2}, new double[] {y1, y2}, ink, dash);
        }

        void dot(double x, double y, Ink ink, String hint);

        void bar(double x, double y, double width, double height, Ink ink, String hint);

        void text(double x, double y, Anchor anchor, Ink ink, String text);

        static double width(String text) {
            return text.length() * 0.6 * FONT_SIZE;
        }
    }
}
